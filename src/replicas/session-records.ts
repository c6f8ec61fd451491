/**
 * What a legacy client settled, where all replicas find it: one row a session, gone when nobody has used the session for its
 * idle time. Its streams and open questions are not here, but at the replica that holds them.
 */
import { Fault } from '../fault.js';
import type { Connection, Settled } from '../mcp/connection.js';
import { isLogLevel, type LogLevel } from '../mcp/log.js';
import { isRevision, type Revision } from '../revisions.js';
import type { Step } from '../shared-state.js';
import { isRecord, type JsonObject } from '../value.js';
import { type Replica, reached, type Told } from './replica.js';

export type SessionRecord = {
  /** Grows with each change, so that an older one never takes the place of a newer one. */
  version: number;
  principal: string;
  revision: Revision;
  capabilities: JsonObject;
  client?: string;
  logLevel: LogLevel;
  watched: string[];
  /** The GET stream that changes are told over, whichever replica holds it. */
  listener?: string;
};

/** Characters of one record as JSON: what clients may make the database remember. */
const MOST_CHARACTERS = 64 * 1024;
const SPACE = 'session';
/** An id as it is made; nothing else is looked up. */
const SESSION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class SessionRecords {
  constructor(
    readonly replica: Replica,
    readonly idleMs: number,
  ) {}

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
    };
    await this.#update(id, () => this.#put(record));
    return record;
  }

  /** The session of this principal, which lives on by that; undefined for a foreign one as for none. */
  async touch(id: string, principal: string): Promise<SessionRecord | undefined> {
    if (!SESSION_ID.test(id)) return undefined;
    return this.#update(id, (record) =>
      record?.principal === principal ? this.#put(record) : { result: undefined },
    );
  }

  /** Undefined when the session has ended meanwhile. @throws Fault also when it is too much to remember */
  settle(id: string, settled: Settled): Promise<SessionRecord | undefined> {
    return this.#change(id, (record) => {
      if ('logLevel' in settled) return { logLevel: settled.logLevel };
      const others = record.watched.filter((uri) => uri !== settled.uri);
      return { watched: settled.watch ? [...others, settled.uri] : others };
    });
  }

  listens(id: string, listener: string): Promise<SessionRecord | undefined> {
    return this.#change(id, () => ({ listener }));
  }

  async end(id: string): Promise<void> {
    await this.#update(id, () => ({ result: undefined, put: { value: {}, expiresAt: 0, tell: true } }));
  }

  find(id: string): Promise<SessionRecord | undefined> {
    return this.replica.state.get(this.replica.space(SPACE), id).then(readRecord);
  }

  watch(told: Told): void {
    this.replica.watch(SPACE, told);
  }

  #change(id: string, change: (record: SessionRecord) => Partial<SessionRecord>) {
    return this.#update(id, (record) => {
      if (record === undefined) return { result: undefined };
      const step = this.#put({ ...record, ...change(record), version: record.version + 1 });
      return { ...step, put: { ...step.put, tell: true } };
    });
  }

  #put(record: SessionRecord) {
    if (JSON.stringify(record).length > MOST_CHARACTERS)
      throw new Fault('invalidParams', `a session remembers at most ${MOST_CHARACTERS} characters`);
    // A quarter more than it promises, since it is told of its use only so often.
    return {
      result: record,
      put: { value: record, expiresAt: this.replica.now + this.idleMs + this.touchMs },
    };
  }

  #update<T>(id: string, step: (record: SessionRecord | undefined) => Step<T>): Promise<T> {
    const { state } = this.replica;
    return reached(state.update(this.replica.space(SPACE), id, (value) => step(readRecord(value))));
  }
}

function readRecord(value: JsonObject | undefined): SessionRecord | undefined {
  if (value === undefined) return undefined;
  const { version, principal, revision, capabilities, client, logLevel, watched, listener } = value;
  if (typeof version !== 'number' || typeof principal !== 'string') return undefined;
  if (typeof revision !== 'string' || !isRevision(revision) || !isLogLevel(logLevel)) return undefined;
  if (!isRecord(capabilities) || !Array.isArray(watched)) return undefined;
  return {
    version,
    principal,
    revision,
    capabilities,
    ...(typeof client === 'string' ? { client } : {}),
    logLevel,
    watched: watched.filter((uri) => typeof uri === 'string'),
    ...(typeof listener === 'string' ? { listener } : {}),
  };
}
