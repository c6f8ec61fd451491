/**
 * The channel by which replicas tell each other what was put into their shared state: one listening connection for all that
 * watch, made when somebody first does, and made again when it is lost.
 */
import { Socket } from 'node:net';
import type pg from 'pg';
import { afterUnlessDone } from '../../wire/clock.js';
import { isRecord, preview } from '../../wire/value.js';

type Listener = (key: string | undefined) => void;

const CHANNEL = 'barewire_state';
/** A payload has less than 8000 bytes; of a longer key only the space is told. */
const MAX_PAYLOAD = 7_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

export class StateChannel {
  readonly #listeners = new Map<string, Set<Listener>>();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;
  #waitMs = FIRST_WAIT_MS;

  constructor(
    readonly connection: () => pg.Client,
    readonly onError: (error: unknown, about: string) => void,
  ) {}

  /** Within the transaction of the put: nobody is told of what is not there. */
  async tell(client: pg.PoolClient, space: string, key: string): Promise<void> {
    const whole = JSON.stringify({ space, key });
    const payload = Buffer.byteLength(whole) > MAX_PAYLOAD ? JSON.stringify({ space }) : whole;
    await client.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]);
  }

  watch(space: string, listener: Listener): () => void {
    const all = this.#listeners.get(space) ?? new Set();
    this.#listeners.set(space, all.add(listener));
    this.#connect();
    return () => all.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    await this.#connecting;
    await this.#client?.end().catch(() => undefined);
  }

  #connect(): void {
    if (this.#closed || this.#client !== undefined || this.#connecting !== undefined) return;
    this.#connecting = this.#listen().finally(() => {
      this.#connecting = undefined;
    });
  }

  async #listen(): Promise<void> {
    const client = this.connection();
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.#told(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      this.onError(error, 'shared state');
      this.#again();
      return;
    }
    // A process with nothing else to do does not stay for it.
    const { stream } = client.connection;
    if (stream instanceof Socket) stream.unref();
    client.once('end', () => {
      this.#client = undefined;
      this.#again();
    });
    this.#client = client;
    this.#waitMs = FIRST_WAIT_MS;
    // What was told while nobody listened is found by looking.
    for (const listeners of this.#listeners.values())
      for (const listener of [...listeners]) listener(undefined);
  }

  #again(): void {
    if (this.#closed) return;
    afterUnlessDone(this.#waitMs, () => this.#connect());
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  #told(payload: string): void {
    const told = readPayload(payload);
    if (!isRecord(told) || typeof told.space !== 'string') {
      const received = preview(payload);
      this.onError(
        new Error(`a message that no replica sent: expected {"space", "key"}, received ${received}`),
        'shared state',
      );
      return;
    }
    const key = typeof told.key === 'string' ? told.key : undefined;
    for (const listener of [...(this.#listeners.get(told.space) ?? [])]) listener(key);
  }
}

/** Anybody who can connect to the database can send messages on its channels. */
function readPayload(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
