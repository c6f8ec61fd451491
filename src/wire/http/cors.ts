/**
 * What a browser needs to call the endpoint: the preflight, and the headers that let a page read an answer. The
 * preflight carries no token, so it is answered before any authorization.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */

const METHODS = 'POST, GET, DELETE, OPTIONS';
const ALLOWED = [
  'Accept',
  'Authorization',
  'Content-Type',
  'Last-Event-ID',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
  'Traceparent',
];
const EXPOSED = 'MCP-Protocol-Version, Mcp-Session-Id, Retry-After, WWW-Authenticate';

type OutgoingHeaders = { [name: string]: string };

/** Headers for every answer to a request that named its (already checked) origin. */
export function corsHeaders(origin: string | undefined): OutgoingHeaders | undefined {
  if (origin === undefined) return undefined;
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' };
}

/** `requested` is Access-Control-Request-Headers: tools decide their `Mcp-Param-*` names, so those are taken from it. */
export function preflightHeaders(origin: string, requested: string | undefined): OutgoingHeaders {
  const params = (requested ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[\w-]+$/i.test(name));
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': [...ALLOWED, ...params].join(', '),
    'access-control-max-age': '600',
    vary: 'Origin, Access-Control-Request-Headers',
  };
}
