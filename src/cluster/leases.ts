/**
 * Which replicas live: each renews a row of its own, and whose row has ended is gone. A replica judges others only after it
 * has itself reached the state for as long as a lease: a state that was away for all must not make the dead of the living.
 */
import type { Replica } from './replica.js';

/** How long a replica is believed to live after it last said so, milliseconds; it says so three times as often. */
export const LEASE_MS = 15_000;

/** How long it is known that a replica has stopped, so that also one which has only just begun believes it. */
const GOODBYE_MS = 4 * LEASE_MS;
const SPACE = 'replica';

export class Leases {
  readonly #waiting = new Map<string, Set<() => void>>();
  /** When the renewals began that have all succeeded since. */
  #steadySince: number | undefined;
  #renewed = 0;

  constructor(
    readonly replica: Replica,
    readonly leaseMs = LEASE_MS,
  ) {
    const turn = (): void => void this.#turn().catch(replica.onError);
    replica.every(leaseMs / 3, turn);
    turn();
  }

  /** False only of a replica that is certainly gone. @throws StateUnavailable */
  async alive(id: string): Promise<boolean> {
    const { replica } = this;
    if (id === replica.id) return true;
    const lease = await replica.state.get(replica.space(SPACE), id);
    if (lease !== undefined) return lease.ended !== true;
    return this.#steadySince === undefined || replica.now - this.#steadySince < this.leaseMs;
  }

  /** Calls `run` once when that replica is gone, unless the returned function is called first. */
  whenGone(id: string, run: () => void): () => void {
    const all = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, all.add(run));
    return () => {
      all.delete(run);
      if (all.size === 0 && this.#waiting.get(id) === all) this.#waiting.delete(id);
    };
  }

  /** Says goodbye, so that nobody waits for the lease to end. */
  async close(): Promise<void> {
    await this.#put(this.replica.now + GOODBYE_MS, true);
  }

  async #turn(): Promise<void> {
    const began = this.replica.now;
    // A process that stood still knows nothing of what happened meanwhile.
    if (began - this.#renewed > this.leaseMs) this.#steadySince = undefined;
    try {
      await this.#put(began + this.leaseMs, false);
    } catch (error) {
      this.#steadySince = undefined;
      throw error;
    }
    this.#renewed = began;
    this.#steadySince ??= began;
    for (const [id, all] of [...this.#waiting]) {
      if (await this.alive(id)) continue;
      this.#waiting.delete(id);
      for (const run of all) run();
    }
  }

  async #put(expiresAt: number, ended: boolean): Promise<void> {
    const { state, id } = this.replica;
    await state.update(this.replica.space(SPACE), id, () => ({
      result: undefined,
      // A turn that was on its way when the replica was closed must not bring it back.
      ...(this.replica.closed && !ended ? {} : { put: { value: { ended }, expiresAt } }),
    }));
  }
}
