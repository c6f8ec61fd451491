/** Waiting for a condition instead of for a time: a test goes on as soon as it can, and fails only if it never could. */
import { setTimeout as pause } from 'node:timers/promises';

const MAX_MS = 20_000;
const LOOK_MS = 5;

/**
 * Resolves as soon as `holds` gives something other than undefined, null or false, with what it gave.
 * @throws Error which says that `what` did not happen, after `ms`
 */
export async function until<Value>(
  holds: () => Value | Promise<Value>,
  what = holds.toString(),
  ms = MAX_MS,
): Promise<Exclude<Value, false | null | undefined>> {
  const end = performance.now() + ms;
  for (;;) {
    const value = await holds();
    if (value !== undefined && value !== null && value !== false)
      return value as Exclude<Value, false | null | undefined>;
    if (performance.now() > end) throw new Error(`not within ${ms / 1000} s: ${what}`);
    await pause(LOOK_MS);
  }
}
