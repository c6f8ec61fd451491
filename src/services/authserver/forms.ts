/**
 * Forms of this server's own pages. A form carries a token that only this server can make for its page, and a browser
 * that says where a form comes from must say here. That keeps other pages out. It does not keep out a program on another
 * port, which the browser hands the cookies of this host: where that matters, the page with the token must be one that no
 * cookie opens.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Fault } from '../../wire/fault.js';
import { readBody } from '../../wire/http/body.js';

const MAX_BYTES = 16 * 1024;

export type Forms = {
  /** The token of the page about `about`. */
  token(about: string): string;
  /** Whether `given` is that token. */
  proves(given: string, about: string): boolean;
  /** The fields; undefined when the form is not of the page about `about`, which may depend on them. */
  read(
    request: IncomingMessage,
    about: string | ((fields: URLSearchParams) => string),
  ): Promise<URLSearchParams | undefined>;
};

export function createForms(key: Uint8Array, issuer: string): Forms {
  const token = (about: string): string =>
    createHmac('sha256', key).update(`form ${about}`).digest('base64url');
  return {
    token,
    proves: (given, about) => same(given, token(about)),
    async read(request, about) {
      const { origin } = request.headers;
      const own = origin === undefined || origin === issuer;
      const type = request.headers['content-type'] ?? '';
      if (!own || !/^application\/x-www-form-urlencoded\b/i.test(type)) return undefined;
      const body = await readBody(request, MAX_BYTES);
      if (body instanceof Fault) return undefined;
      const fields = new URLSearchParams(Buffer.from(body).toString('utf8'));
      const page = typeof about === 'string' ? about : about(fields);
      return same(fields.get('csrf') ?? '', token(page)) ? fields : undefined;
    },
  };
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
