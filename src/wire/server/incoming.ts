/** The types of an HTTP request on its way through an endpoint. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OutgoingHeaders } from '../http/body.js';
import type { Guard } from '../http/head.js';
import type { HttpResponder } from '../http/http-responder.js';
import type { OnError } from '../log.js';
import type { Budget, Usage } from '../mcp/budget.js';
import type { McpServer } from '../mcp/mcp-server.js';
import type { Principal } from '../principal.js';
import type { Bounds } from './create-server.js';
import type { InFlight } from './in-flight.js';
import type { RequestCounter, RouteHandler, SessionStore, TokenGuard } from './ports.js';

/** The server of an endpoint, and what all its requests share. */
export type Route = {
  server: McpServer;
  inFlight: InFlight;
  budget: Budget;
  bounds: Bounds;
  path: string;
  guard: Guard;
  /** Serve other paths, such as pages and metadata. */
  sideRoutes: readonly RouteHandler[];
  /** Undefined on a server that is open to every caller. */
  tokens: TokenGuard | undefined;
  /** True while the server must check tokens but does not know its own URL yet. */
  awaitsUrl: boolean;
  /** Undefined if legacy requests stand alone, which is the default. */
  sessions: SessionStore | undefined;
  count: RequestCounter | undefined;
  ready: () => Promise<void>;
  onError: OnError;
};

export type Incoming = {
  route: Route;
  request: IncomingMessage;
  response: ServerResponse;
  cors: OutgoingHeaders | undefined;
  /** The verified caller. */
  principal: Principal;
};

/** A POST whose body has been read. */
export type Post = Incoming & {
  answer: HttpResponder;
  /** What the principal has in flight. */
  usage: Usage;
  /** When the body was complete, in milliseconds of a monotonic clock. */
  began: number;
};
