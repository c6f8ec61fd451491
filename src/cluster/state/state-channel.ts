/**
 * The channel on which replicas notify each other of changes in their shared state: one listening connection for all
 * watchers, opened for the first of them, and reopened when it is lost.
 */
import { Socket } from 'node:net';
import type pg from 'pg';
import { afterUnlessDone } from '../../wire/clock.js';
import type { OnError } from '../../wire/log.js';
import { changeMessage, type Watcher, Watchers } from './watchers.js';

const CHANNEL = 'barewire_state';
/** PostgreSQL allows less than 8000 bytes; for a longer key the payload names only the space. */
const MAX_PAYLOAD = 7_000;
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 10_000;

export class StateChannel {
  readonly #watchers = new Watchers();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;
  #waitMs = FIRST_WAIT_MS;

  constructor(
    readonly connection: () => pg.Client,
    readonly onError: OnError,
  ) {}

  /** In the transaction of the put, so that the value is there when the notification arrives. */
  async tell(client: pg.PoolClient, space: string, key: string): Promise<void> {
    const whole = changeMessage(space, key);
    const payload = Buffer.byteLength(whole) > MAX_PAYLOAD ? changeMessage(space) : whole;
    await client.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]);
  }

  watch(space: string, watcher: Watcher): () => void {
    const stop = this.#watchers.add(space, watcher);
    this.#connect();
    return stop;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watchers.clear();
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
    client.on('notification', ({ payload }) => this.#watchers.receive(payload ?? '', this.onError));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      this.onError(error, 'state.unreachable');
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
    this.#watchers.notifyAll();
  }

  #reconnectLater(): void {
    if (this.#closed) return;
    afterUnlessDone(this.#waitMs, () => this.#connect());
    this.#waitMs = Math.min(this.#waitMs * 2, MAX_WAIT_MS);
  }
}
