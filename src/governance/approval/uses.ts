/**
 * The approvals that this process used. It never uses one twice, even when somebody restores the earlier, validly sealed row in
 * the shared state. Uses of one approval wait for each other here, so a thousand of them ask the shared state once.
 *
 * Limits: this is the memory of one process. Somebody who can write to the state can restore the row and let the approved call
 * run once more at another replica, or after a restart, until the approval expires. The audit log then shows both uses.
 */

/** More than people can approve before an approval expires; the oldest are forgotten first. */
const MAX_USED = 100_000;
/**
 * How long one use waits for another, milliseconds. A longer one hangs on its record, and its reservation lapses
 * (recorded-step.ts).
 */
const PATIENCE_MS = 30_000;

export type Uses = {
  has(id: string): boolean;
  /** Runs one use after the earlier ones have ended or timed out. Does not call `use` for an approval that was used already. */
  take(id: string, expiresAt: number, use: () => Promise<boolean>): Promise<boolean>;
};

type Parts = { now: () => number; after: (ms: number, run: () => void) => () => void };

export function createUses({ now, after }: Parts): Uses {
  const used = new Map<string, number>();
  const underWay = new Map<string, Promise<void>>();

  function remember(id: string, expiresAt: number): void {
    if (used.size >= MAX_USED) for (const [one, until] of used) if (until <= now()) used.delete(one);
    const [oldest] = used.keys();
    if (used.size >= MAX_USED && oldest !== undefined) used.delete(oldest);
    used.set(id, expiresAt);
  }

  async function ended(before: Promise<void>): Promise<void> {
    let forget = (): void => {};
    const patience = new Promise<void>((resolve) => {
      forget = after(PATIENCE_MS, resolve);
    });
    await Promise.race([before, patience]);
    forget();
  }

  async function inTurn(id: string, expiresAt: number, use: () => Promise<boolean>): Promise<boolean> {
    if (used.has(id)) return false;
    const done = await use();
    if (done) remember(id, expiresAt);
    return done;
  }

  return {
    has: (id) => used.has(id),
    take(id, expiresAt, use) {
      const before = underWay.get(id);
      const turn = (): Promise<boolean> => inTurn(id, expiresAt, use);
      const own = before === undefined ? turn() : ended(before).then(turn);
      const settled: Promise<void> = own.then(
        () => undefined,
        () => undefined,
      );
      underWay.set(id, settled);
      void settled.then(() => {
        if (underWay.get(id) === settled) underWay.delete(id);
      });
      return own;
    },
  };
}
