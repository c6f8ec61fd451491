/** How pages are sent: without scripts, foreign content, framing or caching. */
import type { ServerResponse } from 'node:http';
import { browserFile } from '../../pages/browser-files.js';

/** For every response. `formAction` is for a page whose form leads to another origin. */
export function setPageHeaders(response: ServerResponse, formAction = "'self'"): void {
  response.setHeader(
    'content-security-policy',
    `default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ${formAction}`,
  );
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('x-content-type-options', 'nosniff');
  // With no-referrer a browser would not send the origin of a form.
  response.setHeader('referrer-policy', 'same-origin');
}

export function sendPage(response: ServerResponse, status: number, page: string, formAction?: string): void {
  setPageHeaders(response, formAction);
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(page);
}

export function sendStyle(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' });
  response.end(browserFile('base.css'));
}
