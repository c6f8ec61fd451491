/** What JSON-RPC 2.0 asks of every message, with the restrictions of MCP. */
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import { type HeardMessage, otherSide } from './heard-message.js';
import { CLIENT_REQUEST, type Rule, since } from './rule.js';
import { show } from './show.js';

const hasOddId = ({ json: { id } }: HeardMessage): boolean =>
  id !== null && typeof id !== 'string' && !Number.isInteger(id);

/** Whether ids of this side can be compared: all its requests come from one sender. */
const isOneSender = ({ talk, by }: HeardMessage): boolean => by === 'server' || talk.oneClient;
const isReused = ({ talk, by, json }: HeardMessage, modern: boolean): boolean => {
  const requests = talk.requests[by];
  if (requests.find(json.id) !== undefined) return true;
  return !modern && requests.answeredMethod(json.id) !== undefined;
};
const reusedId = (message: HeardMessage, expected: string) =>
  hasOddId(message) || !isOneSender(message)
    ? undefined
    : isReused(message, message.revision === '2026-07-28')
      ? { where: 'id', expected, received: `${show(message.json.id)} again` }
      : undefined;

/** Why a response answers nothing: its id is missing, or of no request in flight. */
function strayId({ talk, by, revision, json, request, exchange, kind }: HeardMessage) {
  // A modern client sends no responses at all, and a notification has none: those are matters of other clauses.
  if (by === 'client' && revision === '2026-07-28') return undefined;
  if (exchange?.method === 'POST' && exchange.requests.length === 0 && exchange.notifications > 0)
    return undefined;
  // What could not be read as a whole may be answered with any id, or with none.
  if (kind === 'error' && exchange?.unreadable === true) return undefined;
  const { id } = json;
  if (request !== undefined || talk.requests[otherSide(by)].isUnclear(id)) return undefined;
  const waiting = exchange?.requests.length === 1 ? exchange.requests[0] : undefined;
  const expected = waiting === undefined ? 'the id of a request in flight' : show(waiting.id);
  if (id === undefined || id === null) {
    if (kind === 'error' && !isIdReadable(exchange, json)) return undefined;
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
function isIdReadable(exchange: HeardMessage['exchange'], { error }: HeardMessage['json']): boolean {
  if (exchange?.requests.length !== 1) return false;
  return exchange.status === 200 || (isRecord(error) && READ_IT.includes(error.code));
}

export const JSONRPC_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...CLIENT_REQUEST,
    modern: '2026-07-28/basic/003',
    legacy: '2025-11-25/basic/003',
    judge: (message) =>
      hasOddId(message) && !message.method.startsWith('notifications/')
        ? { where: 'id', expected: 'a string or an integer', received: show(message.json.id) }
        : undefined,
  },
  {
    on: 'request',
    by: 'server',
    legacy: '2025-11-25/basic/003',
    judge: (message) =>
      hasOddId(message)
        ? { where: 'id', expected: 'a string or an integer', received: show(message.json.id) }
        : undefined,
  },
  {
    on: 'request',
    modern: '2026-07-28/basic/004',
    legacy: '2025-11-25/basic/004',
    judge: ({ json, method }) =>
      json.id === null && !method.startsWith('notifications/')
        ? { where: 'id', expected: 'a string or an integer', received: 'null' }
        : undefined,
  },
  {
    on: 'request',
    modern: '2026-07-28/basic/005',
    judge: (message) => reusedId(message, 'an id that no request in flight has'),
  },
  {
    on: 'request',
    legacy: '2025-11-25/basic/005',
    judge: (message) =>
      message.talk.whole ? reusedId(message, 'an id not used before in this session') : undefined,
  },
  {
    on: 'request',
    modern: '2026-07-28/basic/028',
    legacy: '2025-11-25/basic/013',
    judge: ({ method, json }) =>
      method.startsWith('notifications/')
        ? { where: 'id', expected: 'no id: this is a notification', received: show(json.id) }
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
    judge: ({ talk, json, request, exchange }) =>
      request === undefined &&
      exchange === undefined &&
      !talk.requests.client.isUnclear(json.id) &&
      talk.requests.client.answeredMethod(json.id) !== undefined
        ? {
            where: 'id',
            expected: 'one response to each request',
            received: `a second one to ${show(json.id)}`,
          }
        : undefined,
  },
  {
    on: 'error',
    modern: '2026-07-28/basic/014',
    legacy: '2025-11-25/basic/010',
    judge: ({ json, error }) => {
      if (!isRecord(json.error)) return { where: 'error', expected: 'an object', received: show(json.error) };
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
