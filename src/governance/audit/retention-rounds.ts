/** When old days are compressed and removed: in a round every hour, by the one process that holds the lock for it. */
import { AuditLocked, type Lock, takeLock } from './lock.js';
import { closeDays, type Retention } from './retention.js';

const EVERY_MS = 3_600_000;
/** No replica has this name in the lock's file: an underscore is followed by two hexadecimal digits there. */
const LOCK_NAME = '_retention';

type Options = Omit<Retention, 'now' | 'signal' | 'onBroken'> & {
  wait(ms: number): Promise<void>;
  onError(error: Error): void;
};

export class RetentionRounds {
  readonly #ending = new AbortController();
  #lastAt = Number.NEGATIVE_INFINITY;
  #lock: Lock | undefined;
  #round: Promise<void> | undefined;

  constructor(private readonly options: Options) {}

  /** Called every second: others would take over a lock that nobody touches. */
  async tick(now: Date): Promise<void> {
    await this.#lock?.beat(now);
    if (this.#round !== undefined || Math.abs(now.getTime() - this.#lastAt) < EVERY_MS) return;
    this.#lastAt = now.getTime();
    this.#round = this.#run(now)
      .catch((cause: unknown) => {
        if (cause instanceof AuditLocked || this.#ending.signal.aborted) return;
        this.options.onError(new Error('old days cannot be compressed or removed', { cause }));
      })
      .finally(() => {
        this.#round = undefined;
      });
  }

  /** Stops a round in the middle; the next process finishes it. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#round;
  }

  async #run(now: Date): Promise<void> {
    const { dir, wait, onError } = this.options;
    this.#lock = await takeLock(dir, LOCK_NAME, wait);
    try {
      await closeDays({
        ...this.options,
        now,
        onBroken: ({ folder, replica }, places) =>
          onError(
            new Error(
              `${folder}/${replica} was broken in ${places} ${places === 1 ? 'place' : 'places'} when old days were removed`,
            ),
          ),
        signal: this.#ending.signal,
      });
    } finally {
      await this.#lock.release();
      this.#lock = undefined;
    }
  }
}
