/**
 * Forms that the pages receive. A form counts only when the browser says that it comes from this origin, and
 * when it holds the CSRF value of this very session: a page that is still open when somebody else has signed
 * in decides nothing in their name.
 */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../oauth/protected-resource.js';
import { Fault } from '../../wire/fault.js';
import { checkContentLength, readBody } from '../../wire/http/body.js';
import { preview } from '../../wire/value.js';
import { isSecret } from '../operator-secret.js';
import type { Problem } from '../reply.js';

const MAX_BYTES = 8 * 1024;

/** Every browser names the origin of a form in at least one of these two headers. */
export function checkSender({ headers }: IncomingMessage, origin: string): Problem | undefined {
  const { origin: sender, 'sec-fetch-site': site } = headers;
  const isNamed = sender !== undefined || site !== undefined;
  if (isNamed && (sender ?? origin) === origin && (site ?? 'same-origin') === 'same-origin') return undefined;
  return foreignForm(`expected it from ${origin}, received Origin ${preview(sender)}`);
}

/** Whether the request uses another loopback name than `origin` on the same port. */
export function usesOtherLoopbackName({ headers }: IncomingMessage, origin: string): boolean {
  const address = `http://${headers.host ?? ''}`;
  if (!URL.canParse(address)) return false;
  const [used, own] = [new URL(address), new URL(origin)];
  const bothLocal = isLoopback(used.hostname) && isLoopback(own.hostname);
  return bothLocal && used.port === own.port && used.hostname !== own.hostname;
}

export async function readForm(request: IncomingMessage, csrf: string): Promise<URLSearchParams | Problem> {
  const fields = await readFields(request, MAX_BYTES);
  if (!(fields instanceof URLSearchParams)) return fields;
  return isSecret(fields.get('csrf') ?? '', csrf) ? fields : foreignForm('it was shown to another sign-in');
}

/** The fields of a form that may come without a session. */
export async function readFields(
  request: IncomingMessage,
  maxBytes: number,
): Promise<URLSearchParams | Problem> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    return rejection(
      415,
      `expected Content-Type application/x-www-form-urlencoded, received ${preview(type)}`,
    );
  const body = checkContentLength(request, maxBytes) ?? (await readBody(request, maxBytes));
  if (body instanceof Fault) return rejection(413, `a form may have at most ${maxBytes} bytes`);
  return new URLSearchParams(Buffer.from(body).toString('utf8'));
}

function foreignForm(detail: string): Problem {
  return rejection(403, `This form was not sent from the page that was shown to you: ${detail}`);
}

function rejection(status: number, reason: string): Problem {
  return { status, title: 'Not accepted', problem: `${reason}. Nothing was done.` };
}
