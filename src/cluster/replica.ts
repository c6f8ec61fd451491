/**
 * This process as one of the replicas of a server: its name among them, the spaces that they share, and what they tell
 * each other, taken in the order in which it was told. Replicas of one server are those that share a state and its name.
 */
import { randomBytes } from 'node:crypto';
import { after, now } from '../wire/clock.js';
import { Fault } from '../wire/fault.js';
import { type SharedState, StateUnavailable } from './shared-state.js';

/** Reads what somebody was told of; what is made of it runs after everything that was told before. */
export type Told = {
  one(key: string): Promise<(() => void) | undefined>;
  /** Messages may have been missed. */
  all(): Promise<(() => void) | undefined>;
};

type Effect = (() => void) | undefined;

/** After a reading that failed, milliseconds. */
const AGAIN_MS = 1_000;

export class Replica {
  /** Says nothing about the machine: clients see it in the ids of what they are asked and sent. */
  readonly id = randomBytes(6).toString('hex');
  #last: Promise<void> = Promise.resolve();
  readonly #ends = new Set<() => void>();
  #closed = false;

  constructor(
    readonly state: SharedState,
    /** The server's name. Servers that share one state keep apart by it. */
    readonly server: string,
    readonly onError: (error: unknown) => void,
  ) {}

  /** Milliseconds since 1970. */
  get now(): number {
    return now().getTime();
  }

  get closed(): boolean {
    return this.#closed;
  }

  space(kind: string): string {
    return spaceOf(kind, this.server);
  }

  /** Until the replica is closed. */
  watch(kind: string, told: Told): void {
    const unwatch = this.state.watch(this.space(kind), (key) => {
      if (key === undefined) this.#take(() => told.all(), told);
      else this.#take(() => told.one(key), told);
    });
    this.#ends.add(unwatch);
  }

  /** Runs `run` again and again, without holding the process, until the replica is closed. */
  every(ms: number, run: () => void): void {
    const timer = setInterval(run, ms).unref();
    this.#ends.add(() => clearInterval(timer));
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  // The reading begins at once, and only what comes of it waits for its turn.
  #take(read: () => Promise<Effect>, told: Told): void {
    if (this.#closed) return;
    const reading = read().catch((error: unknown): Effect => {
      this.onError(error);
      this.#later(told);
      return undefined;
    });
    this.#last = this.#last
      .then(async () => (await reading)?.())
      .catch((error: unknown) => this.onError(error));
  }

  #later(told: Told): void {
    const forget = after(AGAIN_MS, () => {
      this.#ends.delete(forget);
      this.#take(() => told.all(), told);
    });
    this.#ends.add(forget);
  }
}

/** `kind` never ends within a name: no two servers share a space. */
export function spaceOf(kind: string, server: string): string {
  return `${kind}/${server}`;
}

/** Fails closed: what cannot be looked up is neither there nor not there. @throws Fault 503 */
export async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    throw new Fault('unavailable', 'what the replicas of this server share cannot be reached; try again', {
      cause: error,
      headers: { 'retry-after': '5' },
    });
  }
}
