/**
 * The approvals that this process used. It never uses one twice, even when somebody restores the earlier, validly sealed row in
 * the shared state. Uses of one approval wait for each other here, so a thousand of them ask the shared state once.
 *
 * Limits: this is the memory of one process. Somebody who can write to the state can restore the row and let the approved call
 * run once more at another replica, or after a restart, until the approval expires. The audit log then shows both uses.
 */

import type { After } from '../../wire/clock.js';

/** More than people can approve before an approval expires; the oldest are forgotten first. */
const MAX_USED = 100_000;
/**
 * How long one use waits for another, milliseconds. A longer one hangs on its record, and its reservation lapses
 * (recorded-step.ts).
 */
const PATIENCE_MS = 30_000;

type Parts = { now: () => number; after: After };

export function createUses({ now, after }: Parts) {
  const expiryById = new Map<string, number>();
  const underWay = new Map<string, Promise<unknown>>();

  function remember(id: string, expiresAt: number): void {
    if (expiryById.size >= MAX_USED)
      for (const [other, until] of expiryById) if (until <= now()) expiryById.delete(other);
    const [oldest = id] = expiryById.keys();
    if (expiryById.size >= MAX_USED) expiryById.delete(oldest);
    expiryById.set(id, expiresAt);
  }

  /** Resolves when the earlier use has ended, or after a while. */
  async function waitFor(earlier: Promise<unknown>): Promise<void> {
    let cancel = (): void => {};
    const timeout = new Promise<void>((resolve) => {
      cancel = after(PATIENCE_MS, resolve);
    });
    await Promise.race([earlier.catch(() => {}), timeout]);
    cancel();
  }

  return {
    has: (id: string): boolean => expiryById.has(id),

    /** Calls `use` after the earlier uses have ended or timed out, unless the approval was used already. */
    take(id: string, expiresAt: number, use: () => Promise<boolean>): Promise<boolean> {
      const earlier = underWay.get(id);
      const run = async (): Promise<boolean> => {
        if (earlier !== undefined) await waitFor(earlier);
        if (expiryById.has(id)) return false;
        const isUsed = await use();
        if (isUsed) remember(id, expiresAt);
        return isUsed;
      };
      const own = run().finally(() => {
        if (underWay.get(id) === own) underWay.delete(id);
      });
      underWay.set(id, own);
      return own;
    },
  };
}
