/**
 * An MCP server on one HTTP endpoint, both eras at once. This is the library's face: tools in, a listener out.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import { close, createListener, listen } from '../http/listener.js';
import { sendFault } from '../http/reply.js';
import { createCatalog } from '../mcp/catalog.js';
import type { McpServer } from '../mcp/server.js';
import { handle, type Route } from './handle.js';
import { InFlight } from './in-flight.js';
import { BOUNDS, type Bounds, type EndpointOptions } from './options.js';

export type Endpoint = {
  /** The server behind the endpoint, for another transport such as stdio. */
  readonly server: McpServer;
  /** Answers one request of a node:http server of your own. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Starts a server of its own; resolves with the endpoint's URL. Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  /** Takes nothing new, lets answers finish within `drainMs`, stops the rest. */
  close(): Promise<void>;
};

/** @throws SchemaRefused when a tool cannot be served. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const bounds: Bounds = { ...BOUNDS, ...options.bounds };
  const onError = options.onError ?? ((error, about) => console.error(`${about}:`, error));
  const server = createServer(options, bounds, onError);
  const inFlight = new InFlight();
  const route: Route = {
    server,
    inFlight,
    bounds,
    path: options.path ?? '/mcp',
    guard: { hosts: options.allowHosts ?? [], origins: options.allowOrigins ?? [] },
    ready: options.ready ?? (async () => {}),
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    handle(route, request, response).catch((error) => {
      // A client that left while it was still sending is no error of ours.
      if (response.destroyed) return;
      onError(error, `${request.method} ${request.url}`);
      if (!response.headersSent)
        sendFault(response, new Fault('internalError', 'the request could not be answered'));
      else response.destroy();
    });
  };
  let listener: Server | undefined;
  return {
    server,
    handle: answer,
    async listen(port, host = '127.0.0.1') {
      listener = createListener(answer, bounds);
      const taken = await listen(listener, port, host);
      const name = host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
      return `http://${name}:${taken}${route.path}`;
    },
    async close() {
      // One second more than the answers have, for their last bytes to leave.
      const closed = listener === undefined ? undefined : close(listener, bounds.drainMs + 1_000);
      await inFlight.drain(bounds.drainMs);
      await closed;
    },
  };
}

function createServer(
  { name, title, version, instructions, tools }: EndpointOptions,
  { pageSize, listTtlMs, toolDeadlineMs }: Bounds,
  onError: (error: unknown, about: string) => void,
): McpServer {
  return {
    info: title === undefined ? { name, version } : { name, title, version },
    ...(instructions === undefined ? {} : { instructions }),
    catalog: createCatalog(tools),
    settings: { pageSize, listTtlMs, toolDeadlineMs },
    onError: (error, { method, id }) => onError(error, `${method} (id ${JSON.stringify(id)})`),
  };
}
