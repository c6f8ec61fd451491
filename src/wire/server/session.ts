/** One legacy session as a process keeps it, and how it follows what was settled at another replica. */

import type { SessionRecord } from '../../cluster/sessions/session-record.js';
import { Fault } from '../fault.js';
import { EventLog, type LoggedStream } from '../http/event-log.js';
import type { Id } from '../jsonrpc/message.js';
import { type Change, type Changes, changeNotification } from '../mcp/changes.js';
import type { Connection } from '../mcp/connection.js';
import { Pending } from '../mcp/pending.js';
import { WatchedUris } from '../mcp/watched-uris.js';
import { busy } from './busy.js';
import type { InFlight } from './in-flight.js';

export type Session = {
  readonly id: string;
  readonly principal: string;
  readonly connection: Connection;
  readonly log: EventLog;
  readonly pending: Pending;
  /** The GET stream: where changes are told (2025-11-25/transports/037). */
  standalone: LoggedStream | undefined;
  /** Its calls that are being answered. */
  running: number;
  /** Of the newest record that it follows, and the GET stream that this names; replicas alone have any. */
  version: number;
  listener: string | undefined;
};

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

/** Calls of one session at the same time; each may hold a question to its client for minutes. */
const MAX_CALLS = 100;

/** @throws Fault when one more call of it cannot run now */
export function checkRoom(session: Session, inFlight: InFlight, id: Id): void {
  if (session.running >= MAX_CALLS) throw busy(`${MAX_CALLS} calls of this session are running`);
  // Within a session an id is never used twice (2025-11-25/basic/005), and certainly not at once.
  if (inFlight.has(session.id, id)) {
    throw new Fault('invalidRequest', 'a request with this id is still being answered');
  }
}
