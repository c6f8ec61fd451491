/**
 * A form that one of these pages was asked to take. It counts only when the browser says that it comes from here, and when
 * it holds what was put into the form for this very session: a page that is still open when somebody else has signed in
 * decides nothing in their name. What proves the person is the session, which is in a header (session.ts).
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Fault } from '../../wire/fault.js';
import { checkContentLength, readBody } from '../../wire/http/body.js';
import { preview } from '../../wire/value.js';
import type { Problem } from './problem.js';

const MAX_BYTES = 8 * 1024;

/** Where a form comes from. Every browser says so in at least one of these two headers. */
export function checkSender({ headers }: IncomingMessage, origin: string): Problem | undefined {
  const { origin: sent, 'sec-fetch-site': site } = headers;
  const right =
    (sent ?? origin) === origin && (site ?? 'same-origin') === 'same-origin' && (sent ?? site) !== undefined;
  return right ? undefined : notOurs(`expected it from ${origin}, received Origin ${preview(sent)}`);
}

export async function readForm(request: IncomingMessage, csrf: string): Promise<URLSearchParams | Problem> {
  const fields = await readFields(request, MAX_BYTES);
  if (!(fields instanceof URLSearchParams)) return fields;
  return same(fields.get('csrf') ?? '', csrf) ? fields : notOurs('it was shown to another sign-in');
}

/** The fields of any form. */
export async function readFields(
  request: IncomingMessage,
  maxBytes: number,
): Promise<URLSearchParams | Problem> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return problem(415, `expected Content-Type application/x-www-form-urlencoded, received ${preview(type)}`);
  }
  const tooLong = checkContentLength(request, maxBytes);
  const body = tooLong ?? (await readBody(request, maxBytes));
  if (body instanceof Fault) return problem(413, `a form may have at most ${maxBytes} bytes`);
  return new URLSearchParams(Buffer.from(body).toString('utf8'));
}

function notOurs(detail: string): Problem {
  return problem(403, `This form was not sent from the page that was shown to you: ${detail}`);
}

function problem(status: number, text: string): Problem {
  return { status, title: 'Not accepted', problem: `${text}. Nothing was done.` };
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
