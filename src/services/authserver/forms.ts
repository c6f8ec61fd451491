/**
 * Form tokens for this server's own pages. Only this server can make the token of a page, and a form that a browser sends
 * must come from this origin. That keeps out other pages, but not a program on another port, to which the browser sends this
 * host's cookies: where that matters, the page with the token must not open by a cookie.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Fault } from '../../wire/fault.js';
import { readBody } from '../../wire/http/body.js';

const MAX_BYTES = 16 * 1024;

export type Forms = {
  /** The token of the page about `subject`. */
  token(subject: string): string;
  isValid(token: string, subject: string): boolean;
  /** The fields; undefined unless the form is from the page about `subject`, which may depend on the fields. */
  read(
    request: IncomingMessage,
    subject: string | ((fields: URLSearchParams) => string),
  ): Promise<URLSearchParams | undefined>;
};

export function createForms(key: Uint8Array, issuer: string): Forms {
  const mac = (subject: string) => createHmac('sha256', key).update(`form ${subject}`);
  function isValid(token: string, subject: string): boolean {
    const [received, expected] = [Buffer.from(token), Buffer.from(mac(subject).digest('base64url'))];
    return received.length === expected.length && timingSafeEqual(received, expected);
  }
  return {
    token: (subject) => mac(subject).digest('base64url'),
    isValid,
    async read(request, subject) {
      const { origin = issuer, 'content-type': type = '' } = request.headers;
      if (origin !== issuer || !/^application\/x-www-form-urlencoded\b/i.test(type)) return undefined;
      const body = await readBody(request, MAX_BYTES);
      if (body instanceof Fault) return undefined;
      const fields = new URLSearchParams(Buffer.from(body).toString('utf8'));
      const page = typeof subject === 'string' ? subject : subject(fields);
      return isValid(fields.get('csrf') ?? '', page) ? fields : undefined;
    },
  };
}
