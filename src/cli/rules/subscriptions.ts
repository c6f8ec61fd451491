/** The streams of `subscriptions/listen`: acknowledgment, filter, subscription ids. */

import { isRecord } from '../../wire/value.js';
import type { HeardMessage } from './heard-message.js';
import { type HeardRequest, keyOf } from './heard-requests.js';
import { completeRule } from './results.js';
import { type Finding, type Rule, SERVER_NOTIFICATION, SERVER_RESULT } from './rule.js';
import { show } from './show.js';

const ID = 'io.modelcontextprotocol/subscriptionId';
export const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
/** What a filter has to say for a notification to be sent. */
const FILTER_MEMBERS: ReadonlyMap<string, string> = new Map([
  ['notifications/tools/list_changed', 'toolsListChanged'],
  ['notifications/prompts/list_changed', 'promptsListChanged'],
  ['notifications/resources/list_changed', 'resourcesListChanged'],
  ['notifications/resources/updated', 'resourceSubscriptions'],
]);
const REQUEST_SCOPED: readonly string[] = ['notifications/progress', 'notifications/message'];

/** The listen request that a notification belongs to: that of its stream, or on stdio that of its id. */
function listenOf({ exchange, talk, meta }: HeardMessage): HeardRequest | undefined {
  const request = exchange === undefined ? talk.requests.client.find(meta[ID]) : exchange.requests[0];
  return request?.method === 'subscriptions/listen' ? request : undefined;
}
const isNews = (method: string): boolean => FILTER_MEMBERS.has(method) || method === ACKNOWLEDGED;

export const SUBSCRIPTION_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/basic/068',
    judge: ({ method, meta, exchange }) => {
      const isListening = exchange === undefined || exchange.requests[0]?.method === 'subscriptions/listen';
      return isNews(method) && isListening && meta[ID] === undefined
        ? { where: `params._meta["${ID}"]`, expected: 'the id of the listen request', received: 'nothing' }
        : undefined;
    },
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/subscriptions/007',
    judge: (message) => {
      const { method, meta, exchange } = message;
      const listen = exchange === undefined ? undefined : listenOf(message);
      return listen === undefined ||
        !isNews(method) ||
        meta[ID] === undefined ||
        keyOf(meta[ID]) === keyOf(listen.id)
        ? undefined
        : { where: `params._meta["${ID}"]`, expected: show(listen.id), received: show(meta[ID]) };
    },
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/subscriptions/002',
    judge: (message) => {
      const listen = listenOf(message);
      return listen === undefined ||
        listen.isAcknowledged ||
        message.method === ACKNOWLEDGED ||
        !isNews(message.method)
        ? undefined
        : { where: 'method', expected: `${ACKNOWLEDGED} first`, received: message.method };
    },
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/subscriptions/001',
    judge: (message): Finding | undefined => {
      const member = FILTER_MEMBERS.get(message.method);
      const filter = listenOf(message)?.filter;
      if (member === undefined || filter === undefined) return undefined;
      const filterValue = filter[member];
      const isWanted = Array.isArray(filterValue) ? filterValue.length > 0 : filterValue === true;
      return isWanted
        ? undefined
        : { where: 'method', expected: `only with "${member}" in the filter`, received: message.method };
    },
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/subscriptions/005',
    method: ACKNOWLEDGED,
    judge: (message) => {
      const filter = listenOf(message)?.filter;
      const { notifications } = message.params;
      if (filter === undefined || !isRecord(notifications)) return undefined;
      return [...FILTER_MEMBERS.values()]
        .filter((member) => isOn(notifications[member]) && !isOn(filter[member]))
        .map((member) => ({
          where: `params.notifications.${member}`,
          expected: 'only what the filter asked for',
          received: show(notifications[member]),
        }));
    },
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/streamable-http/022',
    method: REQUEST_SCOPED,
    judge: ({ exchange, method }) =>
      exchange?.requests[0]?.method === 'subscriptions/listen'
        ? { where: 'method', expected: 'no progress and no log on a listen stream', received: method }
        : undefined,
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/streamable-http/019',
    method: [...FILTER_MEMBERS.keys()],
    judge: ({ exchange, method }) => {
      const request = exchange?.requests[0];
      return request === undefined || request.method === 'subscriptions/listen'
        ? undefined
        : { where: 'method', expected: `only what concerns ${request.method}`, received: method };
    },
  },
  {
    ...SERVER_RESULT,
    method: 'subscriptions/listen',
    modern: '2026-07-28/subscriptions/012',
    judge: ({ meta, request }) =>
      request === undefined || keyOf(meta[ID]) === keyOf(request.id)
        ? undefined
        : { where: `result._meta["${ID}"]`, expected: show(request.id), received: show(meta[ID]) },
  },
  completeRule('2026-07-28/subscriptions/011', 'subscriptions/listen'),
];
const isOn = (value: unknown): boolean => value === true || (Array.isArray(value) && value.length > 0);
