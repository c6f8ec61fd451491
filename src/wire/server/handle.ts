/**
 * One HTTP request, from its head to its answer. The checks come in this order: host, origin, path, preflight, token, method, accept,
 * expectation, content type, length, body. The earlier a request is refused, the less it costs.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#sending-messages
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { allParsed } from '../clock.js';
import { Fault } from '../fault.js';
import {
  bodyLength,
  bodyTooLarge,
  checkContentType,
  checkExpectation,
  NOSNIFF,
  readBody,
  refuseUnread,
  sendFault,
  sendJson,
} from '../http/body.js';
import {
  checkHost,
  checkOrigin,
  corsHeaders,
  notAcceptable,
  preflightHeaders,
  readAccept,
  targetOf,
} from '../http/head.js';
import { HttpResponder } from '../http/http-responder.js';
import type { Handler } from '../http/listener.js';
import { readJson } from '../jsonrpc/json.js';
import { readMessage, refusedMessage } from '../jsonrpc/message.js';
import { COUNTED_BYTES, noRoom } from '../mcp/budget.js';
import { ANONYMOUS } from '../principal.js';
import { isThenable } from '../value.js';
import { answerBatch } from './batch.js';
import { answerInSession } from './get.js';
import type { Incoming, Post, Route } from './incoming.js';
import { answerOne } from './message.js';
import { rejectCaller, rejectMessage, rejectUnread } from './reject.js';

/** Returns the route for one request, so that the caller can observe it. */
export type Watch = (route: Route, request: IncomingMessage, response: ServerResponse) => Route;

export function handlerFor(route: Route, watch: Watch | undefined): Handler {
  return (request, response) => {
    void answer(route, watch, request, response);
  };
}

async function answer(
  route: Route,
  watch: Watch | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    // First, because an observer also needs the first bytes of the body.
    const watchedRoute = watch === undefined ? route : watch(route, request, response);
    await allParsed();
    // Bytes behind the request may have ended the connection, and then nobody could read the body.
    if (!request.socket.destroyed) await handle(watchedRoute, request, response);
  } catch (error) {
    // A client that left while it was sending is not our error.
    if (response.destroyed) return;
    // The query may contain a code, and the path an operator's secret.
    const [, firstSegment = ''] = (request.url ?? '').split(/[/?]/);
    route.onError(error, 'http.request-failed', { method: `${request.method} /${firstSegment}` });
    if (response.headersSent) response.destroy();
    else sendFault(response, new Fault('internalError', 'the request could not be answered'));
  }
}

async function handle(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { guard, tokens, sessions } = route;
  const { method = '', rawHeaders, headers } = request;
  const { origin } = headers;
  const { host, path } = targetOf(request);
  // Probes may use any host name or address, so these come before the host check. They reveal nothing.
  if (path === '/healthz') return sendJson(response, 200, { status: 'ok' });
  if (path === '/readyz') return sendReadiness(route, response);

  const hostFault =
    checkHost(rawHeaders, host, guard) ?? (origin === undefined ? undefined : checkOrigin(origin, guard));
  if (hostFault !== undefined) return rejectUnread({ route, request, response, cors: undefined }, hostFault);
  const cors = origin === undefined ? undefined : corsHeaders(origin);
  if (path !== route.path) {
    if (route.sideRoutes.some((serve) => serve(request, response, path, cors))) return;
    return refuseUnread(response, new Fault('notFound', `the MCP endpoint is ${route.path}`), cors);
  }
  if (method === 'OPTIONS' && origin !== undefined) {
    const requested = headers['access-control-request-headers'];
    response.writeHead(204, { ...NOSNIFF, ...preflightHeaders(origin, requested) }).end();
    return;
  }

  // Identify the caller before anything else in the request counts (2026-07-28/security-considerations/022).
  const authentication = route.awaitsUrl
    ? new Fault('unavailable', 'this server does not know its own URL yet')
    : tokens === undefined
      ? ANONYMOUS
      : tokens.authenticate(request);
  // Most tokens were verified recently, so there is nothing to await.
  const principal = isThenable(authentication) ? await authentication : authentication;
  // The check may have waited for an authorization server, and the client may have left.
  if (request.socket.destroyed) return;
  if (principal instanceof Fault) return rejectCaller({ route, request, response, cors }, principal);

  const incoming = { route, request, response, cors, principal };
  if (method === 'POST') return handlePost(incoming);
  if (sessions !== undefined && (method === 'GET' || method === 'DELETE')) {
    const fault = await answerInSession(incoming, sessions);
    return fault && rejectUnread(incoming, fault);
  }
  const methods = sessions === undefined ? 'POST' : 'POST, GET, DELETE';
  const allow = `${methods}, OPTIONS`;
  if (method === 'OPTIONS') {
    response.writeHead(204, { ...NOSNIFF, allow }).end();
    return;
  }
  const fault = new Fault('methodNotAllowed', `${path} takes ${methods}, received ${method}`);
  return rejectUnread({ ...incoming, cors: { ...cors, allow } }, fault);
}

/** A listening request stays in memory, where 1 MiB of JSON takes 3 MiB. */
const MAX_LISTENING_BYTES = 64 * 1024;

/** Reads one message and answers it. In 2025-03-26 it may be a batch. */
async function handlePost(incoming: Incoming): Promise<void> {
  const { route, request, response, cors, principal } = incoming;
  const { bounds, budget } = route;
  const { accept, expect } = request.headers;
  const accepted = readAccept(accept);
  const bytes = bodyLength(request, bounds.bodyBytes);
  const fault =
    (accepted.json || accepted.sse ? undefined : notAcceptable(accept)) ??
    (expect === undefined ? undefined : checkExpectation(expect)) ??
    checkContentType(request) ??
    (bytes > bounds.bodyBytes ? bodyTooLarge(bounds.bodyBytes) : undefined);
  if (fault !== undefined) return rejectUnread(incoming, fault);
  const usage = budget.usageOf(principal);
  const answer = new HttpResponder(response, accepted, cors, bounds.keepAliveMs, usage);
  if (bytes >= COUNTED_BYTES && !answer.hold(bytes)) return rejectUnread(incoming, noRoom());
  if (expect !== undefined) response.writeContinue();
  const body = await readBody(request, bounds.bodyBytes);
  if (body instanceof Fault) return rejectUnread(incoming, body);
  // On Node 20, `{ ...incoming, answer }` would take a fifth of a call's time.
  const post: Post = { route, request, response, cors, principal, answer, usage, began: performance.now() };
  const json = readJson(body, { depth: bounds.jsonDepth, members: bounds.jsonMembers });
  // Await nothing from here on: a stream that lasts for days would keep the body in memory.
  if (json.kind === 'refused') return answerOne(post, refusedMessage(json.value, json.fault));
  if (Array.isArray(json.value)) return answerBatch(post, json.value);
  const message = readMessage(json.value);
  const listens = message.kind === 'request' && message.method === 'subscriptions/listen';
  if (!listens || body.length <= MAX_LISTENING_BYTES) return answerOne(post, message);
  const detail = `subscriptions/listen has at most ${MAX_LISTENING_BYTES} bytes, received ${body.length}`;
  answer.finish(await rejectMessage(post, message, new Fault('bodyTooLarge', detail), 'modern'));
}

async function sendReadiness({ ready, onError }: Route, response: ServerResponse): Promise<void> {
  try {
    await ready();
    sendJson(response, 200, { status: 'ready' });
  } catch (error) {
    // This caller is not authenticated, and the reason may name hosts and roles.
    sendJson(response, 503, { status: 'not ready' });
    onError(error, 'http.not-ready');
  }
}
