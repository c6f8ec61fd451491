/**
 * Who runs when: a number of statements at once, the others in line. Our own may go ahead of everybody else's. A line
 * that is full, or too slow, says so at once instead of letting callers wait for nothing.
 */
import { DatabaseBusy } from './database.js';

export type TurnBounds = {
  /** Statements that run at the same time. */
  atOnce: number;
  /** Statements that may wait, not counting our own. */
  mostWaiting?: number;
  /** Milliseconds that a statement waits before it is told that the database is busy. */
  waitMs?: number;
};

/** Our own come from tools that are bounded already, and are short. */
const OWN_WAITING = 256;

export type Caller = { signal?: AbortSignal | undefined; own?: boolean };

export class Turns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waitMs: number;
  readonly #own: (() => void)[] = [];
  readonly #others: (() => void)[] = [];
  #running = 0;

  constructor({ atOnce, mostWaiting = 32, waitMs = 15_000 }: TurnBounds) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
    this.#waitMs = waitMs;
  }

  /** @throws DatabaseBusy when there is no turn to be had, and the signal's reason when that aborts before it. */
  async run<T>(work: () => Promise<T>, { signal, own = false }: Caller = {}): Promise<T> {
    if (own) await this.#turn(this.#own, OWN_WAITING, signal);
    else await this.#turn(this.#others, this.#mostWaiting, signal);
    try {
      return await work();
    } finally {
      const next = this.#own.shift() ?? this.#others.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #turn(line: (() => void)[], most: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#running < this.#atOnce) {
      this.#running++;
      return;
    }
    if (line.length >= most) throw this.#busy();
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        const at = line.indexOf(begin);
        if (at >= 0) line.splice(at, 1);
      };
      const begin = (): void => {
        leave();
        resolve();
      };
      const giveUp = (reason: unknown): void => {
        leave();
        reject(reason);
      };
      const onAbort = (): void => giveUp(signal?.reason);
      const timer = setTimeout(() => giveUp(this.#busy()), this.#waitMs);
      signal?.addEventListener('abort', onAbort);
      line.push(begin);
    });
  }

  #busy(): DatabaseBusy {
    return new DatabaseBusy(this.#running, this.#own.length + this.#others.length);
  }
}

/** Settles as `promise` does, unless the signal aborts before: then with its reason. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
