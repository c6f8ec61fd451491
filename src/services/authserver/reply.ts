/**
 * How this server's own pages are sent, and how their forms come back. Only this server can make the token of
 * a form, and a form that a browser sends must come from this origin. That keeps out other pages, but not a
 * program on another port, to which the browser sends this host's cookies: where that matters, the page with
 * the token must not open by a cookie.
 */
import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Links, Page } from '../../pages/bar.js';
import { isSecret } from '../../pages/operator-secret.js';
import { browserFile } from '../../pages/reply.js';
import { readFields } from '../../pages/signin/form.js';

const MAX_BYTES = 16 * 1024;

/** For every response. `formAction` is for a page whose form leads to another origin. */
export function setPageHeaders(response: ServerResponse, formAction = "'self'"): void {
  const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action";
  response.setHeader('content-security-policy', `${policy} ${formAction}`);
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('x-content-type-options', 'nosniff');
  // With no-referrer a browser would not send the origin of a form.
  response.setHeader('referrer-policy', 'same-origin');
}

export type SendPage = (response: ServerResponse, status: number, page: Page, formAction?: string) => void;

/** `links`: the addresses of the other pages. */
export function createSendPage(links: () => Links): SendPage {
  return (response, status, page, formAction) => {
    setPageHeaders(response, formAction);
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(page(links()));
  };
}

export function sendStyle(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' });
  response.end(browserFile('base.css'));
}

export type Forms = ReturnType<typeof createForms>;

export function createForms(key: Uint8Array, issuer: string) {
  /** The token of the page about `subject`. */
  const token = (subject: string) => createHmac('sha256', key).update(`form ${subject}`).digest('base64url');
  return {
    token,
    isValid: (received: string, subject: string) => isSecret(received, token(subject)),
    /** The fields; undefined unless the form is from the page about that subject. */
    async read(request: IncomingMessage, subjectOf: (fields: URLSearchParams) => string) {
      if ((request.headers.origin ?? issuer) !== issuer) return undefined;
      const fields = await readFields(request, MAX_BYTES);
      if (!(fields instanceof URLSearchParams)) return undefined;
      return isSecret(fields.get('csrf') ?? '', token(subjectOf(fields))) ? fields : undefined;
    },
  };
}
