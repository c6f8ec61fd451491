/** What JSON-RPC 2.0 asks of every message, with the restrictions of MCP. */
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import { type Rule, since } from './rule.js';
import { otherSide, type Said } from './said.js';
import { show } from './show.js';

const hasOddId = ({ message: { id } }: Said): boolean =>
  id !== null && typeof id !== 'string' && !Number.isInteger(id);

/** Whether ids of this side can be compared: all its requests come from one sender. */
const isOneSender = ({ talk, by }: Said): boolean => by === 'server' || talk.oneClient;
const isReused = ({ talk, by, message }: Said, modern: boolean): boolean => {
  const requests = talk.requests[by];
  if (requests.find(message.id) !== undefined) return true;
  return !modern && requests.answeredMethod(message.id) !== undefined;
};
const reused = (said: Said, expected: string) =>
  hasOddId(said) || !isOneSender(said)
    ? undefined
    : isReused(said, said.revision === '2026-07-28')
      ? { where: 'id', expected, received: `${show(said.message.id)} again` }
      : undefined;

/** Why a response answers nothing: its id is missing, or of no request in flight. */
function strayId({ talk, by, revision, message, asked, exchange, kind }: Said) {
  // A modern client sends no responses at all, and a notification has none: those are matters of other clauses.
  if (by === 'client' && revision === '2026-07-28') return undefined;
  if (exchange?.method === 'POST' && exchange.asked.length === 0 && exchange.notifications > 0)
    return undefined;
  // What could not be read as a whole may be answered with any id, or with none.
  if (kind === 'error' && exchange?.unreadable === true) return undefined;
  const { id } = message;
  if (asked !== undefined || talk.requests[otherSide(by)].isUnclear(id)) return undefined;
  const waiting = exchange?.asked.length === 1 ? exchange.asked[0] : undefined;
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
function isIdReadable(exchange: Said['exchange'], { error }: Said['message']): boolean {
  if (exchange?.asked.length !== 1) return false;
  return exchange.status === 200 || (isRecord(error) && READ_IT.includes(error.code));
}

export const JSONRPC_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'request',
    by: 'client',
    modern: '2026-07-28/basic/003',
    legacy: '2025-11-25/basic/003',
    judge: (said) =>
      hasOddId(said) && !said.method.startsWith('notifications/')
        ? { where: 'id', expected: 'a string or an integer', received: show(said.message.id) }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'request',
    by: 'server',
    legacy: '2025-11-25/basic/003',
    judge: (said) =>
      hasOddId(said)
        ? { where: 'id', expected: 'a string or an integer', received: show(said.message.id) }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'request',
    modern: '2026-07-28/basic/004',
    legacy: '2025-11-25/basic/004',
    judge: ({ message, method }) =>
      message.id === null && !method.startsWith('notifications/')
        ? { where: 'id', expected: 'a string or an integer', received: 'null' }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'request',
    modern: '2026-07-28/basic/005',
    judge: (said) => reused(said, 'an id that no request in flight has'),
  },
  {
    level: 'MUST',
    on: 'request',
    legacy: '2025-11-25/basic/005',
    judge: (said) => (said.talk.whole ? reused(said, 'an id not used before in this session') : undefined),
  },
  {
    level: 'MUST',
    on: 'request',
    modern: '2026-07-28/basic/028',
    legacy: '2025-11-25/basic/013',
    judge: ({ method, message }) =>
      method.startsWith('notifications/')
        ? { where: 'id', expected: 'no id: this is a notification', received: show(message.id) }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    modern: '2026-07-28/basic/006',
    legacy: '2025-11-25/basic/006',
    judge: strayId,
  },
  {
    level: 'MUST',
    on: 'error',
    modern: '2026-07-28/basic/013',
    legacy: { ...since('2024-11-05', '2025-11-25/basic/009'), '2025-06-18': '2025-06-18/basic/001' },
    judge: strayId,
  },
  {
    level: 'MUST',
    on: ['result', 'error'],
    by: 'server',
    modern: '2026-07-28/patterns/002',
    legacy: '2025-11-25/basic/006',
    judge: ({ talk, message, asked, exchange }) =>
      asked === undefined &&
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
    level: 'MUST',
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
    level: 'MUST',
    on: 'error',
    modern: '2026-07-28/basic/015',
    legacy: '2025-11-25/basic/011',
    judge: ({ error: { code } }) =>
      code === undefined || Number.isInteger(code)
        ? undefined
        : { where: 'error.code', expected: 'an integer', received: show(code) },
  },
];
