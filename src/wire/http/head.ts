/**
 * The head of a request, checked before anything else: host and origin (so that no web page reaches a local server by DNS rebinding),
 * target, `Accept` and `Content-Type`. And the CORS headers that let a page of an allowed origin read the answer.
 */

import type { IncomingMessage } from 'node:http';
import { Fault } from '../fault.js';

export type Guard = {
  /** Host names, without port, that requests may name besides the loopback ones. */
  hosts: readonly string[];
  /** Origins (`https://app.example.com`) that browsers may call from besides the loopback ones. */
  origins: readonly string[];
};

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** HTTP/1.1 has exactly one `Host` (RFC 9112, section 3.2); node shows only the first of several. */
export function checkOneHost(rawHeaders: readonly string[]): Fault | undefined {
  let given = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') given += 1;
  }
  return given === 1 ? undefined : new Fault('badHttp', `expected one Host header, received ${given}`);
}

export function checkHost(host: string | undefined, { hosts }: Guard): Fault | undefined {
  const name = hostName(host);
  const served = (one: string): boolean => one.toLowerCase() === name;
  if (LOOPBACK.some(served) || hosts.some(served)) return undefined;
  return new Fault(
    'foreignHost',
    `the Host ${JSON.stringify(host ?? '')} is not served; --allow-host adds a name to ${LOOPBACK.join(', ')}`,
  );
}

/** Nothing is wrong with a missing Origin: only browsers send one. */
export function checkOrigin(origin: string | undefined, { origins }: Guard): Fault | undefined {
  if (origin === undefined || origins.includes(origin) || isLoopback(origin)) return undefined;
  return new Fault(
    'foreignOrigin',
    `the Origin ${JSON.stringify(origin)} may not call this server; --allow-origin adds one`,
  );
}

function isLoopback(origin: string): boolean {
  const authority = /^https?:\/\/([^/]+)$/.exec(origin)?.[1];
  const name = hostName(authority);
  return name !== undefined && LOOPBACK.includes(name);
}

function hostName(host: string | undefined): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host ?? '')?.[1]?.toLowerCase();
}

// A target may be a whole URL, whose host then takes the place of the header's (RFC 9112, section 3.2.2).
export function targetOf({ url = '/', headers }: IncomingMessage): {
  host: string | undefined;
  path: string;
} {
  if (url.startsWith('/')) return { host: headers.host, path: beforeQuery(url) };
  const [whole, host = headers.host, path = ''] = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(url) ?? [];
  return { host, path: beforeQuery(whole === undefined ? url : path) || '/' };
}

function beforeQuery(path: string): string {
  const at = path.indexOf('?');
  return at === -1 ? path : path.slice(0, at);
}

export type Accepted = { json: boolean; sse: boolean };

const BOTH: Accepted = { json: true, sse: true };

/** The few that clients send, read once each. */
const known = new Map<string, Accepted>();
const MAX_KNOWN = 100;

export function readAccept(header: string | undefined): Accepted {
  if (header === undefined) return BOTH;
  const before = known.get(header);
  if (before !== undefined) return before;
  const accepted = read(header);
  if (known.size < MAX_KNOWN && header.length < MAX_KNOWN) known.set(header, accepted);
  return accepted;
}

function read(header: string): Accepted {
  if (header.trim() === '') return BOTH;
  const ranges = header.split(',').map(readRange);
  return { json: allows(ranges, 'application', 'json'), sse: allows(ranges, 'text', 'event-stream') };
}

type Range = { type: string; subtype: string; q: number };

function readRange(text: string): Range {
  const [media = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const [type = '', subtype = ''] = media.split('/');
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const q = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, subtype, q: Number.isNaN(q) ? 0 : q };
}

// The most specific range that fits decides, so `*/*, text/event-stream;q=0` means JSON.
function allows(ranges: readonly Range[], type: string, subtype: string): boolean {
  const exact = ranges.find((range) => range.type === type && range.subtype === subtype);
  const family = ranges.find((range) => range.type === type && range.subtype === '*');
  const any = ranges.find((range) => range.type === '*' && range.subtype === '*');
  return ((exact ?? family ?? any)?.q ?? 0) > 0;
}

export function notAcceptable(accept: string | undefined): Fault {
  return new Fault(
    'notAcceptable',
    `Accept is ${JSON.stringify(accept ?? '')}; send "application/json, text/event-stream", or one of the two`,
  );
}

export type MediaType = {
  /** `type/subtype` in lower case. */
  essence: string;
  /** Each that is named, in lower case; there should be one at most. */
  charsets: readonly string[];
};

export function readMediaType(header: string): MediaType {
  const [essence = '', ...parameters] = splitUnquoted(header);
  const charsets = parameters.flatMap((parameter) => {
    const at = parameter.indexOf('=');
    if (parameter.slice(0, at).trim().toLowerCase() !== 'charset') return [];
    const value = parameter.slice(at + 1).trim();
    const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
    return (quoted ? value.slice(1, -1) : value).toLowerCase();
  });
  return { essence: essence.trim().toLowerCase(), charsets };
}

/** At each semicolon that stands in no quoted string. Character by character: the time grows with the length and no faster. */
function splitUnquoted(header: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < header.length; at += 1) {
    const character = header[at];
    if (character === '"') quoted = !quoted;
    else if (character === '\\' && quoted) at += 1;
    else if (character === ';' && !quoted) {
      parts.push(header.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, header.slice(start)];
}

type OutgoingHeaders = { [name: string]: string };

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
