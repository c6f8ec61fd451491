/** How pages leave: no script, nothing from elsewhere, in nobody's frame, in no cache. */
import type { ServerResponse } from 'node:http';
import { browserFile } from '../../pages/browser-files.js';

/** For every answer; a page whose form leads elsewhere says so with `formAction`. */
export function setPageHeaders(response: ServerResponse, formAction = "'self'"): void {
  response.setHeader(
    'content-security-policy',
    `default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ${formAction}`,
  );
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('x-content-type-options', 'nosniff');
  // With no-referrer a browser would not say where a form comes from either.
  response.setHeader('referrer-policy', 'same-origin');
}

export function sendPage(response: ServerResponse, status: number, page: string, formAction?: string): void {
  setPageHeaders(response, formAction);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.statusCode = status;
  response.end(page);
}

export function sendStyle(response: ServerResponse): void {
  response.setHeader('content-type', 'text/css; charset=utf-8');
  response.setHeader('cache-control', 'max-age=300');
  response.end(browserFile('base.css'));
}
