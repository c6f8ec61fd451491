/** Waiting for a condition instead of for a time: a test goes on as soon as it can, and fails only if it never could. */
import { setTimeout as pause } from 'node:timers/promises';

const MAX_MS = 20_000;
const LOOK_MS = 5;
/** Taken before a test can replace it: see time.ts. */
const now = performance.now.bind(performance);

/**
 * Resolves as soon as `holds` returns something other than undefined, null or false, with that value.
 * @throws Error which says that `what` did not happen, after `ms`
 */
export async function until<Value>(
  holds: () => Value | Promise<Value>,
  what: string | (() => string) = holds.toString(),
  ms = MAX_MS,
): Promise<Exclude<Value, false | null | undefined>> {
  const end = now() + ms;
  for (;;) {
    const value = await holds();
    if (value !== undefined && value !== null && value !== false)
      return value as Exclude<Value, false | null | undefined>;
    if (now() > end) throw missed(what, ms);
    await pause(LOOK_MS);
  }
}

const missed = (what: string | (() => string), ms: number): Error =>
  new Error(`not within ${ms / 1000} s: ${typeof what === 'string' ? what : what()}`);

/**
 * The result of `work`, which must come in time.
 * @throws Error which says that `what` did not happen, after `ms`
 */
export async function within<Value>(
  work: Promise<Value>,
  what: string | (() => string),
  ms = MAX_MS,
): Promise<Value> {
  const settled = new AbortController();
  const late = pause(ms, undefined, { signal: settled.signal }).then(() => {
    throw missed(what, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    settled.abort();
  }
}

/** Lets everything run that is ready to run: promises, and input that has arrived. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
