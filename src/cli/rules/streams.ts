/** Which messages may come where: on the answer to a POST, on a stream of a GET, and from a server at all. */
import type { HeardMessage } from './heard-message.js';
import { type Rule, since } from './rule.js';

const isStreamAnswered = (message: HeardMessage): boolean => {
  const { exchange } = message;
  return (
    exchange?.content === 'stream' &&
    exchange.method === 'POST' &&
    exchange.requests.length > 0 &&
    exchange.requests.every(({ isAnswered }) => isAnswered)
  );
};
const afterAnswer = (message: HeardMessage) =>
  isStreamAnswered(message)
    ? { where: 'stream', expected: 'its end after the answer', received: 'a further message' }
    : undefined;
const onlyNotifies = ({ exchange }: HeardMessage): boolean =>
  exchange !== undefined &&
  !exchange.old &&
  exchange.method === 'POST' &&
  exchange.requests.length === 0 &&
  exchange.notifications > 0 &&
  exchange.responses === 0 &&
  !exchange.unreadable;

export const STREAM_RULES: readonly Rule<HeardMessage>[] = [
  {
    on: 'request',
    by: 'server',
    modern: '2026-07-28/patterns/001',
    judge: ({ method }) => ({ where: 'method', expected: 'no request of a server', received: method }),
  },
  {
    on: ['result', 'error'],
    by: 'client',
    modern: '2026-07-28/transports/004',
    judge: ({ exchange }) =>
      exchange === undefined
        ? { where: 'message', expected: 'a request or a notification', received: 'a response' }
        : undefined,
  },
  {
    by: 'server',
    modern: '2026-07-28/streamable-http/021',
    legacy: since('2025-03-26', '2025-11-25/transports/030'),
    judge: afterAnswer,
  },
  {
    on: ['result', 'error'],
    by: 'server',
    legacy: since('2025-03-26', '2025-11-25/transports/039'),
    judge: ({ exchange, kind }) =>
      exchange?.method === 'GET' && !exchange.old && !exchange.headers.has('last-event-id')
        ? { where: 'message', expected: 'no response on the stream of a GET', received: kind }
        : undefined,
  },
  {
    on: ['result', 'error'],
    by: 'server',
    modern: '2026-07-28/basic/027',
    legacy: '2025-11-25/basic/012',
    judge: (message) =>
      onlyNotifies(message) && (message.exchange?.status ?? 0) < 300
        ? { where: 'body', expected: 'nothing in answer to a notification', received: message.kind }
        : undefined,
  },
];
