/**
 * The end of a token, for what lasts longer than a request: every request is checked, and a stream is one that lasts. One
 * whose token names no end is closed after a while; its client comes back, and is checked then.
 */
import { after, now } from '../clock.js';
import type { Principal } from '../principal.js';
import { ANONYMOUS } from './incoming.js';

/** Longer ones overflow, and would strike at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Seconds. */
const WITHOUT_END_S = 900;

/** Calls `run` when the principal's token has ended, unless the returned function is called first. */
export function atExpiry(principal: Principal, run: () => void): () => void {
  // Who brought no token at all speaks on an open server.
  if (principal === ANONYMOUS) return () => {};
  const { expiresAt = now().getTime() / 1_000 + WITHOUT_END_S } = principal;
  let forget: () => void;
  const wait = (): void => {
    const ms = expiresAt * 1_000 - now().getTime();
    forget = ms > 0 ? after(Math.min(ms, LONGEST_TIMER_MS), wait) : after(0, run);
  };
  wait();
  return () => forget();
}
