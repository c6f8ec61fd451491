/**
 * `tap URL`: a reverse proxy on this machine, in front of any MCP server. It looks at what passes, and changes what leads to a
 * token, so that the client gets one for the real server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AUTHSERVER } from '../../../lesson/trace/exchange.js';
import { checkHost, checkOrigin, type Guard, targetOf } from '../../../wire/http/head.js';
import { close, createListener, originOf } from '../../../wire/http/listener.js';
import { HOST, listenOn } from '../listen.js';
import type { Addresses } from '../oauth/addresses.js';
import { Facade } from '../oauth/facade.js';
import type { Observation } from '../observation.js';
import { forward, sendOwn } from './forward.js';
import { headerIn, requestHeaders } from './head.js';
import { MAX_HEAD_BYTES, Upstream } from './upstream.js';

export type ProxyOptions = {
  /** The MCP endpoint. Everything else of its server is served too. */
  target: URL;
  port: number;
  /** Headers that the tap adds to each request, in place of the client's. */
  extraHeaders: readonly (readonly [name: string, value: string])[];
  timeoutMs: number;
  observation: Pick<Observation, 'watch'>;
  problem(text: string): void;
};

export type Proxy = { address: URL; close(): Promise<void> };

const LOCAL: Guard = { hosts: [], origins: [] };
/** Of a request, whose body may be long and slow. */
const REQUEST_MS = 300_000;
const MAX_REPORTED = 100;

export async function openProxy(options: ProxyOptions): Promise<Proxy> {
  const { target, port, extraHeaders, timeoutMs, observation, problem } = options;
  const upstream = new Upstream();
  const reportedTexts = new Set<string>();
  // Each request would bring most of them again.
  const problemOnce = (text: string): void => {
    if (reportedTexts.size >= MAX_REPORTED || reportedTexts.has(text)) return;
    reportedTexts.add(text);
    problem(text);
  };
  const facade = new Facade({ target, upstream, timeoutMs, problem: problemOnce });
  const server = createListener(
    (request, response) => {
      const foreign = foreignSender(request, extraHeaders.length > 0);
      if (foreign !== undefined) return sendOwn(response, 403, foreign);
      const path = pathOf(request);
      const addresses = { upstream: target.origin, tap: `http://${targetOf(request).host}` };
      const [bare = '', query] = path.split('?', 2);
      const route = facade.route(bare, new URLSearchParams(query), addresses);
      observation.watch(route?.isOAuth === true ? AUTHSERVER : target.host, request, response);
      if (route === undefined) pass(request, response, path, addresses);
      else route.run(request, response);
    },
    { headerBytes: MAX_HEAD_BYTES, requestMs: REQUEST_MS },
  );
  const pass = (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    addresses: Addresses,
  ): void => {
    const { method = 'GET', rawHeaders, socket } = request;
    // A query that belongs to the endpoint's own address need not be known to the client.
    const whole = path === target.pathname ? `${path}${target.search}` : path;
    try {
      const headers = requestHeaders(rawHeaders, target.host, extraHeaders);
      const outgoing = upstream.request(target, { client: socket, method, path: whole, headers });
      forward(request, response, outgoing, {
        to: target,
        timeoutMs,
        problem,
        head(status, received) {
          if (
            path.startsWith(target.pathname) &&
            /^text\/html\b/i.test(headerIn(received, 'content-type') ?? '')
          )
            problemOnce(
              `the answer of ${target.origin}${target.pathname} is a page for browsers, so it may be no MCP server`,
            );
          return facade.head(request, status, received, addresses);
        },
      });
    } catch (error) {
      // The rules of node for what it sends are stricter than for what it receives.
      sendOwn(
        response,
        400,
        `cannot pass this request on: ${error instanceof Error ? error.message : error}`,
      );
    }
  };
  const boundPort = await listenOn(server, port, '--port');
  return {
    address: new URL(target.pathname, originOf(HOST, boundPort)),
    async close() {
      await close(server, 0);
      upstream.close();
    },
  };
}

/**
 * The tap names the server's own host to the server, so it is here that a web page must be kept from reaching it by DNS
 * rebinding. With credentials that the tap adds, no page of another origin may use it either.
 */
function foreignSender(request: IncomingMessage, hasCredentials: boolean): string | undefined {
  const { host } = targetOf(request);
  if (checkHost(request.rawHeaders, host, LOCAL) !== undefined)
    return `expected a Host of this machine, such as localhost, received ${JSON.stringify(host ?? '')}`;
  const { origin } = request.headers;
  if (!hasCredentials || origin === undefined || checkOrigin(origin, LOCAL) === undefined) return undefined;
  return `expected an Origin of this machine, because the tap adds credentials, received ${JSON.stringify(origin)}`;
}

/** Path and query. */
function pathOf({ url = '/' }: IncomingMessage): string {
  return url.startsWith('/') ? url : (/^http:\/\/[^/?#]+([/?].*)?$/i.exec(url)?.[1] ?? '/');
}
