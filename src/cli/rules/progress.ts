/** Progress, cancellation and log messages. */
import { type HeardMessage, otherSide } from './heard-message.js';
import { type Finding, type Rule, SERVER_NOTIFICATION } from './rule.js';
import { show } from './show.js';

const PROGRESS = { on: 'notification', method: 'notifications/progress' } as const;
const CANCELLED = { on: 'notification', method: 'notifications/cancelled' } as const;

const isToken = (token: unknown): boolean => typeof token === 'string' || Number.isInteger(token);
/** The request that the progress is about. */
const reportedRequest = ({ talk, by, params }: HeardMessage) =>
  talk.requests[otherSide(by)].withToken(params.progressToken);

function tokenTwice({ talk, by, meta: { progressToken } }: HeardMessage): Finding | undefined {
  if (!isToken(progressToken) || (by === 'client' && !talk.oneClient)) return undefined;
  const other = talk.requests[by].withToken(progressToken);
  return other === undefined || other.isLost
    ? undefined
    : {
        where: 'params._meta.progressToken',
        expected: 'a token that no request in flight has',
        received: `${show(progressToken)} again`,
      };
}

function notGrowing(message: HeardMessage): Finding | undefined {
  const last = reportedRequest(message)?.lastProgress;
  const { progress } = message.params;
  return last === undefined || typeof progress !== 'number' || progress > last
    ? undefined
    : { where: 'params.progress', expected: `more than ${last}`, received: String(progress) };
}

/** A token that no request ever had, as far as all requests were seen. */
function unknownToken(message: HeardMessage): Finding | undefined {
  const { talk, by, params, exchange } = message;
  const requests = talk.requests[otherSide(by)];
  const seesAll = talk.whole && !requests.forgetful && talk.oneClient && exchange?.method !== 'GET';
  if (
    !seesAll ||
    !isToken(params.progressToken) ||
    reportedRequest(message) !== undefined ||
    requests.hadToken(params.progressToken)
  )
    return undefined;
  return {
    where: 'params.progressToken',
    expected: 'the token of a request in flight',
    received: show(params.progressToken),
  };
}

function afterTheEnd(message: HeardMessage): Finding | undefined {
  const { talk, by, params, exchange } = message;
  // A stream of its own may arrive late.
  return reportedRequest(message) === undefined &&
    exchange?.method !== 'GET' &&
    talk.requests[otherSide(by)].isSpentToken(params.progressToken)
    ? {
        where: 'params.progressToken',
        expected: 'no progress after the answer',
        received: show(params.progressToken),
      }
    : undefined;
}

export const PROGRESS_RULES: readonly Rule<HeardMessage>[] = [
  { on: 'request', modern: '2026-07-28/progress/003', legacy: '2025-11-25/progress/002', judge: tokenTwice },
  { ...PROGRESS, modern: '2026-07-28/progress/004', legacy: '2025-11-25/progress/003', judge: notGrowing },
  { ...PROGRESS, modern: '2026-07-28/progress/007', legacy: '2025-11-25/progress/006', judge: unknownToken },
  { ...PROGRESS, modern: '2026-07-28/progress/011', legacy: '2025-11-25/progress/011', judge: afterTheEnd },
  {
    ...PROGRESS,
    by: 'server',
    modern: '2026-07-28/streamable-http/019',
    judge: (message) => {
      const request = reportedRequest(message);
      const { exchange, params } = message;
      return exchange === undefined || request?.exchange === undefined || request.exchange === exchange
        ? undefined
        : {
            where: 'params.progressToken',
            expected: 'the token of this request',
            received: show(params.progressToken),
          };
    },
  },
  {
    ...CANCELLED,
    by: 'client',
    modern: '2026-07-28/cancellation/011',
    legacy: '2025-11-25/cancellation/001',
    judge: ({ talk, params: { requestId } }) => {
      const { client } = talk.requests;
      const isKnown = !talk.whole || !talk.oneClient || client.forgetful || requestId === undefined;
      // A request that was answered a moment ago may cross its cancellation.
      if (isKnown || client.find(requestId) !== undefined || client.answeredMethod(requestId) !== undefined)
        return undefined;
      return {
        where: 'params.requestId',
        expected: 'the id of a request of this client',
        received: show(requestId),
      };
    },
  },
  {
    ...CANCELLED,
    by: 'server',
    modern: '2026-07-28/cancellation/012',
    judge: ({ talk, params: { requestId } }) => {
      const method = talk.requests.client.find(requestId)?.method;
      return method === undefined || method === 'subscriptions/listen'
        ? undefined
        : {
            where: 'params.requestId',
            expected: 'the id of subscriptions/listen',
            received: `${show(requestId)}, ${method}`,
          };
    },
  },
  {
    ...CANCELLED,
    by: 'server',
    modern: '2026-07-28/schema/011',
    judge: ({ exchange }) =>
      exchange === undefined
        ? undefined
        : { where: 'method', expected: 'no notifications/cancelled over HTTP', received: 'one' },
  },
  {
    ...SERVER_NOTIFICATION,
    method: 'notifications/message',
    modern: '2026-07-28/logging/004',
    judge: ({ exchange }) => {
      const request = exchange?.requests[0];
      return request === undefined || request.hasLogLevel || request.method === 'subscriptions/listen'
        ? undefined
        : {
            where: 'method',
            expected: 'no log message: the request has no logLevel',
            received: 'notifications/message',
          };
    },
  },
];
