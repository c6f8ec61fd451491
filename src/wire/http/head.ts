/**
 * Reads the head of a request: target, host and origin (so that no web page reaches a local server by DNS rebinding) and `Accept`.
 * Also the CORS headers, with which a page of an allowed origin may read the answer.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Fault } from '../fault.js';
import type { OutgoingHeaders } from './body.js';

export type Guard = {
  /** Host names in lower case, without port, that requests may name besides the loopback ones. */
  hosts: readonly string[];
  /** Origins (`https://app.example.com`) that browsers may call from besides the loopback ones. */
  origins: readonly string[];
};

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** `host` is the one of the target, or else of the header. `hosts` are in lower case. */
export function checkHost(
  rawHeaders: readonly string[],
  host: string | undefined,
  { hosts }: Guard,
): Fault | undefined {
  // HTTP/1.1 has exactly one Host (RFC 9112, section 3.2), and node shows only the first of several.
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  if (count !== 1) return new Fault('badHttp', `expected one Host header, received ${count}`);
  const name = hostName(host);
  if (name !== undefined && (LOOPBACK.includes(name) || hosts.includes(name))) return undefined;
  return new Fault(
    'foreignHost',
    `the Host ${JSON.stringify(host ?? '')} is not served; --allow-host adds a name to ${LOOPBACK.join(', ')}`,
  );
}

export function checkOrigin(origin: string, { origins }: Guard): Fault | undefined {
  const loopback = hostName(/^https?:\/\/([^/]+)$/.exec(origin)?.[1]);
  if (origins.includes(origin) || LOOPBACK.includes(loopback ?? '')) return undefined;
  return new Fault(
    'foreignOrigin',
    `the Origin ${JSON.stringify(origin)} may not call this server; --allow-origin adds one`,
  );
}

function hostName(host: string | undefined): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host ?? '')?.[1]?.toLowerCase();
}

const PLAIN_TARGET = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i;
const SECURE_TARGET = /^https:\/\/([^/?#]+)([/?][^#]*)?$/i;

/** A target may be a whole URL of the scheme that is spoken, whose host then replaces that of the header (RFC 9112, section 3.2.2). */
export function targetOf({
  url = '',
  headers,
  socket,
}: Pick<IncomingMessage, 'url' | 'headers' | 'socket'>): {
  host: string | undefined;
  path: string;
} {
  const pattern = 'encrypted' in socket ? SECURE_TARGET : PLAIN_TARGET;
  const [whole, host = headers.host, path = ''] = pattern.exec(url) ?? [];
  return { host, path: (whole === undefined ? url : path).split('?', 1)[0] || '/' };
}

/** A header as one string: node joins a repeated one, so that a second value cannot hide behind the first. */
export function header({ headers }: { headers: IncomingHttpHeaders }, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

export type AcceptedTypes = { json: boolean; sse: boolean };

const BOTH: AcceptedTypes = { json: true, sse: true };
/** What nearly every client sends. */
const USUAL = 'application/json, text/event-stream';

export function readAccept(header = USUAL): AcceptedTypes {
  if (header === USUAL || header.trim() === '') return BOTH;
  const ranges = header.split(',').map(readRange);
  return {
    json: allows(ranges, ['application/json', 'application/*', '*/*']),
    sse: allows(ranges, ['text/event-stream', 'text/*', '*/*']),
  };
}

type Range = { media: string | undefined; q: number };

/** A weight that is no number allows nothing. */
function readRange(text: string): Range {
  const [media, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return { media, q: weight === undefined ? 1 : Number(weight.slice(2)) };
}

// The most specific range that the client names counts, so `*/*, text/event-stream;q=0` means JSON.
function allows(ranges: readonly Range[], media: readonly string[]): boolean {
  const named = media.map((one) => ranges.find((range) => range.media === one));
  return (named.find((range) => range !== undefined)?.q ?? 0) > 0;
}

export function notAcceptable(accept: string | undefined): Fault {
  return new Fault(
    'notAcceptable',
    `Accept is ${JSON.stringify(accept)}; send "${USUAL}", or one of the two`,
  );
}

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

/** Headers for every answer to a request that named its (already checked) origin. */
export function corsHeaders(origin: string): OutgoingHeaders {
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
