/** Responses of the pages: never cached, never framed, with no scripts or styles but those of this server. */
import type { ServerResponse } from 'node:http';
import { restOf } from '../wire/http/body.js';
import { endWithin } from '../wire/http/reply.js';
import { type BrowserScript, type BrowserStyle, browserFile } from './browser-files.js';

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

const CACHED = { 'cache-control': 'max-age=300' };

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

/** The stylesheet of all pages, and what one service adds to it. */
export function sendStyle(response: ServerResponse, name: BrowserStyle): void {
  const text = browserFile('base.css') + browserFile(name);
  send(response, 200, text, { 'content-type': 'text/css; charset=utf-8', ...CACHED });
}

export function sendScript(response: ServerResponse, name: BrowserScript): void {
  send(response, 200, browserFile(name), { 'content-type': 'text/javascript; charset=utf-8', ...CACHED });
}

function send(response: ServerResponse, status: number, text: string, headers: Headers): void {
  const rest = restOf(response.req) > 0 ? { connection: 'close' } : {};
  for (const [name, value] of Object.entries({ ...HEADERS, ...rest, ...headers })) {
    response.setHeader(name, value);
  }
  response.statusCode = status;
  endWithin(response, text);
}
