/** One HTTP request on its way through the endpoint: what handle.ts has found out about it and what answers it. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { Fault } from '../fault.js';
import type { HttpResponder } from '../http/http-responder.js';
import type { Id } from '../jsonrpc/message.js';
import { type Budget, busy, type Usage } from '../mcp/budget.js';
import type { McpServer } from '../mcp/mcp-server.js';
import type { Transport } from '../mcp/transport.js';
import { type Principal, principalKey } from '../principal.js';
import type { Bounds } from './bounds.js';
import type { InFlight } from './in-flight.js';
import type { RequestCounter, Session, SessionStore, TokenGuard } from './ports.js';

/** What all requests of an endpoint share. */
export type Service = {
  server: McpServer;
  inFlight: InFlight;
  budget: Budget;
  /** Undefined where legacy requests stand alone, which is the default. */
  sessions: SessionStore | undefined;
  count: RequestCounter | undefined;
  bounds: Bounds;
  /** Undefined on a server that is open to every caller. */
  tokens: TokenGuard | undefined;
};

export type Incoming = Service & {
  headers: IncomingHttpHeaders;
  socket: Socket;
  answer: HttpResponder;
  principal: Principal;
  /** Verifies the token again and returns its principal; undefined when there are no tokens. */
  verifyAgain: Transport['verifyAgain'];
  /** What that principal has in flight. */
  usage: Usage;
};

/** The legacy session of a request. @throws Fault where there are sessions, and it names none of this principal's */
export function sessionOf(incoming: Incoming): Session | Promise<Session> | undefined {
  return incoming.sessions?.of(header(incoming, 'mcp-session-id'), principalKey(incoming.principal));
}

/** The same, for what needs no session; undefined where there is none. */
export async function peekSession(incoming: Incoming): Promise<Session | undefined> {
  return incoming.sessions?.peek(header(incoming, 'mcp-session-id'), principalKey(incoming.principal));
}

/** A header as one text: repeated ones are joined, so that a second value can never hide behind the first. */
export function header({ headers }: { headers: IncomingHttpHeaders }, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
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
