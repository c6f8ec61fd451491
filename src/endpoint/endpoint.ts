/**
 * An MCP server on one HTTP endpoint, both eras at once. This is the library's face: tools in, a listener out.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSealer, readSealingKeys } from '../auth/sealer.js';
import { afterUnlessDone, now } from '../clock.js';
import { Fault } from '../fault.js';
import { close, createListener, listen } from '../http/listener.js';
import { sendFault } from '../http/reply.js';
import { errorResponse, type Request } from '../jsonrpc/message.js';
import { createCatalog } from '../mcp/catalog.js';
import { type Change, Changes } from '../mcp/changes.js';
import { createPrompts } from '../mcp/prompts.js';
import { createResources } from '../mcp/resources.js';
import type { McpServer } from '../mcp/server.js';
import { Tasks } from '../mcp/tasks.js';
import { handle, type Route } from './handle.js';
import { InFlight } from './in-flight.js';
import { Metrics } from './metrics.js';
import { BOUNDS, type Bounds, type EndpointOptions } from './options.js';
import { scopePolicy } from './policy.js';
import { checkOwnMetadata, Protection } from './protection.js';
import { Sessions } from './sessions.js';

type OnError = (error: unknown, about: string) => void;

export type Endpoint = {
  /** The server behind the endpoint, for another transport such as stdio. */
  readonly server: McpServer;
  /** Its resource identifier, the audience of its tokens; undefined until it is known, or where no tokens are checked. */
  readonly resource: string | undefined;
  /** Tells clients that the list of tools, prompts or resources changed, or one resource's contents. */
  changed(change: Change): void;
  /** Switches tools off by name, and on again those not named any more; clients are told when that changes anything. */
  disable(tools: Iterable<string>): void;
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
  const onError = guarded(options.onError ?? ((error, about) => console.error(`${about}:`, error)));
  const server = createServer(options, bounds, onError);
  const inFlight = new InFlight();
  const sessions =
    options.sessions === undefined ? undefined : new Sessions(options.sessions, server.changes);
  const route: Route = {
    server,
    inFlight,
    sessions,
    metrics: new Metrics(),
    bounds,
    path: options.path ?? '/mcp',
    guard: { hosts: hostsOf(options), origins: options.allowOrigins ?? [] },
    ready: async () => {
      await route.protection?.ready();
      await options.ready?.();
    },
    onError,
    protection: undefined,
    closed: options.auth !== undefined,
  };
  if (options.url !== undefined) protect(route, options, options.url);
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
    get resource() {
      return route.protection?.resource;
    },
    changed: (change) => server.changes.emit(change),
    disable(names) {
      if (server.catalog.disable(new Set(names))) server.changes.emit({ kind: 'tools' });
    },
    handle: answer,
    async listen(port, host = '127.0.0.1') {
      if (listener !== undefined) throw new Error('this endpoint listens already');
      listener = createListener(answer, bounds);
      const taken = await listen(listener, port, host);
      const name = host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
      const address = `http://${name}:${taken}${route.path}`;
      if (route.closed) protect(route, options, address);
      if (route.protection !== undefined) await checkOwnMetadata(address, route.protection);
      return address;
    },
    async close() {
      // One second more than the answers have, for their last bytes to leave.
      const closed = listener === undefined ? undefined : close(listener, bounds.drainMs + 1_000);
      sessions?.endAll();
      await inFlight.drain(bounds.drainMs);
      // Work that ignores its signal is left behind.
      await Promise.race([server.tasks?.close(), sleep(bounds.drainMs, undefined, { ref: false })]);
      await closed;
    },
  };
}

/** From now on requests are checked: the audience of their tokens is known. */
function protect(route: Route, { auth, title, name, tools }: EndpointOptions, url: string): void {
  if (auth === undefined) return;
  const scopes = auth.scopes ?? [...new Set(tools.map(({ scope }) => scope))];
  route.protection = new Protection(url, title ?? name, scopes, {
    ...auth,
    onRefused(refusal) {
      route.metrics.refused(refusal.reason);
      auth.onRefused?.(refusal);
    },
  });
  route.closed = false;
}

function hostsOf({ allowHosts = [], url }: EndpointOptions): readonly string[] {
  return url === undefined ? allowHosts : [...allowHosts, new URL(url).hostname];
}

function createServer(options: EndpointOptions, bounds: Bounds, onError: OnError): McpServer {
  const { name, title, version, description, instructions, tools, prompts = [] } = options;
  const { resources = [], resourceTemplates = [] } = options;
  const { pageSize, listTtlMs, toolDeadlineMs } = bounds;
  const changes = options.changes ?? new Changes();
  const about = ({ method, id }: Request): string => `${method} (id ${JSON.stringify(id)})`;
  return {
    info: {
      name,
      version,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
    },
    ...(instructions === undefined ? {} : { instructions }),
    catalog: createCatalog(tools),
    policy: options.policy ?? (options.auth && scopePolicy(now)),
    prompts: prompts.length === 0 ? undefined : createPrompts(prompts),
    resources:
      resources.length + resourceTemplates.length === 0
        ? undefined
        : createResources(resources, resourceTemplates),
    logging: options.logging === true,
    tasks: options.tasks === true ? createTasks(changes, onError) : undefined,
    changes,
    sealer: createSealer(options.sealingKeys ?? readSealingKeys([]), now),
    settings: { pageSize, listTtlMs, toolDeadlineMs },
    onError: (error, request) => onError(error, about(request)),
  };
}

// Somebody's log must not be able to break an answer.
function guarded(onError: OnError): OnError {
  return (error, about) => {
    try {
      onError(error, about);
    } catch (failure) {
      console.error('onError failed:', failure, 'about', about, error);
    }
  };
}

function createTasks(changes: Changes, onError: OnError): Tasks {
  return new Tasks({
    after: afterUnlessDone,
    clock: now,
    newId: randomUUID,
    changes,
    errorOf(error) {
      if (error instanceof Fault) return errorResponse(undefined, error).error;
      onError(error, 'a task');
      const { code, message } = new Fault(
        'internalError',
        "the task failed; the reason is in the server's log",
      );
      return { code, message };
    },
  });
}
