/** Responses of the pages: never cached, never framed, with no scripts or styles but those of this server. */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { endWithin, restOf } from '../wire/http/body.js';

/** The files in browser/, which the build copies to dist/. */
export type BrowserScript = 'page.js' | 'approvals.js' | 'registry.js' | 'trace.js' | 'learn.js';
export type BrowserStyle =
  | 'base.css'
  | 'bytes.css'
  | 'approvals.css'
  | 'registry.css'
  | 'trace.css'
  | 'learn.css';

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
  // With no-referrer a browser would not name the origin of a form either.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};
const CACHED = { 'cache-control': 'max-age=300' };

export type Headers = { [name: string]: string };

/** A problem as a page shows it, and a link that leads on from there. */
export type Problem = { status: number; title: string; problem: string };
export type Link = { to: string; text: string };

export function sendPage(response: ServerResponse, status: number, page: string, headers?: Headers): void {
  send(response, status, page, { 'content-type': 'text/html; charset=utf-8', ...headers });
}

/** 303: whatever the method was, the browser continues with GET. */
export function sendRedirect(response: ServerResponse, location: string): void {
  send(response, 303, '', { location });
}

export function sendJson(response: ServerResponse, value: object): void {
  send(response, 200, JSON.stringify(value), { 'content-type': 'application/json' });
}

/** The stylesheet of all pages, followed by those of one service. */
export function sendStyle(response: ServerResponse, ...names: BrowserStyle[]): void {
  const text = ['base.css' as const, ...names].map(browserFile).join('');
  send(response, 200, text, { 'content-type': 'text/css; charset=utf-8', ...CACHED });
}

export function sendScript(response: ServerResponse, name: BrowserScript): void {
  send(response, 200, browserFile(name), { 'content-type': 'text/javascript; charset=utf-8', ...CACHED });
}

const browserFiles = new Map<string, string>();

/** Reads each file once, when it is first requested. */
export function browserFile(name: BrowserScript | BrowserStyle): string {
  const text = browserFiles.get(name) ?? readFileSync(new URL(`browser/${name}`, import.meta.url), 'utf8');
  browserFiles.set(name, text);
  return text;
}

function send(response: ServerResponse, status: number, text: string, headers: Headers): void {
  // The connection ends rather than carry the rest of a body that nobody reads.
  const rest = restOf(response.req) > 0 ? { connection: 'close' } : {};
  for (const [name, value] of Object.entries({ ...HEADERS, ...rest, ...headers })) {
    response.setHeader(name, value);
  }
  response.statusCode = status;
  endWithin(response, text);
}
