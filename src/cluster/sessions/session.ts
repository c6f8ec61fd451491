/** Makes a session, and follows what clients settled for it at other replicas. */
import { EventLog } from '../../wire/http/event-log.js';
import {
  type Change,
  type Changes,
  type Connection,
  changeNotification,
  WatchedUris,
} from '../../wire/mcp/connection.js';
import { Pending } from '../../wire/mcp/input.js';
import type { Session } from '../../wire/server/ports.js';
import type { SessionRecord } from './session-record.js';

/** `replica` stands in the ids of its streams and questions, where there are several. */
export function createSession(
  id: string,
  principal: string,
  connection: Connection,
  replica?: string,
): Session {
  return {
    id,
    principal,
    connection,
    log: replica === undefined ? new EventLog() : new EventLog(`${replica}-`),
    pending: replica === undefined ? new Pending() : new Pending(`server-${replica}`),
    standalone: undefined,
    running: 0,
    version: 0,
    listener: undefined,
  };
}

/** Scopes that a session needs to be notified of a change. */
export type BoundTo = (change: Change) => readonly string[];

export function inUse({ standalone, running }: Session): boolean {
  return standalone?.live === true || running > 0;
}

/** Tells the client of changes as long as it has a GET stream here; returns what ends that. */
export function tellChanges(session: Session, changes: Changes, boundTo: BoundTo): () => void {
  return changes.listen((change) => {
    if (change.kind === 'task') return;
    const told = session.connection.watched.told(change);
    if (told === undefined) return;
    const { method, params } = changeNotification(told);
    session.standalone?.send(JSON.stringify({ jsonrpc: '2.0', method, params }), boundTo(told));
  });
}

/** What clients settled when a record was made, as the replica that takes the session up sees it. */
export function connectionOf({
  revision,
  capabilities,
  client,
  logLevel,
  watched,
}: SessionRecord): Connection {
  return { revision, capabilities, client, logLevel, watched: new WatchedUris(watched) };
}

/** False when the session follows a newer record already. */
export function follow(session: Session, record: SessionRecord): boolean {
  if (record.version < session.version) return false;
  session.version = record.version;
  session.listener = record.listener;
  const { connection, standalone } = session;
  connection.logLevel = record.logLevel;
  connection.watched.clear();
  for (const uri of record.watched) connection.watched.add(uri);
  // The client opened a newer one, here or elsewhere: no message goes over two (2025-11-25/transports/043).
  if (standalone !== undefined && standalone.id !== record.listener) {
    standalone.end([]);
    session.standalone = undefined;
  }
  return true;
}
