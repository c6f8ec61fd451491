/** How the pages' answers leave: in no cache, in nobody's frame, with no script or style but their own two files. */
import type { ServerResponse } from 'node:http';
import { restOf } from '../../wire/http/body.js';
import { endWithin } from '../../wire/http/reply.js';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const HEADERS = {
  'content-security-policy': POLICY,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  // With no-referrer a browser would not say where a form comes from either.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

export type Headers = { [name: string]: string | readonly string[] };

export function sendPage(response: ServerResponse, status: number, page: string, headers?: Headers): void {
  send(response, status, page, { 'content-type': 'text/html; charset=utf-8', ...headers });
}

/** 303: whatever the method was, the browser goes on with GET. */
export function sendOn(response: ServerResponse, location: string, headers?: Headers): void {
  send(response, 303, '', { location, ...headers });
}

/** What a script of the pages asked for. */
export function sendJson(response: ServerResponse, value: object): void {
  send(response, 200, JSON.stringify(value), { 'content-type': 'application/json' });
}

/** A file that is the same for everybody. */
export function sendFile(response: ServerResponse, type: string, text: string): void {
  send(response, 200, text, { 'content-type': type, 'cache-control': 'max-age=300' });
}

function send(response: ServerResponse, status: number, text: string, headers: Headers): void {
  const rest = restOf(response.req) > 0 ? { connection: 'close' } : {};
  for (const [name, value] of Object.entries({ ...HEADERS, ...rest, ...headers })) {
    response.setHeader(name, value);
  }
  response.statusCode = status;
  endWithin(response, text);
}
