/** The end of a token, for what lasts longer than a request: every request is checked, and a stream is one that lasts. */
import { after, now } from '../clock.js';
import type { Principal } from '../principal.js';

/** Longer ones overflow, and would strike at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `run` when the principal's token has ended, unless the returned function is called first. */
export function atExpiry({ expiresAt }: Principal, run: () => void): () => void {
  if (expiresAt === undefined) return () => {};
  let forget: () => void;
  const wait = (): void => {
    const ms = expiresAt * 1_000 - now().getTime();
    forget = ms > 0 ? after(Math.min(ms, LONGEST_TIMER_MS), wait) : after(0, run);
  };
  wait();
  return () => forget();
}
