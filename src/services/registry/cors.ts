/**
 * Who may read the registry from a web page: everybody, as with the official registry, whose clients are editors and
 * pages of other origins. What they read is open to everybody who reaches the registry, and no cookie goes along. What changes
 * something stays with the origins that may: a preflight for it gets no leave here.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OPENAPI_PATH } from './api/openapi.js';

const READS = ['GET', 'HEAD'];
const METHODS = [...READS, 'OPTIONS'];
const OPEN = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'ETag, Retry-After' };
const PREFLIGHT = {
  'access-control-allow-methods': METHODS.join(', '),
  'access-control-allow-headers': '*',
  'access-control-max-age': '600',
  'content-length': '0',
};

/** Whether the request reads the API or a document: the pages are for people who come here. */
export function isRead({ method = '', headers }: IncomingMessage, path: string): boolean {
  const asked = headers['access-control-request-method'];
  const reads =
    READS.includes(method) || (method === 'OPTIONS' && (asked === undefined || READS.includes(asked)));
  return reads && (/^\/(?:api|v0(?:\.\d+)?|\.well-known)\//.test(path) || path === OPENAPI_PATH);
}

/** Every answer to such a request says so, refusals too: a page could not tell them from a lost connection. */
export function allowEveryOrigin(response: ServerResponse): void {
  for (const [name, value] of Object.entries(OPEN)) response.setHeader(name, value);
}

export function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, PREFLIGHT).end();
}
