/** One session as all replicas see it, and how a replica applies it. */
import { type Connection, WatchedUris } from '../../wire/mcp/connection.js';
import { isLogLevel, type LogLevel } from '../../wire/mcp/definitions.js';
import { isRevision, type Revision } from '../../wire/revisions.js';
import type { Session } from '../../wire/server/ports.js';
import { isRecord, type JsonObject } from '../../wire/value.js';

export type SessionRecord = {
  /** Grows with each change, so that an older record never replaces a newer one. */
  version: number;
  principal: string;
  revision: Revision;
  capabilities: JsonObject;
  client?: string;
  logLevel: LogLevel;
  watched: string[];
  /** The GET stream on which the client hears of changes, at any replica. */
  listener?: string;
  /** The replicas that have taken the session up. */
  holders: string[];
  /** The replica that made the newest change, and the id of that change: the other holders confirm that they have seen it. */
  by?: string;
  change?: string;
  /** Kept briefly after the session's end, so that the other holders can confirm the end as well. */
  ended?: true;
};

/** Undefined if the value is not a record. */
export function readRecord(value: JsonObject | undefined): SessionRecord | undefined {
  if (value === undefined) return undefined;
  const { version, principal, revision, capabilities, client, logLevel, watched, listener, holders } = value;
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
    holders: Array.isArray(holders) ? holders.filter((one) => typeof one === 'string') : [],
    ...(typeof value.by === 'string' ? { by: value.by } : {}),
    ...(typeof value.change === 'string' ? { change: value.change } : {}),
    ...(value.ended === true ? { ended: true } : {}),
  };
}

/** The connection of a session that this replica takes up from its record. */
export function connectionOf({
  revision,
  capabilities,
  client,
  logLevel,
  watched,
}: SessionRecord): Connection {
  return { revision, capabilities, client, logLevel, watched: new WatchedUris(watched) };
}

/** Applies the record. False when the session already follows a newer one. */
export function follow(session: Session, record: SessionRecord): boolean {
  if (record.version < session.version) return false;
  session.version = record.version;
  session.listener = record.listener;
  const { connection, standalone } = session;
  connection.logLevel = record.logLevel;
  connection.watched.clear();
  for (const uri of record.watched) connection.watched.add(uri);
  // The client has opened a newer stream, here or at another replica. No message goes over two (2025-11-25/transports/043).
  if (standalone !== undefined && standalone.id !== record.listener) {
    standalone.end([]);
    session.standalone = undefined;
  }
  return true;
}
