/**
 * Group commit: one fdatasync serves everybody who waits for the disk at that moment, and those who come meanwhile share the next.
 */
import type { LogFile } from './disk.js';

/** A record, or a question without one, that waits to be written. */
export type Waiter = { resolve(): void; reject(error: Error): void };

/**
 * Few syncs run at a time over all tenants, because each occupies one of Node's four threads for as long as the disk takes, and
 * everything else needs them too.
 */
export class SyncLimit {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  async run(sync: () => Promise<void>): Promise<void> {
    if (this.#running >= 2) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running += 1;
    try {
      await sync();
    } finally {
      // A free place goes straight to the next in the queue.
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

export class GroupSync<W extends Waiter> {
  #waiters: W[] = [];
  #running: Promise<void> | undefined;
  #failures = 0;

  constructor(
    private readonly limit: SyncLimit,
    private readonly onFailure: (error: unknown, unconfirmed: W[]) => void,
  ) {}

  get busy(): boolean {
    return this.#running !== undefined;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Their records have been written to `file`, which stays open until `idle`. */
  add(file: LogFile, waiters: W[]): void {
    if (waiters.length === 0) return;
    this.#waiters.push(...waiters);
    this.#running ??= this.#run(file);
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(file: LogFile): Promise<void> {
    while (this.#waiters.length > 0) {
      const served = this.#waiters;
      this.#waiters = [];
      try {
        await this.limit.run(() => file.datasync());
        for (const { resolve } of served) resolve();
      } catch (error) {
        // The system may have dropped what it could not write, including what was written during the attempt: a later
        // success would prove nothing for those records.
        this.#failures += 1;
        this.onFailure(error, [...served, ...this.#waiters.splice(0)]);
      }
    }
    this.#running = undefined;
  }
}
