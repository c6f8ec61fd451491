/** Creates a session, and applies what its client settled at other replicas. */
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

/** With replicas, the ids of its streams and questions contain `replica`, so that the others find the owner. */
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

/** Notifies the client of changes while it has a GET stream here. Call the returned function to stop. */
export function tellChanges(session: Session, changes: Changes, boundTo: BoundTo): () => void {
  return changes.listen((change) => {
    if (change.kind === 'task') return;
    const told = session.connection.watched.told(change);
    if (told === undefined) return;
    const { method, params } = changeNotification(told);
    session.standalone?.send(JSON.stringify({ jsonrpc: '2.0', method, params }), boundTo(told));
  });
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
