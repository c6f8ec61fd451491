/** One legacy session as its process keeps it. */
import { Fault } from '../fault.js';
import type { EventLog, LoggedStream } from '../http/event-log.js';
import type { Id } from '../jsonrpc/message.js';
import type { Connection } from '../mcp/connection.js';
import type { Pending } from '../mcp/pending.js';
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
