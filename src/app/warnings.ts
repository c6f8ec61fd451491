/** Warnings on stderr, one line each. A problem that lasts gets a line now and then, so it cannot fill the log. */
import { now } from '../wire/clock.js';

const PAUSE_MS = 10_000;
/** How many kinds of problem are remembered. Some are named by what comes from outside. */
const MAX_KINDS = 1_000;

export type OnError = (error: unknown, about: string) => void;

/** Passes on at most one error of each kind in ten seconds; `about` is the kind. */
export function throttledLog(onError: OnError, clock: () => Date): OnError {
  const lastTimes = new Map<string, number>();
  return (error, about) => {
    const time = clock().getTime();
    const last = lastTimes.get(about);
    if (last !== undefined && time - last < PAUSE_MS) return;
    if (lastTimes.size >= MAX_KINDS) lastTimes.clear();
    lastTimes.set(about, time);
    onError(error, about);
  };
}

export const warnings = throttledLog((error, about) => console.error(`${about}: ${reasons(error)}`), now);

/** The message of an error and those of its causes. */
function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  const message = error.message || code;
  return error.cause === undefined ? message : `${message}: ${reasons(error.cause)}`;
}
