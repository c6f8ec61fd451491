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
const WANTED: ReadonlyMap<string, string> = new Map([
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
const isNews = (method: string): boolean => WANTED.has(method) || method === ACKNOWLEDGED;

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
    judge: (heard) => {
      const { method, meta, exchange } = heard;
      const listen = exchange === undefined ? undefined : listenOf(heard);
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
    judge: (heard) => {
      const listen = listenOf(heard);
      return listen === undefined ||
        listen.acknowledged ||
        heard.method === ACKNOWLEDGED ||
        !isNews(heard.method)
        ? undefined
        : { where: 'method', expected: `${ACKNOWLEDGED} first`, received: heard.method };
    },
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/subscriptions/001',
    judge: (heard): Finding | undefined => {
      const member = WANTED.get(heard.method);
      const filter = listenOf(heard)?.filter;
      if (member === undefined || filter === undefined) return undefined;
      const wanted = filter[member];
      const isWanted = Array.isArray(wanted) ? wanted.length > 0 : wanted === true;
      return isWanted
        ? undefined
        : { where: 'method', expected: `only with "${member}" in the filter`, received: heard.method };
    },
  },
  {
    ...SERVER_NOTIFICATION,
    modern: '2026-07-28/subscriptions/005',
    method: ACKNOWLEDGED,
    judge: (heard) => {
      const filter = listenOf(heard)?.filter;
      const { notifications } = heard.params;
      if (filter === undefined || !isRecord(notifications)) return undefined;
      return [...WANTED.values()]
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
    method: [...WANTED.keys()],
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
