/**
 * Letters between replicas: what is in flight at one of them and came to another. A letter is a row that is soon gone, and
 * the message that tells of it names that row, so a letter may be as long as a request.
 */
import { randomUUID } from 'node:crypto';
import { afterUnlessDone, now } from '../wire/clock.js';
import { isRecord, type JsonObject } from '../wire/value.js';
import { type Replica, spaceOf } from './replica.js';
import type { SharedState } from './shared-state.js';

type ReplicaMessage = { id: string; from: string; topic: string; body: JsonObject };
type Reader = (body: JsonObject, from: string) => void;

/** How long a letter can be fetched by a replica that lost its connection for a while, milliseconds. */
const KEPT_MS = 60_000;
/** Letters that are looked through after messages may have been missed. */
const MAX_LETTERS = 1_000;
/** Between two attempts to send one that has to arrive, milliseconds. */
const AGAIN_MS = 1_000;
const MAX_ATTEMPTS = 60;
const ALL = 'all';

export class ReplicaChannel {
  readonly #readers = new Map<string, Reader>();
  /** Letters that were read, the oldest at the front, with the time of it. */
  readonly #read = new Map<string, number>();

  constructor(readonly replica: Replica) {
    for (const box of [ALL, replica.id]) {
      replica.watch(boxOf(box), {
        one: async (key) => this.#opened([await replica.state.get(this.#space(box), key)]),
        all: async () => this.#opened((await replica.state.list(this.#space(box), MAX_LETTERS)).reverse()),
      });
    }
  }

  on(topic: string, reader: Reader): void {
    this.#readers.set(topic, reader);
  }

  /** Resolves when the letter is on its way; whether somebody reads it is not known. @throws StateUnavailable */
  send(to: string, topic: string, body: JsonObject): Promise<void> {
    const { state, now, id: from } = this.replica;
    return post({ state, space: this.#space(to), now, from }, to, topic, body);
  }

  /** The same, again and again for a minute: who reads it must not wait for ever. */
  async sendSurely(to: string, topic: string, body: JsonObject): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && !this.replica.closed; attempt += 1) {
      try {
        return await this.send(to, topic, body);
      } catch (error) {
        this.replica.onError(error);
        await new Promise<void>((resolve) => afterUnlessDone(AGAIN_MS, resolve));
      }
    }
  }

  /** To all replicas, this one too: so each sees it after whatever was settled before. @throws StateUnavailable */
  tellAll(topic: string, body: JsonObject): Promise<void> {
    return this.send(ALL, topic, body);
  }

  #space(box: string): string {
    return this.replica.space(boxOf(box));
  }

  #opened(values: (JsonObject | undefined)[]): () => void {
    return () => {
      for (const value of values) {
        const letter = readLetter(value);
        if (letter === undefined || this.#read.has(letter.id)) continue;
        this.#remember(letter.id);
        this.#readers.get(letter.topic)?.(letter.body, letter.from);
        if (value?.to === this.replica.id) this.#shred(letter.id);
      }
    };
  }

  #remember(id: string): void {
    const { now } = this.replica;
    this.#read.set(id, now);
    for (const [old, at] of this.#read) {
      if (now - at < 2 * KEPT_MS) return;
      this.#read.delete(old);
    }
  }

  // What was read by its only reader need not lie there for a minute: it may be large.
  #shred(id: string): void {
    const { state, onError } = this.replica;
    state
      .update(this.#space(this.replica.id), id, () => ({
        result: undefined,
        put: { value: {}, expiresAt: 0 },
      }))
      .catch(onError);
  }
}

function boxOf(replica: string): string {
  return `mail/${replica}`;
}

async function post(
  { state, space, now, from }: { state: SharedState; space: string; now: number; from: string },
  to: string,
  topic: string,
  body: JsonObject,
): Promise<void> {
  const id = randomUUID();
  await state.update(space, id, () => ({
    result: undefined,
    put: { value: { id, from, to, topic, body }, expiresAt: now + KEPT_MS, tell: true },
  }));
}

/** To all replicas of a server, from a process that is none of them. @throws StateUnavailable */
export function postToAll(
  state: SharedState,
  server: string,
  topic: string,
  body: JsonObject,
): Promise<void> {
  const space = spaceOf(boxOf(ALL), server);
  return post({ state, space, now: now().getTime(), from: '' }, ALL, topic, body);
}

function readLetter(value: JsonObject | undefined): ReplicaMessage | undefined {
  if (value === undefined) return undefined;
  const { id, from, topic, body } = value;
  return typeof id === 'string' && typeof from === 'string' && typeof topic === 'string' && isRecord(body)
    ? { id, from, topic, body }
    : undefined;
}
