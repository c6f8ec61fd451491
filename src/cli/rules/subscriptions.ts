/** The streams of `subscriptions/listen`: acknowledgment, filter, subscription ids. */
import { isRecord } from '../../wire/value.js';
import { type Asked, keyOf } from './asked.js';
import type { Finding, Rule } from './rule.js';
import type { Said } from './said.js';
import { show } from './show.js';

const ID = 'io.modelcontextprotocol/subscriptionId';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
/** What a filter has to say for a notification to be sent. */
const WANTED: ReadonlyMap<string, string> = new Map([
  ['notifications/tools/list_changed', 'toolsListChanged'],
  ['notifications/prompts/list_changed', 'promptsListChanged'],
  ['notifications/resources/list_changed', 'resourcesListChanged'],
  ['notifications/resources/updated', 'resourceSubscriptions'],
]);
const REQUEST_SCOPED: readonly string[] = ['notifications/progress', 'notifications/message'];

/** The listen request that a notification belongs to: that of its stream, or on stdio that of its id. */
function listenOf({ exchange, talk, meta }: Said): Asked | undefined {
  const asked = exchange === undefined ? talk.requests.client.find(meta[ID]) : exchange.asked[0];
  return asked?.method === 'subscriptions/listen' ? asked : undefined;
}
const isNews = (method: string): boolean => WANTED.has(method) || method === ACKNOWLEDGED;
const NOTIFIED = { level: 'MUST', on: 'notification', by: 'server' } as const;

export const SUBSCRIPTION_RULES: readonly Rule<Said>[] = [
  {
    ...NOTIFIED,
    modern: '2026-07-28/basic/068',
    judge: ({ method, meta, exchange }) => {
      const isListening = exchange === undefined || exchange.asked[0]?.method === 'subscriptions/listen';
      return isNews(method) && isListening && meta[ID] === undefined
        ? { where: `params._meta["${ID}"]`, expected: 'the id of the listen request', received: 'nothing' }
        : undefined;
    },
  },
  {
    ...NOTIFIED,
    modern: '2026-07-28/subscriptions/007',
    judge: (said) => {
      const { method, meta, exchange } = said;
      const listen = exchange === undefined ? undefined : listenOf(said);
      return listen === undefined ||
        !isNews(method) ||
        meta[ID] === undefined ||
        keyOf(meta[ID]) === keyOf(listen.id)
        ? undefined
        : { where: `params._meta["${ID}"]`, expected: show(listen.id), received: show(meta[ID]) };
    },
  },
  {
    ...NOTIFIED,
    modern: '2026-07-28/subscriptions/002',
    judge: (said) => {
      const listen = listenOf(said);
      return listen === undefined ||
        listen.acknowledged ||
        said.method === ACKNOWLEDGED ||
        !isNews(said.method)
        ? undefined
        : { where: 'method', expected: `${ACKNOWLEDGED} first`, received: said.method };
    },
  },
  {
    ...NOTIFIED,
    modern: '2026-07-28/subscriptions/001',
    judge: (said): Finding | undefined => {
      const member = WANTED.get(said.method);
      const filter = listenOf(said)?.filter;
      if (member === undefined || filter === undefined) return undefined;
      const wanted = filter[member];
      const isWanted = Array.isArray(wanted) ? wanted.length > 0 : wanted === true;
      return isWanted
        ? undefined
        : { where: 'method', expected: `only with "${member}" in the filter`, received: said.method };
    },
  },
  {
    ...NOTIFIED,
    modern: '2026-07-28/subscriptions/005',
    method: ACKNOWLEDGED,
    judge: (said) => {
      const filter = listenOf(said)?.filter;
      const { notifications } = said.params;
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
    ...NOTIFIED,
    modern: '2026-07-28/streamable-http/022',
    method: REQUEST_SCOPED,
    judge: ({ exchange, method }) =>
      exchange?.asked[0]?.method === 'subscriptions/listen'
        ? { where: 'method', expected: 'no progress and no log on a listen stream', received: method }
        : undefined,
  },
  {
    ...NOTIFIED,
    modern: '2026-07-28/streamable-http/019',
    method: [...WANTED.keys()],
    judge: ({ exchange, method }) => {
      const asked = exchange?.asked[0];
      return asked === undefined || asked.method === 'subscriptions/listen'
        ? undefined
        : { where: 'method', expected: `only what concerns ${asked.method}`, received: method };
    },
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: 'subscriptions/listen',
    modern: '2026-07-28/subscriptions/012',
    judge: ({ meta, asked }) =>
      asked === undefined || keyOf(meta[ID]) === keyOf(asked.id)
        ? undefined
        : { where: `result._meta["${ID}"]`, expected: show(asked.id), received: show(meta[ID]) },
  },
  {
    level: 'SHOULD',
    on: 'result',
    by: 'server',
    method: 'subscriptions/listen',
    modern: '2026-07-28/subscriptions/011',
    judge: ({ result: { resultType } }) =>
      typeof resultType !== 'string' || resultType === 'complete'
        ? undefined
        : { where: 'result.resultType', expected: '"complete"', received: show(resultType) },
  },
];
const isOn = (value: unknown): boolean => value === true || (Array.isArray(value) && value.length > 0);

export { ACKNOWLEDGED };
