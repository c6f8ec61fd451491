/**
 * What legacy clients settled, stored where all replicas find it: one row per session, which expires when nobody has used the
 * session for its idle time. Streams and open questions stay at the replica that holds them.
 */

import { Fault } from '../../wire/fault.js';
import type { Connection, ConnectionSetting } from '../../wire/mcp/connection.js';
import { uriKey } from '../../wire/mcp/uri.js';
import { ChangeReceipts } from '../change-receipts.js';
import { failClosed, type Replica, type SpaceReader } from '../replica.js';
import type { ReplicaChannel } from '../replica-channel.js';
import type { Step } from '../shared-state.js';
import { readRecord, type SessionRecord } from './session-record.js';

/** Characters of one record as JSON, because clients decide how much goes into it. */
const MAX_CHARACTERS = 64 * 1024;
/** A record keeps its newest holders, because replicas come and go while a session lasts. */
const MAX_HOLDERS = 100;
/** How long the record of an ended session is kept, milliseconds. */
const ENDED_MS = 60_000;
const SPACE = 'session';
/** Session ids are UUIDs. Nothing else is looked up. */
const SESSION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class SessionRecords {
  readonly replica: Replica;
  readonly #seen: ChangeReceipts;

  constructor(
    channel: ReplicaChannel,
    readonly idleMs: number,
  ) {
    this.replica = channel.replica;
    this.#seen = new ChangeReceipts(channel);
  }

  /** How often the record of a session in use is renewed, milliseconds. */
  get touchMs(): number {
    return this.idleMs / 4;
  }

  async open(id: string, principal: string, connection: Connection): Promise<SessionRecord> {
    const { revision, capabilities, client, logLevel } = connection;
    const record: SessionRecord = {
      version: 1,
      principal,
      revision,
      capabilities,
      ...(client === undefined ? {} : { client }),
      logLevel,
      watched: [...connection.watched],
      holders: [this.replica.id],
    };
    await this.#update(id, () => this.#put(record));
    return record;
  }

  /** Renews the record, and adds this replica to its holders. Undefined if this principal has no such session. */
  async touch(id: string, principal: string): Promise<SessionRecord | undefined> {
    if (!SESSION_ID.test(id)) return undefined;
    return this.#update(id, (record) => {
      if (record === undefined || record.principal !== principal) return { result: undefined };
      const { holders } = record;
      const own = this.replica.id;
      return this.#put(
        holders.includes(own) ? record : { ...record, holders: [...holders, own].slice(-MAX_HOLDERS) },
      );
    });
  }

  /** Undefined when the session has ended. @throws Fault when the state is unavailable or the record becomes too long */
  settle(id: string, settled: ConnectionSetting): Promise<SessionRecord | undefined> {
    return this.#change(id, (record) => {
      if ('logLevel' in settled) return { logLevel: settled.logLevel };
      const key = uriKey(settled.uri);
      const others = record.watched.filter((uri) => uriKey(uri) !== key);
      return { watched: settled.watch ? [...others, settled.uri] : others };
    });
  }

  listens(id: string, listener: string): Promise<SessionRecord | undefined> {
    return this.#change(id, () => ({ listener }));
  }

  async end(id: string): Promise<void> {
    await this.#change(id, () => ({ ended: true }));
  }

  /** The current record, undefined after its end. `confirm` confirms the newest change to the replica that made it. */
  async look(id: string): Promise<{ record: SessionRecord | undefined; confirm: () => void }> {
    const record = readRecord(await this.replica.state.get(this.replica.space(SPACE), id));
    const { by, change } = record ?? {};
    const confirm = (): void => {
      if (by !== undefined && change !== undefined) this.#seen.confirm(by, change);
    };
    return { record: record?.ended === true ? undefined : record, confirm };
  }

  watch(reader: SpaceReader): void {
    this.replica.watch(SPACE, reader);
  }

  /** Resolves when each of the other holders has seen the change, or has taken too long. */
  async #change(
    id: string,
    make: (record: SessionRecord) => Partial<SessionRecord>,
  ): Promise<SessionRecord | undefined> {
    const change = this.#seen.open();
    try {
      const changedRecord = await this.#update(id, (record): Step<SessionRecord | undefined> => {
        if (record === undefined) return { result: undefined };
        const news = { version: record.version + 1, by: this.replica.id, change: change.id };
        const { result, put } = this.#put({ ...record, ...make(record), ...news });
        return { result, put: { ...put, tell: true } };
      });
      const late = changedRecord === undefined ? [] : await change.unseenBy(changedRecord.holders);
      if (late.length > 0) await this.#forget(id, late);
      return changedRecord;
    } finally {
      change.forget();
    }
  }

  // The next change must not wait for a dead replica. One that was only slow adds itself again when it renews the record.
  async #forget(id: string, late: readonly string[]): Promise<void> {
    await this.#update(id, (record) =>
      record === undefined
        ? { result: undefined }
        : this.#put({ ...record, holders: record.holders.filter((one) => !late.includes(one)) }),
    );
  }

  #put(record: SessionRecord) {
    if (JSON.stringify(record).length > MAX_CHARACTERS)
      throw new Fault('invalidParams', `a session remembers at most ${MAX_CHARACTERS} characters`);
    // Longer than the idle time, because a session in use renews its record only every `touchMs`.
    const lastsMs = record.ended === true ? ENDED_MS : this.idleMs + this.touchMs;
    return { result: record, put: { value: record, expiresAt: this.replica.now + lastsMs } };
  }

  #update<T>(id: string, step: (record: SessionRecord | undefined) => Step<T>): Promise<T> {
    const { state } = this.replica;
    return failClosed(
      state.update(this.replica.space(SPACE), id, (value) => {
        const record = readRecord(value);
        return step(record?.ended === true ? undefined : record);
      }),
    );
  }
}
