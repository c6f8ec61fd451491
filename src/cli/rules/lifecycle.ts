/** The handshake of the legacy revisions, and the requests that have an empty answer. */
import type { HeardMessage } from './heard-message.js';
import { emptyResult } from './results.js';
import { CLIENT_REQUEST, type Rule } from './rule.js';

/** Requests that may be sent before a missing `notifications/initialized` is no matter of order any more. */
const MAX_EARLY = 2;

const isOpening = (method: string): boolean => method === 'initialize' || method === 'ping';

export const LIFECYCLE_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...CLIENT_REQUEST,
    legacy: '2025-11-25/lifecycle/001',
    judge: ({ talk, method }) =>
      talk.transport === 'stdio' && talk.handshake === 'none' && !isOpening(method)
        ? { where: 'method', expected: '"initialize" first', received: method }
        : undefined,
  },
  {
    ...CLIENT_REQUEST,
    legacy: '2025-11-25/lifecycle/005',
    judge: ({ talk, method }) =>
      talk.whole && talk.oneClient && talk.handshake === 'asked' && !isOpening(method)
        ? { where: 'method', expected: 'only "ping" until "initialize" is answered', received: method }
        : undefined,
  },
  {
    on: 'request',
    by: 'server',
    legacy: '2025-11-25/lifecycle/006',
    // A client that already sends other requests has begun to work, and lifecycle/004 is its own to keep.
    judge: ({ talk, method }) =>
      talk.whole && talk.handshake !== 'complete' && talk.early === 0 && method !== 'ping'
        ? { where: 'method', expected: 'only "ping" until notifications/initialized', received: method }
        : undefined,
  },
  {
    ...CLIENT_REQUEST,
    legacy: '2025-11-25/lifecycle/004',
    judge: ({ talk, method }) =>
      talk.whole && talk.handshake === 'answered' && talk.early === MAX_EARLY && !isOpening(method)
        ? { where: 'method', expected: 'notifications/initialized after the handshake', received: method }
        : undefined,
  },
  { on: 'result', method: 'ping', legacy: '2025-11-25/ping/001', judge: emptyResult },
  { on: 'result', method: 'logging/setLevel', legacy: '2025-11-25/logging/003', judge: emptyResult },
  {
    ...CLIENT_REQUEST,
    method: 'initialize',
    legacy: { '2025-03-26': '2025-03-26/lifecycle/001' },
    judge: ({ exchange }) =>
      exchange?.batch
        ? { where: 'request body', expected: '"initialize" alone', received: 'a batch' }
        : undefined,
  },
  {
    on: 'notification',
    by: 'client',
    method: 'notifications/cancelled',
    legacy: '2025-11-25/cancellation/002',
    judge: ({ talk, params }) =>
      talk.requests.client.find(params.requestId)?.method === 'initialize'
        ? {
            where: 'params.requestId',
            expected: 'a request other than "initialize"',
            received: '"initialize"',
          }
        : undefined,
  },
];
