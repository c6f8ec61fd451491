/** What JSON-RPC 2.0 asks of every message, with the restrictions of MCP. */
import { isRecord } from '../../wire/value.js';
import { keyOf } from './asked.js';
import { type Rule, since } from './rule.js';
import { kindOf, otherSide, type Raw, type Said } from './said.js';
import { quote, show } from './show.js';

const onStdio = ({ talk }: Raw): boolean => talk.transport === 'stdio';
const notJson = ({ text }: Raw) => ({
  where: 'message',
  expected: 'a JSON-RPC message',
  received: text.trim() === '' ? 'an empty line' : quote(text),
});
const notJsonOnStdio = (raw: Raw) => (onStdio(raw) && raw.value === undefined ? notJson(raw) : undefined);
const BOTH_SHAPES = '2026-07-28/basic/002';
const LEGACY_SHAPES = '2025-11-25/basic/002';

/** The rules of JSON values that may not be messages at all. */
export const RAW_RULES: readonly Rule<Raw>[] = [
  {
    level: 'MUST',
    modern: BOTH_SHAPES,
    legacy: LEGACY_SHAPES,
    judge: (raw) => (raw.value === undefined && !onStdio(raw) ? notJson(raw) : undefined),
  },
  {
    level: 'MUST',
    by: 'server',
    modern: '2026-07-28/stdio/004',
    legacy: '2025-11-25/transports/006',
    judge: notJsonOnStdio,
  },
  {
    level: 'MUST',
    by: 'client',
    modern: '2026-07-28/stdio/005',
    legacy: '2025-11-25/transports/007',
    judge: notJsonOnStdio,
  },
  {
    level: 'MUST',
    modern: BOTH_SHAPES,
    legacy: LEGACY_SHAPES,
    judge: ({ value }) => {
      if (value === undefined) return undefined;
      if (!isRecord(value)) return { where: 'message', expected: 'a JSON object', received: show(value) };
      const { jsonrpc, method } = value;
      if (jsonrpc !== '2.0') return { where: 'jsonrpc', expected: '"2.0"', received: show(jsonrpc) };
      if ('method' in value && typeof method !== 'string')
        return { where: 'method', expected: 'a string', received: show(method) };
      if ('method' in value && ('result' in value || 'error' in value))
        return { where: 'message', expected: '"method" or a response, not both', received: 'both' };
      if (kindOf(value) === undefined && !('id' in value))
        return { where: 'message', expected: '"method", "result" or "error"', received: 'none of them' };
      return undefined;
    },
  },
  {
    level: 'MUST',
    modern: '2026-07-28/basic/007',
    legacy: '2025-11-25/basic/007',
    judge: ({ value }) =>
      isRecord(value) && value.jsonrpc === '2.0' && kindOf(value) === undefined && 'id' in value && !('method' in value)
        ? { where: 'message', expected: '"result" or "error"', received: 'neither' }
        : undefined,
  },
  {
    level: 'MUST',
    modern: BOTH_SHAPES,
    legacy: {
      '2025-11-25': LEGACY_SHAPES,
      '2025-06-18': '2025-06-18/basic/002',
      '2025-03-26': '2025-03-26/basic/003',
      '2024-11-05': '2024-11-05/messages/001',
    },
    judge: ({ value }) =>
      isRecord(value) && !('method' in value) && 'result' in value && 'error' in value
        ? { where: 'message', expected: '"result" or "error"', received: 'both' }
        : undefined,
  },
];

const hasOddId = ({ message: { id } }: Said): boolean => id !== null && typeof id !== 'string' && !Number.isInteger(id);

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
function strayId({ talk, by, message, asked, exchange, kind }: Said) {
  if (asked !== undefined) return undefined;
  const { id } = message;
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
const READ_IT: readonly unknown[] = [-32601, -32602, -32021];

/** Whether an error without an id answers a request whose id could be read. */
function isIdReadable(exchange: Said['exchange'], { error }: Said['message']): boolean {
  if (exchange === undefined || exchange.unreadable || exchange.asked.length !== 1) return false;
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
      hasOddId(said) ? { where: 'id', expected: 'a string or an integer', received: show(said.message.id) } : undefined,
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
      asked === undefined && exchange === undefined && talk.requests.client.answeredMethod(message.id) !== undefined
        ? { where: 'id', expected: 'one response to each request', received: `a second one to ${show(message.id)}` }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'error',
    modern: '2026-07-28/basic/014',
    legacy: '2025-11-25/basic/010',
    judge: ({ message, error }) => {
      if (!isRecord(message.error)) return { where: 'error', expected: 'an object', received: show(message.error) };
      if (error.code === undefined) return { where: 'error.code', expected: 'an integer', received: 'nothing' };
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
export const sameId = (one: unknown, other: unknown): boolean => keyOf(one) === keyOf(other);
