/**
 * Knows which replicas are alive. Each replica renews its own lease, and one whose lease has expired is gone. A replica
 * trusts that only after it has itself reached the state for the length of a lease: an outage of the state must not make
 * all replicas look dead.
 */
import type { Replica } from './replica.js';

/** How long a lease lasts, milliseconds; a replica renews it three times in that time. */
export const LEASE_MS = 15_000;

/** How long a stopped replica stays recorded as such, so that one that has just started knows it too. */
const GOODBYE_MS = 4 * LEASE_MS;
const SPACE = 'replica';

export class Leases {
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Since when all renewals have succeeded. */
  #steadySince: number | undefined;
  #renewedAt = 0;

  constructor(
    readonly replica: Replica,
    readonly leaseMs = LEASE_MS,
  ) {
    const renew = (): void => void this.#renew().catch(replica.onError);
    replica.every(leaseMs / 3, renew);
    renew();
  }

  /** False only for a replica that is certainly gone. @throws StateUnavailable */
  async isAlive(id: string): Promise<boolean> {
    const { replica } = this;
    if (id === replica.id) return true;
    const lease = await replica.state.get(replica.space(SPACE), id);
    if (lease !== undefined) return lease.ended !== true;
    return this.#steadySince === undefined || replica.now - this.#steadySince < this.leaseMs;
  }

  /** Calls `run` once when that replica is gone, unless the returned function is called first. */
  whenGone(id: string, run: () => void): () => void {
    const callbacks = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, callbacks.add(run));
    return () => {
      callbacks.delete(run);
      if (callbacks.size === 0 && this.#waiting.get(id) === callbacks) this.#waiting.delete(id);
    };
  }

  /** Ends the lease, so that no replica waits for it to expire. */
  async close(): Promise<void> {
    await this.#put(this.replica.now + GOODBYE_MS, true);
  }

  async #renew(): Promise<void> {
    const start = this.replica.now;
    // A suspended process missed what happened meanwhile.
    if (start - this.#renewedAt > this.leaseMs) this.#steadySince = undefined;
    try {
      await this.#put(start + this.leaseMs, false);
    } catch (error) {
      this.#steadySince = undefined;
      throw error;
    }
    this.#renewedAt = start;
    this.#steadySince ??= start;
    for (const [id, callbacks] of [...this.#waiting]) {
      if (await this.isAlive(id)) continue;
      this.#waiting.delete(id);
      for (const run of callbacks) run();
    }
  }

  async #put(expiresAt: number, ended: boolean): Promise<void> {
    const { state, id } = this.replica;
    await state.update(this.replica.space(SPACE), id, () => ({
      result: undefined,
      // A renewal that was on its way when the replica closed must not bring it back.
      ...(this.replica.closed && !ended ? {} : { put: { value: { ended }, expiresAt } }),
    }));
  }
}
