/** What JSON-RPC 2.0 asks of every message, with the restrictions of MCP. */
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import { type HeardMessage, otherSide } from './heard-message.js';
import { CLIENT_REQUEST, type Rule, since } from './rule.js';
import { show } from './show.js';

const hasOddId = ({ message: { id } }: HeardMessage): boolean =>
  id !== null && typeof id !== 'string' && !Number.isInteger(id);

/** Whether ids of this side can be compared: all its requests come from one sender. */
const isOneSender = ({ talk, by }: HeardMessage): boolean => by === 'server' || talk.oneClient;
const isReused = ({ talk, by, message }: HeardMessage, modern: boolean): boolean => {
  const requests = talk.requests[by];
  if (requests.find(message.id) !== undefined) return true;
  return !modern && requests.answeredMethod(message.id) !== undefined;
};
const reused = (heard: HeardMessage, expected: string) =>
  hasOddId(heard) || !isOneSender(heard)
    ? undefined
    : isReused(heard, heard.revision === '2026-07-28')
      ? { where: 'id', expected, received: `${show(heard.message.id)} again` }
      : undefined;

/** Why a response answers nothing: its id is missing, or of no request in flight. */
function strayId({ talk, by, revision, message, request, exchange, kind }: HeardMessage) {
  // A modern client sends no responses at all, and a notification has none: those are matters of other clauses.
  if (by === 'client' && revision === '2026-07-28') return undefined;
  if (exchange?.method === 'POST' && exchange.requests.length === 0 && exchange.notifications > 0)
    return undefined;
  // What could not be read as a whole may be answered with any id, or with none.
  if (kind === 'error' && exchange?.unreadable === true) return undefined;
  const { id } = message;
  if (request !== undefined || talk.requests[otherSide(by)].isUnclear(id)) return undefined;
  const waiting = exchange?.requests.length === 1 ? exchange.requests[0] : undefined;
  const expected = waiting === undefined ? 'the id of a request in flight' : show(waiting.id);
  if (id === undefined || id === null) {
    if (kind === 'error' && !isIdReadable(exchange, message)) return undefined;
    return { where: 'id', expected, received: id === null ? 'null' : 'nothing' };
  }
  const requests = talk.requests[otherSide(by)];
  // An exchange knows all of its requests; on stdio, and on a stream that is resumed, some may have been forgotten or unseen.
  const isKnown = exchange === undefined ? talk.whole && !requests.forgetful : exchange.method === 'POST';
  if (!isKnown || requests.answeredMethod(id) !== undefined) return undefined;
  return { where: 'id', expected, received: show(id) };
}

/** Codes of errors that only a server can choose that has read the request. */
const READ_IT: readonly unknown[] = [CODES.methodNotFound, CODES.invalidParams, CODES.missingCapability];

/** Whether an error without an id answers a request whose id could be read. */
function isIdReadable(exchange: HeardMessage['exchange'], { error }: HeardMessage['message']): boolean {
  if (exchange?.requests.length !== 1) return false;
  return exchange.status === 200 || (isRecord(error) && READ_IT.includes(error.code));
}

export const JSONRPC_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...CLIENT_REQUEST,
    modern: '2026-07-28/basic/003',
    legacy: '2025-11-25/basic/003',
    judge: (heard) =>
      hasOddId(heard) && !heard.method.startsWith('notifications/')
        ? { where: 'id', expected: 'a string or an integer', received: show(heard.message.id) }
        : undefined,
  },
  {
    on: 'request',
    by: 'server',
    legacy: '2025-11-25/basic/003',
    judge: (heard) =>
      hasOddId(heard)
        ? { where: 'id', expected: 'a string or an integer', received: show(heard.message.id) }
        : undefined,
  },
  {
    on: 'request',
    modern: '2026-07-28/basic/004',
    legacy: '2025-11-25/basic/004',
    judge: ({ message, method }) =>
      message.id === null && !method.startsWith('notifications/')
        ? { where: 'id', expected: 'a string or an integer', received: 'null' }
        : undefined,
  },
  {
    on: 'request',
    modern: '2026-07-28/basic/005',
    judge: (heard) => reused(heard, 'an id that no request in flight has'),
  },
  {
    on: 'request',
    legacy: '2025-11-25/basic/005',
    judge: (heard) => (heard.talk.whole ? reused(heard, 'an id not used before in this session') : undefined),
  },
  {
    on: 'request',
    modern: '2026-07-28/basic/028',
    legacy: '2025-11-25/basic/013',
    judge: ({ method, message }) =>
      method.startsWith('notifications/')
        ? { where: 'id', expected: 'no id: this is a notification', received: show(message.id) }
        : undefined,
  },
  { on: 'result', modern: '2026-07-28/basic/006', legacy: '2025-11-25/basic/006', judge: strayId },
  {
    on: 'error',
    modern: '2026-07-28/basic/013',
    legacy: { ...since('2024-11-05', '2025-11-25/basic/009'), '2025-06-18': '2025-06-18/basic/001' },
    judge: strayId,
  },
  {
    on: ['result', 'error'],
    by: 'server',
    modern: '2026-07-28/patterns/002',
    legacy: '2025-11-25/basic/006',
    judge: ({ talk, message, request, exchange }) =>
      request === undefined &&
      exchange === undefined &&
      !talk.requests.client.isUnclear(message.id) &&
      talk.requests.client.answeredMethod(message.id) !== undefined
        ? {
            where: 'id',
            expected: 'one response to each request',
            received: `a second one to ${show(message.id)}`,
          }
        : undefined,
  },
  {
    on: 'error',
    modern: '2026-07-28/basic/014',
    legacy: '2025-11-25/basic/010',
    judge: ({ message, error }) => {
      if (!isRecord(message.error))
        return { where: 'error', expected: 'an object', received: show(message.error) };
      if (error.code === undefined)
        return { where: 'error.code', expected: 'an integer', received: 'nothing' };
      return typeof error.message === 'string'
        ? undefined
        : { where: 'error.message', expected: 'a string', received: show(error.message) };
    },
  },
  {
    on: 'error',
    modern: '2026-07-28/basic/015',
    legacy: '2025-11-25/basic/011',
    judge: ({ error: { code } }) =>
      code === undefined || Number.isInteger(code)
        ? undefined
        : { where: 'error.code', expected: 'an integer', received: show(code) },
  },
];
