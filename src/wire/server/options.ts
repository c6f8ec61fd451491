/** The options of a server, and of its HTTP endpoint. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Budget } from '../mcp/budget.js';
import type { Changes } from '../mcp/changes.js';
import type { Prompt, Resource, ResourceTemplate, Tool } from '../mcp/definitions.js';
import type { ApprovalPort, AuditPort, Implementation, Policy, Sealer } from '../mcp/mcp-server.js';
import type { TaskStore } from '../mcp/task-store.js';
import type { Bounds } from './bounds.js';
import type { Route } from './handle.js';
import type { OpenSessions, RequestCounter, RouteHandler, TokenGuard } from './ports.js';

/** What a server is made of, whichever transport it speaks. */
export type ServerOptions = Implementation & {
  /** For a model: how to use this server. */
  instructions?: string;
  tools: readonly Tool[];
  resources?: readonly Resource[];
  resourceTemplates?: readonly ResourceTemplate[];
  prompts?: readonly Prompt[];
  /** Sends what handlers `log` to clients that ask for it; new servers should rather not (2026-07-28/logging/001). */
  logging?: boolean;
  /**
   * Takes null as null. By default null for an optional argument whose schema forbids null counts as left out, and so does
   * `arguments: null`, because several clients send that for what nobody gave.
   */
  strictArguments?: boolean;
  /** Where changes come from and go to; several endpoints may share one. */
  changes?: Changes;
  bounds?: Partial<Bounds>;
  /** Receives everything unexpected; none of it reaches the wire. Writes to stderr by default. */
  onError?: OnError;
  /** Decides before anything runs. A server without one is open to every caller. */
  policy?: Policy;
  /** Asks a person about calls that the policy leaves to one; without it they are refused. */
  approvals?: ApprovalPort | undefined;
  audit?: AuditPort | undefined;
  /** Keeps the tasks of the tasks extension; without it the server does not offer the extension. */
  tasks?: TaskStore | undefined;
  /** Seals the `requestState` of multi round-trip requests; with a random key by default. */
  sealer?: Sealer;
};

export type OnError = (error: unknown, about: string) => void;

/** A server on one HTTP endpoint. What depends on the URL is made once the URL is known. */
export type HttpOptions = ServerOptions & {
  /** The URL by which clients know the endpoint; by default where it listens. Needed behind a proxy. */
  url?: string;
  /** The path of the endpoint; `/mcp` by default. */
  path?: string;
  /** Host names to serve besides the loopback ones. */
  allowHosts?: readonly string[];
  /** Origins that browsers may call from besides loopback pages. */
  allowOrigins?: readonly string[];
  /** What may be in flight; endpoints of one process may share it. */
  budget?: Budget;
  /** Rejects with the reason while something that the tools need cannot be reached: `GET /readyz`. */
  ready?: () => Promise<void>;
  /** Verifies tokens. Without it the endpoint is open to every caller. */
  tokens?: (url: string) => TokenGuard;
  /** The sealer for a server with this resource identifier. */
  sealerFor?: (resource: string) => Sealer;
  /** Paths beside the endpoint, such as metadata documents and pages. */
  routes?: (url: string, tokens: TokenGuard | undefined) => readonly RouteHandler[];
  /** Remembers legacy clients between requests; without it legacy requests stand alone like modern ones. */
  sessions?: OpenSessions | undefined;
  count?: RequestCounter;
  /** The route of one request, for those that watch it. */
  watch?: (route: Route, request: IncomingMessage, response: ServerResponse) => Route;
  /** Runs once the endpoint listens; if it rejects, the endpoint stops listening. */
  onListening?: (address: string) => Promise<void>;
};
