/**
 * What a legacy client settled, where all replicas find it: one row a session, gone when nobody has used the session for its
 * idle time. Its streams and open questions are not here, but at the replica that holds them.
 */

import { Fault } from '../../wire/fault.js';
import type { Connection, Settled } from '../../wire/mcp/connection.js';
import { uriKey } from '../../wire/mcp/uri.js';
import { ChangeReceipts } from '../change-receipts.js';
import { failClosed, type Replica, type SpaceReader } from '../replica.js';
import type { ReplicaChannel } from '../replica-channel.js';
import type { Step } from '../shared-state.js';
import { readRecord, type SessionRecord } from './session-record.js';

/** Characters of one record as JSON: what clients may make the database remember. */
const MAX_CHARACTERS = 64 * 1024;
/** Replicas that come and go while a session lasts. */
const MAX_HOLDERS = 100;
/** How long the end of a session can be seen, milliseconds. */
const ENDED_MS = 60_000;
const SPACE = 'session';
/** An id as it is made; nothing else is looked up. */
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

  /** A session in use says so as often, milliseconds. */
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

  /** The session of this principal, which lives on by that; undefined for a foreign one as for none. */
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

  /** Undefined when the session has ended meanwhile. @throws Fault also when it is too much to remember */
  settle(id: string, settled: Settled): Promise<SessionRecord | undefined> {
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

  /** The record as it is now, undefined after its end; and what says to whoever changed it that this was seen here. */
  async look(id: string): Promise<{ record: SessionRecord | undefined; seen: () => void }> {
    const record = readRecord(await this.replica.state.get(this.replica.space(SPACE), id));
    const { by, change } = record ?? {};
    const seen = (): void => {
      if (by !== undefined && change !== undefined) this.#seen.confirm(by, change);
    };
    return { record: record?.ended === true ? undefined : record, seen };
  }

  watch(told: SpaceReader): void {
    this.replica.watch(SPACE, told);
  }

  /** Resolves when the others that have taken the session up have seen it. */
  async #change(
    id: string,
    make: (record: SessionRecord) => Partial<SessionRecord>,
  ): Promise<SessionRecord | undefined> {
    const change = this.#seen.open();
    try {
      const changed = await this.#update(id, (record): Step<SessionRecord | undefined> => {
        if (record === undefined) return { result: undefined };
        const news = { version: record.version + 1, by: this.replica.id, change: change.id };
        const { result, put } = this.#put({ ...record, ...make(record), ...news });
        return { result, put: { ...put, tell: true } };
      });
      const late = changed === undefined ? [] : await change.unseenBy(changed.holders);
      if (late.length > 0) await this.#forget(id, late);
      return changed;
    } finally {
      change.forget();
    }
  }

  // Who is gone is not waited for again; who was only slow says once more that it holds the session.
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
    // A quarter more than it promises, since it is told of its use only so often.
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
