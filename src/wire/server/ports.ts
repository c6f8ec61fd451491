/**
 * The ports of an endpoint, which other wings implement. The ports that methods use (policy, approvals, audit, tasks) are in mcp/.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../fault.js';
import type { OutgoingHeaders } from '../http/body.js';
import type { EventLog, LoggedStream } from '../http/event-log.js';
import type { EventStream } from '../http/stream.js';
import type { ClientResponse, Id } from '../jsonrpc/message.js';
import type { Connection } from '../mcp/connection.js';
import type { Decision } from '../mcp/decision.js';
import type { Pending } from '../mcp/input.js';
import type { McpServer } from '../mcp/mcp-server.js';
import type { Reply } from '../mcp/reply.js';
import type { Principal } from '../principal.js';
import type { Revision } from '../revisions.js';
import type { InFlight } from './in-flight.js';

/** The part of a request that token verification reads. */
export type RequestHead = {
  rawHeaders: readonly string[];
  url?: string | undefined;
  socket?: { remoteAddress?: string | undefined };
};

/** Verifies access tokens. */
export type TokenGuard = {
  /** The server's resource identifier, the audience of its tokens. */
  readonly resource: string;
  /** Synchronous for a token that was verified recently. A Fault carries its challenge. */
  authenticate(head: RequestHead): Principal | Fault | Promise<Principal | Fault>;
  /** The refusal that names the scopes that a request lacks. */
  insufficient(scopes: readonly string[], reason: string, approval?: object): Fault;
  /** Rejects while tokens cannot be verified. */
  ready(): Promise<void>;
};

/** Serves paths beside the MCP endpoint. Returns false for a path that it does not know. */
export type RouteHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  cors: OutgoingHeaders | undefined,
) => boolean;

/**
 * Counts a request that was answered, or that its client abandoned (then `reply` is undefined). `target` is the name of the tool or
 * prompt as the client sent it. `revision` is undefined for a request that was refused before its revision was known.
 */
export type RequestCounter = (
  method: string,
  target: string | undefined,
  revision: Revision | undefined,
  reply: Reply | undefined,
  seconds: number,
) => void;

/** A legacy session in the memory of one process. */
export type Session = {
  readonly id: string;
  readonly principal: string;
  readonly connection: Connection;
  readonly log: EventLog;
  readonly pending: Pending;
  /** The GET stream, which carries change notifications (2025-11-25/transports/037). */
  standalone: LoggedStream | undefined;
  /** The number of its calls in progress. */
  running: number;
  /** The version of the newest shared record it has seen, and the GET stream that this record names. Only replicas use them. */
  version: number;
  listener: string | undefined;
};

/** Keeps legacy sessions. A method returns a Fault to refuse, and throws when it loses I/O. */
export type SessionStore = {
  readonly count: number;
  /** Returns a Fault if there are too many. */
  open(principal: string, connection: Connection): Session | Fault | Promise<Session | Fault>;
  /** Returns a Fault if `id` is missing or names no session of this principal (2025-11-25/transports/056, /058). */
  of(id: string | undefined, principal: string): Session | Fault | Promise<Session | Fault>;
  /** The session with that id; undefined if there is none. */
  peek(id: string | undefined, principal: string): Promise<Session | undefined>;
  /** Makes `stream` the one that carries changes to the client. False if a newer one is open, or if all are ending. */
  listens(session: Session, stream: LoggedStream): boolean | Fault | Promise<boolean | Fault>;
  end(id: string): void | Promise<void>;
  /** Ends the streams that carry changes to clients. Calls go on. */
  endStreams(): void;
  /** Ends the remaining sessions when the process stops. */
  endAll(): void;
  /** Reaches the parts of a session that run at another replica; absent without replicas. */
  readonly elsewhere?: RemoteSessions | undefined;
};

export type RemoteSessions = {
  cancel(session: Session, id: Id, reason: string): Promise<void>;
  /** Passes on a client's response. False if no other replica can have asked. */
  answer(session: Session | undefined, response: ClientResponse): Promise<boolean>;
  /**
   * The rest of a stream after that event, for a reader with these scopes. Otherwise the refusal, `gone` if no replica has the
   * stream, or `silent` if its replica does not answer.
   */
  find(
    session: Session,
    eventId: string,
    scopes: readonly string[],
  ): Promise<RemoteStream | Decision | 'gone' | 'silent'>;
};

type RemoteStream = { attach(stream: EventStream): void; end(): void };

export type OpenSessions = (server: McpServer, inFlight: InFlight) => SessionStore;
