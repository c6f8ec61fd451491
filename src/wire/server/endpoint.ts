/**
 * An MCP server on one HTTP endpoint, for both eras at once.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../http/certificate.js';
import type { Guard } from '../http/head.js';
import { close, createListener, listen, originOf } from '../http/listener.js';
import { Budget } from '../mcp/budget.js';
import type { Tool } from '../mcp/definitions.js';
import type { McpServer, Sealer } from '../mcp/mcp-server.js';
import { BOUNDS, type Bounds, createServer, type ServerOptions, safeLog } from './create-server.js';
import { handlerFor, type Watch } from './handle.js';
import { InFlight } from './in-flight.js';
import type { Route } from './incoming.js';
import type { OpenSessions, RequestCounter, RouteHandler, TokenGuard } from './ports.js';

/** Options that depend on the URL are functions; the endpoint calls them once it knows the URL. */
export type HttpOptions = ServerOptions & {
  /** The URL that clients use; by default the address it listens on. Needed behind a proxy. */
  url?: string | undefined;
  /** The path of the endpoint; `/mcp` by default. */
  path?: string;
  /** Host names to serve besides the loopback ones. */
  allowHosts?: readonly string[];
  /** Origins whose pages may call, besides loopback pages. */
  allowOrigins?: readonly string[];
  /** With a certificate, `listen` opens a TLS port. */
  certificate?: Certificate | undefined;
  /** Limits what is in flight; the endpoints of one process may share it. */
  budget?: Budget;
  /** For `GET /readyz`: rejects with the reason while the tools cannot reach something that they need. */
  ready?: () => Promise<void>;
  /** Verifies tokens. Without it the endpoint is open to every caller. */
  tokens?: ((url: string) => TokenGuard) | undefined;
  /** Creates the sealer for a server with this resource identifier. */
  sealerFor?: (resource: string) => Sealer;
  /** Paths beside the endpoint, such as metadata documents and pages. */
  routes?: (url: string, tokens: TokenGuard | undefined) => readonly RouteHandler[];
  /** Remembers legacy clients between requests; without it, each legacy request stands alone like a modern one. */
  sessions?: OpenSessions | undefined;
  count?: RequestCounter;
  watch?: Watch | undefined;
  /** Runs once the endpoint listens; if it rejects, the endpoint stops listening. */
  onListening?: (address: string) => Promise<void>;
};

export type HttpEndpoint = {
  /** The server behind the endpoint, for another transport such as stdio. */
  readonly server: McpServer;
  /** Its resource identifier, the audience of its tokens; undefined without tokens, and until the URL is known. */
  readonly resource: string | undefined;
  /** What is in flight now. */
  readonly load: Load;
  /** Switches these tools off and all others on; notifies clients if that changes anything. */
  disable(tools: Iterable<string>): void;
  /** Serves these tools from now on; notifies clients if the list changes. Running calls go on. @throws SchemaRefused */
  replaceTools(tools: readonly Tool[]): void;
  /** Answers one request of your own node:http server. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Starts a server and resolves with the endpoint's URL. Port 0 picks a free port. */
  listen(port: number, host?: string): Promise<string>;
  /**
   * Takes no new connections, lets answers finish within `drainMs`, and stops the rest. Connections stay open for `lingerMs`, and
   * requests on them still get answers; behind a proxy, make it longer than the proxy keeps an idle connection.
   */
  close(lingerMs?: number): Promise<void>;
};

export type Load = { requests: number; bytes: number; listeners: number; sessions: number };

/** @throws SchemaRefused when a tool cannot be served. */
export function createHttpEndpoint(options: HttpOptions): HttpEndpoint {
  const bounds: Bounds = { ...BOUNDS, ...options.bounds };
  const onError = safeLog(options.onError);
  const server = createServer(options);
  const inFlight = new InFlight();
  const sessions = options.sessions?.(server, inFlight);
  const route: Route = {
    server,
    inFlight,
    budget: options.budget ?? new Budget(bounds),
    sessions,
    count: options.count,
    bounds,
    path: options.path ?? '/mcp',
    sideRoutes: [],
    guard: guardOf(options),
    ready: async () => {
      await route.tokens?.ready();
      await options.ready?.();
    },
    onError,
    tokens: undefined,
    awaitsUrl: options.tokens !== undefined,
  };
  if (options.url !== undefined) identify(route, options, options.url);
  const handle = handlerFor(route, options.watch);
  let listener: Server | undefined;
  return {
    server,
    get resource() {
      return route.tokens?.resource;
    },
    get load() {
      const { bytes } = route.budget;
      return {
        requests: inFlight.count,
        bytes,
        listeners: inFlight.listeners(),
        sessions: sessions?.count ?? 0,
      };
    },
    disable(names) {
      if (server.catalog.disable(new Set(names))) server.changes.emit({ kind: 'tools' });
    },
    replaceTools(tools) {
      if (server.catalog.replace(tools)) server.changes.emit({ kind: 'tools' });
    },
    handle,
    async listen(port, host = '127.0.0.1') {
      if (listener !== undefined) throw new Error('this endpoint is already listening');
      const newListener = createListener(handle, bounds, options.certificate);
      listener = newListener;
      try {
        const boundPort = await listen(newListener, port, host);
        const address = `${originOf(host, boundPort, options.certificate)}${route.path}`;
        if (options.url === undefined) identify(route, options, address);
        await options.onListening?.(address);
        return address;
      } catch (error) {
        listener = undefined;
        await close(newListener, 0);
        throw error;
      }
    },
    async close(lingerMs = 0) {
      // One more second than the answers have, so that their last bytes can leave.
      const graceMs = Math.max(bounds.drainMs, lingerMs) + 1_000;
      const closing = listener === undefined ? undefined : close(listener, graceMs, lingerMs);
      sessions?.endStreams();
      await inFlight.drain(bounds.drainMs, closing);
      // Not earlier, because a call may have been waiting for a response over its session.
      sessions?.endAll();
      // Do not wait for work that ignores its signal.
      await Promise.race([server.tasks?.close(), sleep(bounds.drainMs, undefined, { ref: false })]);
      await server.audit?.close();
    },
  };
}

/** Creates everything that depends on the server's public URL. */
function identify(route: Route, { tokens, sealerFor, routes }: HttpOptions, url: string): void {
  route.tokens = tokens?.(url);
  // Without tokens, the server's name serves as the resource, as in earlier versions.
  if (route.tokens !== undefined && sealerFor !== undefined)
    route.server.sealer = sealerFor(route.tokens.resource);
  route.sideRoutes = routes?.(url, route.tokens) ?? [];
  route.awaitsUrl = false;
}

/** The server's own pages are not foreign, whatever its public URL. */
function guardOf({ allowHosts = [], allowOrigins = [], url }: HttpOptions): Guard {
  const hosts = allowHosts.map((host) => host.toLowerCase());
  if (url === undefined) return { hosts, origins: allowOrigins };
  const { hostname, origin } = new URL(url);
  return { hosts: [...hosts, hostname], origins: [...allowOrigins, origin] };
}
