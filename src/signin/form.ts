/**
 * A form that one of these pages was asked to take. It counts only when the browser says that it comes from here, and
 * when it holds what was put into the form for this very session: a foreign page can make a browser send a form, with
 * its cookies, but can neither say where it comes from nor read what is in ours.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Fault } from '../fault.js';
import { checkContentLength, readBody } from '../http/body.js';
import { preview } from '../value.js';
import type { Problem } from './problem.js';

const MOST_BYTES = 8 * 1024;

/** Where a form comes from. Every browser says so in at least one of these two headers. */
export function checkSender({ headers }: IncomingMessage, origin: string): Problem | undefined {
  const { origin: sent, 'sec-fetch-site': site } = headers;
  const right =
    (sent ?? origin) === origin && (site ?? 'same-origin') === 'same-origin' && (sent ?? site) !== undefined;
  return right ? undefined : notOurs(`expected it from ${origin}, received Origin ${preview(sent)}`);
}

export async function readForm(request: IncomingMessage, csrf: string): Promise<URLSearchParams | Problem> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return problem(415, `expected Content-Type application/x-www-form-urlencoded, received ${preview(type)}`);
  }
  const tooLong = checkContentLength(request, MOST_BYTES);
  const body = tooLong ?? (await readBody(request, MOST_BYTES));
  if (body instanceof Fault) return problem(413, `a form may have at most ${MOST_BYTES} bytes`);
  const fields = new URLSearchParams(Buffer.from(body).toString('utf8'));
  return same(fields.get('csrf') ?? '', csrf) ? fields : notOurs('it was shown to another sign-in');
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
