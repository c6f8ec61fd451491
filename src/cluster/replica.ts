/**
 * This process as one of the replicas of a server, which share a state and the server's name. It has an id among them, and
 * handles notifications about shared values in the order in which they arrive.
 */
import { randomBytes } from 'node:crypto';
import { after, now } from '../wire/clock.js';
import { Fault } from '../wire/fault.js';
import { type SharedState, StateUnavailable } from './shared-state.js';

/** Runs after the effects of all earlier notifications. */
type Effect = (() => void) | undefined;

/** Reads changed values, and returns the effect of the change. */
export type SpaceReader = {
  one(key: string): Promise<Effect>;
  /** Notifications may have been missed. */
  all(): Promise<Effect>;
};

/** Milliseconds until a failed read is repeated. */
const RETRY_MS = 1_000;

export class Replica {
  /** Random, because clients see it in the ids of requests and events. */
  readonly id = randomBytes(6).toString('hex');
  #last: Promise<void> = Promise.resolve();
  readonly #ends = new Set<() => void>();
  #closed = false;

  constructor(
    readonly state: SharedState,
    /** The server's name, which keeps apart servers that share one state. */
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
  watch(kind: string, reader: SpaceReader): void {
    const unwatch = this.state.watch(this.space(kind), (key) => {
      if (key === undefined) this.#handle(() => reader.all(), reader);
      else this.#handle(() => reader.one(key), reader);
    });
    this.#ends.add(unwatch);
  }

  /** Runs `run` regularly until the replica is closed, without keeping the process alive. */
  every(ms: number, run: () => void): void {
    const timer = setInterval(run, ms).unref();
    this.#ends.add(() => clearInterval(timer));
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  // Reading starts at once; only the effect waits for its turn.
  #handle(read: () => Promise<Effect>, reader: SpaceReader): void {
    if (this.#closed) return;
    const reading = read().catch((error: unknown): Effect => {
      this.onError(error);
      this.#retryLater(reader);
      return undefined;
    });
    this.#last = this.#last
      .then(async () => (await reading)?.())
      .catch((error: unknown) => this.onError(error));
  }

  #retryLater(reader: SpaceReader): void {
    const cancel = after(RETRY_MS, () => {
      this.#ends.delete(cancel);
      this.#handle(() => reader.all(), reader);
    });
    this.#ends.add(cancel);
  }
}

/** No kind contains a slash, so no two servers share a space. */
export function spaceOf(kind: string, server: string): string {
  return `${kind}/${server}`;
}

/** Rejects with a 503 fault when the state is unavailable: a value that cannot be read is neither present nor absent. */
export async function failClosed<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    throw new Fault('unavailable', 'what the replicas of this server share cannot be reached; try again', {
      cause: error,
    });
  }
}
