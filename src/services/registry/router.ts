/** One request to the registry: probes, who may ask at all, and then whose matter it is. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asksForMetrics } from '../../pages/operator-secret.js';
import { checkHost, checkOneHost, checkOrigin } from '../../wire/http/head.js';
import { NOSNIFF } from '../../wire/http/reply.js';
import { preview } from '../../wire/value.js';
import { type ApiResponse, faultAnswer, ok, problem } from './api/answer.js';
import { handleApi, send } from './api/api.js';
import { allowEveryOrigin, answerPreflight, isRead } from './cors.js';
import { metricsText } from './metrics.js';
import { officialAnswer } from './official/official.js';
import type { Site } from './site.js';
import { handleWeb } from './web/web.js';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function handle(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const answer = answerTo(site, request, response);
  if (answer instanceof Promise) void answer.then((made) => send(response, made));
  else if (answer !== undefined) send(response, answer);
}

/** Undefined where somebody else has taken it. */
function answerTo(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): ApiResponse | Promise<ApiResponse> | undefined {
  const { origin, host } = request.headers;
  const target = request.url ?? '/';
  // Probes come by whatever name or address their machinery knows, and learn nothing here.
  if (target === '/healthz') return ok({ status: 'ok' });
  if (target === '/readyz') return readiness(site);
  const open = isRead(request, target.split('?', 1)[0] ?? target);
  if (open) allowEveryOrigin(response);
  const fault =
    checkOneHost(request.rawHeaders) ??
    checkHost(host, site.originGuard) ??
    (open ? undefined : checkOrigin(origin, site.originGuard));
  if (fault !== undefined) return faultAnswer(fault);
  if (open && request.method === 'OPTIONS') {
    answerPreflight(response);
    return undefined;
  }
  const url =
    target.startsWith('/') && URL.canParse(target, site.origin) ? new URL(target, site.origin) : undefined;
  if (url === undefined || url.origin !== site.origin)
    return problem(400, `expected a path, received ${preview(target)}`);
  const { pathname } = url;
  const { operatorSecret } = site;
  if (
    operatorSecret !== undefined &&
    asksForMetrics(pathname, request.headers.authorization, operatorSecret)
  ) {
    response.writeHead(200, { 'content-type': METRICS_TYPE, ...NOSNIFF }).end(metricsText(site));
    return undefined;
  }
  if (!site.opened())
    return problem(503, 'the registry cannot be read just now', { headers: { 'retry-after': '2' } });
  const document = site.tokenGuard.documents.get(pathname);
  if (document !== undefined) return ok(JSON.parse(document), { 'cache-control': 'max-age=300' });
  if (handleApi(site, request, response, url)) return undefined;
  if (pathname.startsWith('/v0')) return official(site, request, url);
  handleWeb(site, request, response, url);
  return undefined;
}

function official(
  { repository }: Site,
  { method }: IncomingMessage,
  { pathname, searchParams }: URL,
): ApiResponse {
  if (method !== 'GET' && method !== 'HEAD')
    return problem(405, `this is a read API, received ${method}`, { headers: { allow: 'GET, HEAD' } });
  return (
    officialAnswer([...repository.entries.all()], pathname, searchParams) ??
    problem(404, `there is nothing at ${pathname}`)
  );
}

async function readiness({ ready, onError }: Site): Promise<ApiResponse> {
  try {
    await ready();
    return ok({ status: 'ready' });
  } catch (error) {
    // Whoever asks has shown nothing yet; the reason may name hosts and roles.
    onError(error, 'GET /readyz');
    return { status: 503, body: { status: 'not ready' } };
  }
}
