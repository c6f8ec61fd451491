/** One request to the API: the operation, who asks, the query and the body, and then the answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../../../wire/fault.js';
import { checkContentLength, checkContentType, readBody, restOf } from '../../../wire/http/body.js';
import { endWithin } from '../../../wire/http/reply.js';
import { readJson } from '../../../wire/jsonrpc/json.js';
import type { Principal } from '../../../wire/principal.js';
import type { Actor } from '../entry.js';
import type { Site } from '../site.js';
import { REGISTRY_WRITE } from '../token-names.js';
import { type ApiResponse, problem, refusalAnswer } from './answer.js';
import { OPENAPI_PATH, openApi } from './openapi.js';
import { checkQuery } from './parameters.js';
import { OPERATIONS } from './routes.js';

const MAX_BYTES = 16 * 1024;
const EVENTS_PATH = '/api/events';
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
  'cache-control': 'no-store',
};

const ROUTES = Object.values(OPERATIONS).map((operation) => {
  const [method, path = ''] = operation.route.split(' ');
  return { operation, method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`) };
});

/** False when `path` is none of these. Host and Origin have been checked. */
export function handleApi(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): boolean {
  const { pathname: path } = url;
  if (path !== OPENAPI_PATH && !path.startsWith('/api/')) return false;
  void answerTo(site, request, response, url)
    .catch((error: unknown) => {
      const refused = refusalAnswer(error);
      if (refused !== undefined && refused.status < 500) return refused;
      // Who left while they were still sending is no error of ours.
      if (!response.destroyed) site.onError(error, `registry ${request.method}`);
      return refused ?? problem(500, 'something went wrong here; its log says what');
    })
    .then((answer) => answer && send(response, answer));
  return true;
}

async function answerTo(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams: query }: URL,
): Promise<ApiResponse | undefined> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (pathname === OPENAPI_PATH && method === 'GET')
    return { status: 200, body: openApi(site.origin, site.version) };
  if (pathname === EVENTS_PATH && method === 'GET') {
    if (request.method === 'HEAD') return { status: 200, type: 'text/event-stream' };
    const opened = await site.events.open(request, response, HEADERS);
    return opened
      ? undefined
      : problem(503, 'too many listen just now', { headers: { 'retry-after': '10' } });
  }
  const matching = ROUTES.filter(({ pattern }) => pattern.test(pathname));
  const route = matching.find((one) => one.method === method);
  if (route === undefined) {
    const allow = matching.map((one) => one.method).join(', ');
    return matching.length === 0
      ? problem(404, `there is nothing at ${pathname}; ${OPENAPI_PATH} tells what there is`)
      : problem(405, `${pathname} takes ${allow}, received ${request.method}`, { headers: { allow } });
  }
  const { operation, pattern } = route;
  const { access, body, query: parameters = [] } = operation;
  const [, name = '', tool] = pattern.exec(pathname) ?? [];
  checkQuery(query, parameters);
  const by = access === 'write' ? await writer(site, request) : NOBODY;
  const seesPersons = access === 'write' || (access === 'persons' && (await maySeePersons(site, request)));
  return operation.run({
    site,
    name: decoded(name),
    tool: tool && decoded(tool),
    query,
    body: body === undefined ? undefined : await readBodyOf(request),
    by,
    seesPersons,
    ifNoneMatch: request.headers['if-none-match'],
  });
}

const NOBODY: Actor = { user: 'anonymous' };

/** @throws Fault with its challenge */
async function writer({ tokenGuard }: Site, request: IncomingMessage): Promise<Actor> {
  const principal = await tokenGuard.authenticate(request);
  if (!principal.scopes.includes(REGISTRY_WRITE))
    throw tokenGuard.insufficient([REGISTRY_WRITE], `missing scope: ${REGISTRY_WRITE}`);
  return actorOf(principal);
}

/**
 * Without a token, persons are left out. A bad token is refused, so that nobody mistakes the shorter answer for all there is.
 * @throws Fault
 */
async function maySeePersons({ tokenGuard }: Site, request: IncomingMessage): Promise<boolean> {
  if (request.headers.authorization === undefined) return false;
  return (await tokenGuard.authenticate(request)).scopes.includes(REGISTRY_WRITE);
}

function actorOf({ user, tenant, issuer }: Principal): Actor {
  return { user, tenant, issuer };
}

/** @throws Fault */
async function readBodyOf(request: IncomingMessage): Promise<unknown> {
  const fault = checkContentType(request) ?? checkContentLength(request, MAX_BYTES);
  if (fault !== undefined) throw fault;
  const bytes = await readBody(request, MAX_BYTES);
  if (bytes instanceof Fault) throw bytes;
  const read = readJson(bytes, { depth: 8, members: 1_000 });
  if (read.kind === 'refused') throw read.fault;
  return read.value;
}

/** @throws Fault for what is no encoding of anything */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new Fault('badHttp', `${JSON.stringify(part)} is not percent-encoded UTF-8`, { cause });
  }
}

export function send(
  response: ServerResponse,
  { status, body, type = 'application/json', headers }: ApiResponse,
): void {
  if (response.headersSent || response.destroyed) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  const rest = restOf(response.req) > 0 ? { connection: 'close' } : {};
  const told =
    status === 204 || status === 304
      ? {}
      : { 'content-type': type, 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...HEADERS, ...told, ...rest, ...headers });
  endWithin(response, response.req.method === 'HEAD' ? '' : text);
}
