/**
 * What this process has used up: it uses no approval a second time, even when somebody puts the earlier, rightly sealed row back
 * into the shared state. Uses of one approval wait for each other here, so that of a thousand only one asks the shared state.
 *
 * It is one process's memory. Whoever can write to the state, and puts the row back between two uses at two replicas, or before
 * and after a restart, lets one approved call run once more at the other, while the approval lasts. The audit log then shows both.
 */

/** More than people approve while an approval lasts; the oldest are forgotten first. */
const MAX_USED = 100_000;
/** A use that takes longer is no longer waited for: its record hangs, and its reservation lapses (recorded-step.ts), milliseconds. */
const PATIENCE_MS = 30_000;

export type Uses = {
  has(id: string): boolean;
  /** One use, after those before it have ended, or taken too long. `use` is not called for what was used up. */
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
