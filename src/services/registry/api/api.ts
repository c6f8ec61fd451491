/**
 * One request to the API: finds its operation, checks caller, query and body, runs it, sends the response.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../../../wire/fault.js';
import {
  checkContentLength,
  checkContentType,
  endWithin,
  readBody,
  restOf,
} from '../../../wire/http/body.js';
import { readJson } from '../../../wire/jsonrpc/json.js';
import type { Actor } from '../entry.js';
import type { Site } from '../site.js';
import { REGISTRY_WRITE } from '../token-names.js';
import { OPENAPI_PATH, openApi } from './openapi.js';
import { OPERATIONS, type Operation } from './operations.js';
import { checkQuery } from './parameters.js';
import { type ApiResponse, errorResponse, ok, problem } from './response.js';

const MAX_BYTES = 16 * 1024;
const EVENTS_PATH = '/api/events';
/** What no operation describes. */
const DOCUMENTS = [OPENAPI_PATH, EVENTS_PATH];
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
  'cache-control': 'no-store',
};

const ROUTES = Object.values(OPERATIONS).map((operation) => {
  const [method, path = ''] = operation.route.split(' ');
  return { operation, method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`) };
});

/** False if the path is not of the API. The caller has checked Host and Origin. */
export function handleApi(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): boolean {
  const { pathname: path } = url;
  if (path !== OPENAPI_PATH && !path.startsWith('/api/')) return false;
  void respond(site, request, response, url)
    .catch((error: unknown) => {
      const refusal = errorResponse(error);
      if (refusal !== undefined && refusal.status < 500) return refusal;
      // If the client went away while it was still sending, the error is not ours.
      if (!response.destroyed) site.onError(error, 'registry.request-failed', { method: request.method });
      return refusal ?? problem(500, 'something went wrong here; its log says what');
    })
    .then((answer) => answer && sendResponse(response, answer));
  return true;
}

/** Undefined where the response is a stream of events, which has begun. */
async function respond(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams: query }: URL,
): Promise<ApiResponse | undefined> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (pathname === OPENAPI_PATH && method === 'GET') return ok(openApi(site.origin, site.version));
  if (pathname === EVENTS_PATH && method === 'GET') {
    if (request.method === 'HEAD') return { status: 200, type: 'text/event-stream' };
    const isOpen = await site.events.open(request, response, HEADERS);
    return isOpen
      ? undefined
      : problem(503, 'too many listen just now', { headers: { 'retry-after': '10' } });
  }
  const routes = ROUTES.filter(({ pattern }) => pattern.test(pathname));
  const route = routes.find((one) => one.method === method);
  if (route === undefined) {
    const allow = DOCUMENTS.includes(pathname) ? 'GET' : routes.map((one) => one.method).join(', ');
    return allow === ''
      ? problem(404, `there is nothing at ${pathname}; ${OPENAPI_PATH} tells what there is`)
      : problem(405, `${pathname} takes ${allow}, received ${request.method}`, { headers: { allow } });
  }
  const { operation, pattern } = route;
  const [, name = '', tool] = pattern.exec(pathname) ?? [];
  checkQuery(query, operation.query ?? []);
  const caller = await callerOf(operation, site, request);
  return operation.run({
    site,
    name: decodeSegment(name),
    tool: tool && decodeSegment(tool),
    query,
    body: operation.body === undefined ? undefined : await readJsonBody(request),
    by: caller ?? { user: 'anonymous' },
    seesPersons: caller !== undefined,
    ifNoneMatch: request.headers['if-none-match'],
  });
}

/**
 * The caller, if the operation needs a token or shows more with one. A bad token is refused even where it is
 * optional, so that nobody mistakes the shorter response for everything there is.
 * @throws Fault
 */
async function callerOf(
  { access }: Operation,
  { tokenGuard }: Site,
  request: IncomingMessage,
): Promise<Actor | undefined> {
  if (access === undefined) return undefined;
  if (access === 'persons' && request.headers.authorization === undefined) return undefined;
  const principal = await tokenGuard.authenticate(request);
  if (principal instanceof Fault) throw principal;
  const { user, tenant, issuer, scopes } = principal;
  if (scopes.includes(REGISTRY_WRITE)) return { user, tenant, issuer };
  if (access === 'persons') return undefined;
  throw tokenGuard.insufficient([REGISTRY_WRITE], `missing scope: ${REGISTRY_WRITE}`);
}

/** @throws Fault */
async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const fault = checkContentType(request) ?? checkContentLength(request, MAX_BYTES);
  if (fault !== undefined) throw fault;
  const bytes = await readBody(request, MAX_BYTES);
  if (bytes instanceof Fault) throw bytes;
  const json = readJson(bytes, { depth: 8, members: 1_000 });
  if (json.kind === 'refused') throw json.fault;
  return json.value;
}

/** @throws Fault if the segment of a path is not percent-encoded UTF-8 */
export function decodeSegment(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new Fault('badHttp', `${JSON.stringify(part)} is not percent-encoded UTF-8`, { cause });
  }
}

export function sendResponse(response: ServerResponse, { status, body, type, headers }: ApiResponse): void {
  if (response.headersSent || response.destroyed) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  const hasBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    ...HEADERS,
    ...(hasBody && {
      'content-type': type ?? 'application/json',
      'content-length': Buffer.byteLength(text),
    }),
    ...(restOf(response.req) > 0 && { connection: 'close' }),
    ...headers,
  });
  endWithin(response, response.req.method === 'HEAD' ? '' : text);
}
