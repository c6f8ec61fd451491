/**
 * Handles one HTTP request and checks it in this order: host, origin, path, preflight, token, method, accept, content type,
 * length, body. The earlier a request is refused, the less it costs.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import {
  checkContentLength,
  checkContentType,
  checkExpectation,
  expectedBytes,
  NOSNIFF,
  readBody,
  sendJson,
} from '../http/body.js';
import {
  checkHost,
  checkOneHost,
  checkOrigin,
  corsHeaders,
  type Guard,
  notAcceptable,
  preflightHeaders,
  readAccept,
  targetOf,
} from '../http/head.js';
import { HttpResponder } from '../http/http-responder.js';
import { Held } from '../http/stream.js';
import { countBytes, noRoom } from '../mcp/budget.js';
import { isThenable } from '../mcp/run-handler.js';
import { ANONYMOUS, type Principal } from '../principal.js';
import { endSession, openStream } from './get.js';
import type { Service } from './incoming.js';
import type { OutgoingHeaders, RouteHandler, SessionStore } from './ports.js';
import { answerPost } from './post.js';
import { refuseAtDoor, refuseUnread } from './refuse.js';

export type Route = Service & {
  path: string;
  guard: Guard;
  /** Serve the paths beside the endpoint. */
  beside: readonly RouteHandler[];
  ready: () => Promise<void>;
  /** True while the server must check tokens but does not know its own URL yet. */
  closed: boolean;
  onError: (error: unknown, about: string) => void;
};

export async function handle(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers;
  const { host, path } = targetOf(request);
  // Probes may use any host name or address, so these come before the host check. They reveal nothing.
  if (path === '/healthz') return sendJson(response, 200, { status: 'ok' });
  if (path === '/readyz') return sendReadiness(route, response);
  const fault =
    checkOneHost(request.rawHeaders) ?? checkHost(host, route.guard) ?? checkOrigin(origin, route.guard);
  if (fault !== undefined)
    return refuseUnread(request, response, fault, undefined, record(route, request, fault));
  const cors = corsHeaders(origin);
  if (path !== route.path) {
    if (route.beside.some((serve) => serve(request, response, path, cors))) return;
    return refuseUnread(request, response, new Fault('notFound', `the MCP endpoint is ${route.path}`), cors);
  }
  if (request.method === 'OPTIONS' && origin !== undefined) {
    const requested = request.headers['access-control-request-headers'];
    response.writeHead(204, { ...NOSNIFF, ...preflightHeaders(origin, requested) }).end();
    return;
  }
  const verified = authenticate(route, request);
  // Most tokens were verified a moment ago, so there is nothing to await.
  const principal = isThenable(verified) ? await verified : verified;
  // The check may have waited for an authorization server, and the client may have left meanwhile.
  if (request.socket.destroyed) return;
  if (principal instanceof Fault) return refuseAtDoor(route, principal, request, response, cors);
  if (request.method === 'POST') return post(route, principal, request, response, cors);
  const { sessions } = route;
  if (sessions !== undefined && (request.method === 'GET' || request.method === 'DELETE')) {
    return inSession({ ...route, sessions }, principal, request, response, cors);
  }
  const methods = sessions === undefined ? 'POST' : 'POST, GET, DELETE';
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { ...NOSNIFF, allow: `${methods}, OPTIONS` }).end();
    return;
  }
  const only = new Fault('methodNotAllowed', `${route.path} takes ${methods}, received ${request.method}`);
  const allow = { ...cors, allow: `${methods}, OPTIONS` };
  return refuseUnread(request, response, only, allow, record(route, request, only, principal));
}

/** Identifies the caller before anything else in the request counts (2026-07-28/security-considerations/022). */
function authenticate(
  { tokens, closed }: Route,
  request: IncomingMessage,
): Principal | Fault | Promise<Principal | Fault> {
  if (closed) return new Fault('unavailable', 'this server does not know its own URL yet');
  return tokens === undefined ? ANONYMOUS : tokens.authenticate(request);
}

/** Records a refusal that came before any message was read. */
function record(
  { server }: Service,
  { headers }: IncomingMessage,
  fault: Fault,
  principal?: Principal,
): Promise<void> | undefined {
  return server.audit?.rejected({ fault, status: fault.status('modern'), principal, headers });
}

async function inSession(
  service: Service & { sessions: SessionStore },
  principal: Principal,
  request: IncomingMessage,
  response: ServerResponse,
  cors: OutgoingHeaders | undefined,
): Promise<void> {
  const refused = await (request.method === 'GET'
    ? openStream(service, request, principal, readAccept(request.headers.accept), response, cors)
    : endSession(service, request, principal)
  ).catch((error: unknown) => {
    // The state that replicas share is out of reach.
    if (error instanceof Fault) return error;
    throw error;
  });
  if (refused instanceof Fault)
    await refuseUnread(request, response, refused, cors, record(service, request, refused, principal));
  else if (request.method === 'DELETE') response.writeHead(204, { ...NOSNIFF, ...cors }).end();
}

async function post(
  route: Route,
  principal: Principal,
  request: IncomingMessage,
  response: ServerResponse,
  cors: OutgoingHeaders | undefined,
): Promise<void> {
  const { accept, expect } = request.headers;
  const accepted = readAccept(accept);
  const refuse = (fault: Fault): Promise<void> =>
    refuseUnread(request, response, fault, cors, record(route, request, fault, principal));
  const fault =
    (accepted.json || accepted.sse ? undefined : notAcceptable(accept)) ??
    checkExpectation(expect) ??
    checkContentType(request) ??
    checkContentLength(request, route.bounds.bodyBytes);
  if (fault !== undefined) return refuse(fault);
  const usage = route.budget.usageOf(principal);
  const held = new Held(response, usage);
  if (!held.add(countBytes(expectedBytes(request, route.bounds.bodyBytes)))) return refuse(noRoom());
  if (expect !== undefined) response.writeContinue();
  const body = await readBody(request, route.bounds.bodyBytes);
  if (body instanceof Fault) return refuse(body);
  const answer = new HttpResponder(response, accepted, cors, route.bounds.keepAliveMs, held);
  const { server, inFlight, budget, sessions, count, bounds, tokens } = route;
  const { headers, socket } = request;
  const service = { server, inFlight, budget, sessions, count, bounds, tokens };
  // Keeps only the headers and the URL, not the request, for as long as the call lasts.
  const { rawHeaders, url = '/' } = request;
  const verifyAgain = tokens && (() => tokens.authenticate({ rawHeaders, url }));
  // Not awaited here: a stream that lasts for days would keep the body in memory that long.
  return answerPost({ ...service, principal, verifyAgain, usage, headers, socket, answer }, body);
}

async function sendReadiness({ ready, onError }: Route, response: ServerResponse): Promise<void> {
  try {
    await ready();
    sendJson(response, 200, { status: 'ready' });
  } catch (error) {
    // This caller is not authenticated, and the reason may name hosts and roles.
    sendJson(response, 503, { status: 'not ready' });
    onError(error, 'GET /readyz');
  }
}
