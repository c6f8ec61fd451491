/**
 * The channel on which replicas notify each other of changes in their shared state: one listening connection for all
 * watchers, opened for the first of them, and reopened when it is lost.
 */
import { Socket } from 'node:net';
import type pg from 'pg';
import { afterUnlessDone } from '../../wire/clock.js';
import { isRecord, preview } from '../../wire/value.js';

type Listener = (key: string | undefined) => void;

const CHANNEL = 'barewire_state';
/** PostgreSQL allows less than 8000 bytes; for a longer key the payload names only the space. */
const MAX_PAYLOAD = 7_000;
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 10_000;

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

  /** In the transaction of the put, so that the value is there when the notification arrives. */
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
    client.on('notification', ({ payload }) => this.#onNotification(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      this.onError(error, 'shared state');
      this.#reconnectLater();
      return;
    }
    // The connection must not keep the process alive.
    const { stream } = client.connection;
    if (stream instanceof Socket) stream.unref();
    client.once('end', () => {
      this.#client = undefined;
      this.#reconnectLater();
    });
    this.#client = client;
    this.#waitMs = FIRST_WAIT_MS;
    // Notifications may have been missed.
    for (const listeners of this.#listeners.values())
      for (const listener of [...listeners]) listener(undefined);
  }

  #reconnectLater(): void {
    if (this.#closed) return;
    afterUnlessDone(this.#waitMs, () => this.#connect());
    this.#waitMs = Math.min(this.#waitMs * 2, MAX_WAIT_MS);
  }

  #onNotification(payload: string): void {
    const change = readPayload(payload);
    if (!isRecord(change) || typeof change.space !== 'string') {
      const received = preview(payload);
      this.onError(
        new Error(`a message that no replica sent: expected {"space", "key"}, received ${received}`),
        'shared state',
      );
      return;
    }
    const key = typeof change.key === 'string' ? change.key : undefined;
    for (const listener of [...(this.#listeners.get(change.space) ?? [])]) listener(key);
  }
}

/** Anybody who can connect to the database can send on its channels. */
function readPayload(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
