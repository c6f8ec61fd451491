/**
 * Messages between replicas, for example about a call that is in flight at one and cancelled at another. A message is a
 * short-lived row, and the notification only names that row, so a message may be as long as a request.
 */
import { randomUUID } from 'node:crypto';
import { afterUnlessDone, now } from '../wire/clock.js';
import { isRecord, type JsonObject } from '../wire/value.js';
import { type Replica, spaceOf } from './replica.js';
import type { SharedState } from './shared-state.js';

type ReplicaMessage = { id: string; from: string; topic: string; body: JsonObject };
type Reader = (body: JsonObject, from: string) => void;

/** How long a replica that lost its connection can still read a message, milliseconds. */
const STORED_MS = 60_000;
/** Messages that are read after notifications may have been missed. */
const MAX_MESSAGES = 1_000;
/** Between two attempts of `sendReliably`, milliseconds. */
const RETRY_MS = 1_000;
const MAX_ATTEMPTS = 60;
const ALL = 'all';

export class ReplicaChannel {
  readonly #readers = new Map<string, Reader>();
  /** Ids of messages that were read and when, oldest first. */
  readonly #readAt = new Map<string, number>();

  constructor(readonly replica: Replica) {
    for (const box of [ALL, replica.id]) {
      replica.watch(boxOf(box), {
        one: async (key) => this.#deliver([await replica.state.get(this.#space(box), key)]),
        all: async () => this.#deliver((await replica.state.list(this.#space(box), MAX_MESSAGES)).reverse()),
      });
    }
  }

  on(topic: string, reader: Reader): void {
    this.#readers.set(topic, reader);
  }

  /** Resolves when the message is stored, not when it is read. @throws StateUnavailable */
  send(to: string, topic: string, body: JsonObject): Promise<void> {
    const { state, now, id: from } = this.replica;
    return post({ state, space: this.#space(to), now, from }, to, topic, body);
  }

  /** Retries for a minute, because its reader waits for this message. */
  async sendReliably(to: string, topic: string, body: JsonObject): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && !this.replica.closed; attempt += 1) {
      try {
        return await this.send(to, topic, body);
      } catch (error) {
        this.replica.onError(error);
        await new Promise<void>((resolve) => afterUnlessDone(RETRY_MS, resolve));
      }
    }
  }

  /** To all replicas including this one, so that all handle it in the same order. @throws StateUnavailable */
  broadcast(topic: string, body: JsonObject): Promise<void> {
    return this.send(ALL, topic, body);
  }

  #space(box: string): string {
    return this.replica.space(boxOf(box));
  }

  #deliver(values: (JsonObject | undefined)[]): () => void {
    return () => {
      for (const value of values) {
        const message = readMessage(value);
        if (message === undefined || this.#readAt.has(message.id)) continue;
        this.#remember(message.id);
        this.#readers.get(message.topic)?.(message.body, message.from);
        if (value?.to === this.replica.id) this.#remove(message.id);
      }
    };
  }

  #remember(id: string): void {
    const { now } = this.replica;
    this.#readAt.set(id, now);
    for (const [old, at] of this.#readAt) {
      if (now - at < 2 * STORED_MS) return;
      this.#readAt.delete(old);
    }
  }

  // Its only reader has read it, and it may be large.
  #remove(id: string): void {
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
    put: { value: { id, from, to, topic, body }, expiresAt: now + STORED_MS, tell: true },
  }));
}

/** Like `broadcast`, from a process that is not one of the server's replicas. @throws StateUnavailable */
export function broadcastTo(
  state: SharedState,
  server: string,
  topic: string,
  body: JsonObject,
): Promise<void> {
  const space = spaceOf(boxOf(ALL), server);
  return post({ state, space, now: now().getTime(), from: '' }, ALL, topic, body);
}

function readMessage(value: JsonObject | undefined): ReplicaMessage | undefined {
  if (value === undefined) return undefined;
  const { id, from, topic, body } = value;
  return typeof id === 'string' && typeof from === 'string' && typeof topic === 'string' && isRecord(body)
    ? { id, from, topic, body }
    : undefined;
}
