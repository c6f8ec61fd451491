/** One request to the registry: probes, host and origin, CORS for reads, and then the API, the documents or the pages. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asksForMetrics } from '../../pages/operator-secret.js';
import { NOSNIFF } from '../../wire/http/body.js';
import { checkHost, checkOrigin } from '../../wire/http/head.js';
import { preview } from '../../wire/value.js';
import { METRICS_TYPE } from '../exposition.js';
import { handleApi, sendResponse } from './api/api.js';
import { OPENAPI_PATH } from './api/openapi.js';
import { type ApiResponse, faultResponse, ok, problem } from './api/response.js';
import { metricsText } from './metrics.js';
import { officialAnswer, officialProblem } from './official/official.js';
import type { Site } from './site.js';
import { handleWeb } from './web/web.js';

const READS = ['GET', 'HEAD'];
/** Every origin may read, as in the official registry, whose clients are editors and other pages. Reads use no cookie. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'ETag, Retry-After' };
const PREFLIGHT = {
  'access-control-allow-methods': [...READS, 'OPTIONS'].join(', '),
  'access-control-allow-headers': '*',
  'access-control-max-age': '600',
  'content-length': '0',
};

export function handle(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const answer = answerTo(site, request, response);
  if (answer instanceof Promise) void answer.then((settled) => sendResponse(response, settled));
  else if (answer !== undefined) sendResponse(response, answer);
}

/** Undefined when the response is already on its way. */
function answerTo(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): ApiResponse | Promise<ApiResponse> | undefined {
  const { origin, host, authorization } = request.headers;
  const { url: target = '/', method } = request;
  // A probe may use any host name, and learns nothing here.
  if (target === '/healthz') return ok({ status: 'ok' });
  if (target === '/readyz') return readiness(site);
  const url = ownUrl(target, site.origin);
  const isOpen = url !== undefined && isRead(request, url.pathname);
  // Refusals need these headers too: without them a page sees a lost connection.
  if (isOpen) for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
  const fault =
    checkHost(request.rawHeaders, host, site.originGuard) ??
    (isOpen || origin === undefined ? undefined : checkOrigin(origin, site.originGuard));
  if (fault !== undefined) return faultResponse(fault);
  if (isOpen && method === 'OPTIONS') {
    response.writeHead(204, PREFLIGHT).end();
    return undefined;
  }
  if (url === undefined) return problem(400, `expected a path, received ${preview(target)}`);
  const { pathname } = url;
  const { operatorSecret } = site;
  if (operatorSecret !== undefined && asksForMetrics(pathname, authorization, operatorSecret)) {
    response.writeHead(200, { 'content-type': METRICS_TYPE, ...NOSNIFF }).end(metricsText(site));
    return undefined;
  }
  if (!site.isOpen())
    return problem(503, 'the registry cannot be read just now', { headers: { 'retry-after': '2' } });
  const document = site.tokenGuard.documents.get(pathname);
  if (document !== undefined) return ok(JSON.parse(document), { 'cache-control': 'max-age=300' });
  if (handleApi(site, request, response, url)) return undefined;
  if (pathname.startsWith('/v0')) return answerOfficial(site, method, url);
  handleWeb(site, request, response, url);
  return undefined;
}

/** What is routed: `/api/../` is the page `/`, and not of the API. Undefined for anything but a path. */
function ownUrl(target: string, origin: string): URL | undefined {
  if (!target.startsWith('/') || !URL.canParse(target, origin)) return undefined;
  const url = new URL(target, origin);
  return url.origin === origin ? url : undefined;
}

/**
 * Whether the request reads the API or a document. Other origins may do only that; their preflight for a change gets no
 * permission.
 */
function isRead({ method = '', headers }: IncomingMessage, path: string): boolean {
  const intended = method === 'OPTIONS' ? (headers['access-control-request-method'] ?? 'GET') : method;
  const isOpenPath = /^\/(?:api|v0(?:\.\d+)?|\.well-known)\//.test(path) || path === OPENAPI_PATH;
  return isOpenPath && READS.includes(intended);
}

function answerOfficial(site: Site, method = '', { pathname, searchParams }: URL): ApiResponse {
  const entries = [...site.repository.entries.all()];
  const answer = officialAnswer(entries, pathname, searchParams);
  if (answer === undefined) return officialProblem(404, `there is nothing at ${pathname}`);
  if (READS.includes(method)) return answer;
  const headers = { allow: READS.join(', ') };
  return { ...officialProblem(405, `this is a read API, received ${method}`), headers };
}

async function readiness({ ready, onError }: Site): Promise<ApiResponse> {
  try {
    await ready();
    return ok({ status: 'ready' });
  } catch (error) {
    // The caller is anonymous, and the reason may name hosts and roles.
    onError(error, 'http.not-ready', { server: 'registry' });
    return { status: 503, body: { status: 'not ready' } };
  }
}
