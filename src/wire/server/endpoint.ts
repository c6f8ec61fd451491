/**
 * An MCP server on one HTTP endpoint, both eras at once. This is the library's face: tools in, a listener out.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { manifestDocuments } from '../../app/manifest-documents.js';
import { Metrics } from '../../app/metrics.js';
import { metricsText } from '../../app/scraping.js';
import { OwnerForwarder } from '../../cluster/forward-to-owner.js';
import { joinReplicas, openSessions, tellAgain, tellChange } from '../../cluster/join-replicas.js';
import { Resuming } from '../../cluster/resume-stream.js';
import { TokenGuard } from '../../oauth/protection.js';
import { readSealingKeys } from '../../oauth/sealer.js';
import { checkOwnMetadata } from '../../oauth/self-check.js';
import { Fault } from '../fault.js';
import { close, createListener, listen, originOf } from '../http/listener.js';
import { sendFault } from '../http/reply.js';
import { Budget } from '../mcp/budget.js';
import type { Change } from '../mcp/changes.js';
import type { McpServer } from '../mcp/mcp-server.js';
import { createServer, type OnError, requestStateSealer } from './create-server.js';
import { handle, type Route } from './handle.js';
import { InFlight } from './in-flight.js';
import { observed } from './observed.js';
import { BOUNDS, type Bounds, budgetBounds, type EndpointOptions } from './options.js';

export type Endpoint = {
  /** The server behind the endpoint, for another transport such as stdio. */
  readonly server: McpServer;
  /** Its resource identifier, the audience of its tokens; undefined until it is known, or where no tokens are checked. */
  readonly resource: string | undefined;
  /** What was counted so far, as Prometheus reads it. */
  metrics(): string;
  /** Tells clients, of every replica, that the list of tools, prompts or resources changed, or one resource's contents. */
  changed(change: Change): void;
  /** Switches tools off by name, and on again those not named any more; clients are told when that changes anything. */
  disable(tools: Iterable<string>): void;
  /** Answers one request of a node:http server of your own. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Starts a server of its own; resolves with the endpoint's URL. Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  /**
   * Takes no new connections, lets answers finish within `drainMs`, stops the rest. Behind a proxy, `lingerMs` is longer than
   * the proxy keeps an unused connection: so long they are kept open, and what still comes over them is answered.
   */
  close(lingerMs?: number): Promise<void>;
};

/** @throws SchemaRefused when a tool cannot be served. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const bounds: Bounds = { ...BOUNDS, ...options.bounds };
  const onError = guarded(options.onError ?? ((error, about) => console.error(`${about}:`, error)));
  const replicas = options.state && joinReplicas(options.state, options.name, onError);
  const secrets = options.sealingKeys ?? readSealingKeys([]);
  const server = createServer(options, secrets, bounds, onError, replicas);
  const inFlight = new InFlight();
  const sessions = openSessions(options, server, replicas);
  replicas?.mail.on('changed', (told) => tellAgain(told, server.changes));
  const route: Route = {
    server,
    inFlight,
    budget: options.budget ?? new Budget(budgetBounds(bounds)),
    sessions,
    passing: replicas && sessions && new OwnerForwarder(replicas.mail, replicas.leases, sessions, inFlight),
    resuming: replicas && sessions && new Resuming(replicas.mail, replicas.leases, sessions, server),
    metrics: new Metrics(options.counters),
    bounds,
    path: options.path ?? '/mcp',
    pages: undefined,
    manifest: new Map(),
    guard: { hosts: hostsOf(options), origins: originsOf(options) },
    // Behind a public URL everybody comes by way of a proxy.
    operatorSecret: options.url === undefined ? options.operatorSecret : undefined,
    ready: async () => {
      await route.protection?.ready();
      await options.ready?.();
      if (options.audit?.log.healthy === false) throw new Error('the audit log cannot be written');
    },
    onError,
    protection: undefined,
    closed: options.auth !== undefined,
  };
  if (options.url !== undefined) identify(route, options, secrets, options.url);
  const { observe } = options;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const own = observe === undefined ? route : observed(route, observe, request, response);
    handle(own, request, response).catch((error) => {
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
    metrics: () => metricsText(route),
    changed: (change) => tellChange(change, server.changes, replicas),
    disable(names) {
      if (server.catalog.disable(new Set(names))) server.changes.emit({ kind: 'tools' });
    },
    handle: answer,
    async listen(port, host = '127.0.0.1') {
      if (listener !== undefined) throw new Error('this endpoint listens already');
      const opened = createListener(answer, bounds);
      listener = opened;
      try {
        const taken = await listen(opened, port, host);
        const address = `${originOf(host, taken)}${route.path}`;
        if (options.url === undefined) identify(route, options, secrets, address);
        if (route.protection !== undefined) await checkOwnMetadata(address, route.protection);
        return address;
      } catch (error) {
        listener = undefined;
        await close(opened, 0);
        throw error;
      }
    },
    async close(lingerMs = 0) {
      // One second more than the answers have, for their last bytes to leave.
      const graceMs = Math.max(bounds.drainMs, lingerMs) + 1_000;
      const closed = listener === undefined ? undefined : close(listener, graceMs, lingerMs);
      sessions?.endStreams();
      route.pages?.close();
      await inFlight.drain(bounds.drainMs, closed);
      // Not before: a call may wait for what its user answers.
      sessions?.endAll();
      // Work that ignores its signal is left behind.
      await Promise.race([server.tasks?.close(), sleep(bounds.drainMs, undefined, { ref: false })]);
      await server.audit?.close();
      await replicas?.close();
    },
  };
}

/** From now on it is known by which URL clients know the server. */
function identify(route: Route, options: EndpointOptions, secrets: readonly Uint8Array[], url: string): void {
  protect(route, options, url);
  // Without tokens and without a URL, the server's name stands for the resource, as in earlier versions.
  if (route.protection !== undefined)
    route.server.sealer = requestStateSealer(secrets, route.protection.resource);
  if (options.manifest === undefined) return;
  const { protection } = route;
  const auth = protection && {
    issuers: protection.issuers,
    resourceMetadata: protection.challenges.resourceMetadata,
  };
  const about = { ...options, url: protection?.resource ?? url, auth };
  route.manifest = manifestDocuments(about, options.manifest);
}

/** From now on requests are checked: the audience of their tokens is known. */
function protect(route: Route, options: EndpointOptions, url: string): void {
  const { auth, title, name, tools, pages } = options;
  if (auth === undefined) return;
  const scopes = auth.scopes ?? [...new Set(tools.map(({ scope }) => scope))];
  route.protection = new TokenGuard(url, title ?? name, scopes, {
    ...auth,
    onRefused(refusal) {
      route.metrics.refused(refusal.reason);
      // Somebody's log must not be able to break an answer.
      try {
        auth.onRefused?.(refusal);
      } catch (error) {
        route.onError(error, 'onRefused');
      }
    },
  });
  route.pages = pages?.(route.protection);
  route.closed = false;
}

function hostsOf({ allowHosts = [], url }: EndpointOptions): readonly string[] {
  return url === undefined ? allowHosts : [...allowHosts, new URL(url).hostname];
}

/** Pages of the server's own are not foreign, by whatever URL they are known. */
function originsOf({ allowOrigins = [], url }: EndpointOptions): readonly string[] {
  return url === undefined ? allowOrigins : [...allowOrigins, new URL(url).origin];
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
