/** What comes in the body of a response: messages, or nothing. */
import { parseJson } from '../../lesson/json.js';
import { isRevision, MODERN, type Revision } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import type { Exchange } from './exchange.js';
import { hear } from './hear.js';
import { type BaseFact, compile, type Rule, since } from './rule.js';
import { show } from './show.js';
import type { Violation } from './violation.js';

export type Body = BaseFact & { exchange: Exchange; value: unknown; text: string };
export type End = BaseFact & { exchange: Exchange; complete: boolean };

/** The body answers nothing but notifications or responses, and they were accepted. */
const isAcknowledgement = ({
  requests: request,
  unreadable,
  notifications,
  responses,
  status = 0,
  old,
  method,
}: Exchange): boolean =>
  !old &&
  method === 'POST' &&
  request.length === 0 &&
  !unreadable &&
  notifications + responses > 0 &&
  status >= 200 &&
  status < 300;

export const BODY_RULES: readonly Rule<Body>[] = [
  {
    by: 'server',
    modern: '2026-07-28/streamable-http/013',
    legacy: since('2025-03-26', '2025-11-25/transports/017'),
    judge: ({ exchange, text }) =>
      isAcknowledgement(exchange)
        ? { where: 'response body', expected: 'no body', received: `${text.length} characters` }
        : undefined,
  },
  {
    by: 'server',
    modern: '2026-07-28/streamable-http/016',
    legacy: since('2025-06-18', '2025-11-25/transports/020'),
    judge: ({ exchange, value }) =>
      exchange.content === 'json' &&
      exchange.requests.length > 0 &&
      Array.isArray(value) &&
      (exchange.status ?? 0) < 300
        ? { where: 'response body', expected: 'one JSON object', received: show(value) }
        : undefined,
  },
];
export const END_RULES: readonly Rule<End>[] = [
  {
    by: 'server',
    modern: '2026-07-28/patterns/002',
    judge: ({ exchange, complete }) => {
      const waiting = exchange.requests.find(({ isAnswered }) => !isAnswered);
      return waiting === undefined || !complete || exchange.status !== 200 || exchange.content === 'other'
        ? undefined
        : { where: 'response body', expected: `a response to ${show(waiting.id)}`, received: 'the end' };
    },
  },
];
const judgeRules = compile<Body>(BODY_RULES);
const judgeEndRules = compile<End>(END_RULES);

export function judgeBody(exchange: Exchange, text: string): Violation[] {
  const { content, talk } = exchange;
  if (text.trim() === '') return [];
  const value = content === 'other' ? undefined : parseJson(text);
  const revision = revisionOf(exchange, value);
  const violations =
    revision === undefined || (revision === MODERN && !talk.servesModern)
      ? []
      : judgeRules({ by: 'server', revision, exchange, value, text }, undefined, '');
  if (content === 'stream') exchange.messages++;
  else if (violations.length > 0 || !isMessage(exchange, value)) return violations;
  if (revision === undefined) return violations;
  const context = { by: 'server' as const, talk, exchange, revision };
  const values = Array.isArray(value) ? value : [value];
  return [...violations, ...values.flatMap((one) => hear(one, text, context))];
}

/** Whether the body of an ordinary answer is to be a message. Refusals may have any body, and so may answers to GET and DELETE. */
function isMessage(
  { method, content, status = 0, requests: request, old }: Exchange,
  value: unknown,
): boolean {
  if (old || method !== 'POST' || content !== 'json') return false;
  if (status >= 300)
    return isRecord(value) && value.jsonrpc === '2.0' && ('error' in value || 'result' in value);
  return request.length > 0 || isRecord(value);
}

/** An answer to a revision that is unknown here is held against the newest revision that is known. */
function revisionOf({ revision, talk, method }: Exchange, value: unknown): Revision | undefined {
  if (revision === undefined) return isRecord(value) ? MODERN : undefined;
  // A stream that was opened before the handshake settled speaks what was settled.
  return method === 'GET' && isRevision(talk.negotiatedRevision) ? talk.negotiatedRevision : revision;
}

export function judgeEnd(exchange: Exchange, complete: boolean): Violation[] {
  const { revision, talk } = exchange;
  const violations =
    revision === undefined || (revision === MODERN && !talk.servesModern)
      ? []
      : judgeEndRules({ by: 'server', revision, exchange, complete }, undefined, '');
  for (const request of exchange.requests) {
    if (request.isAnswered) continue;
    // A modern request ends with its exchange. A legacy stream may be resumed.
    if (revision === MODERN) talk.requests.client.close(request);
    else request.isLost = true;
  }
  return violations;
}
