/** What a reader of the pages has chosen to see: filters, a pause, a view. The address of a page says it all. */
import { preview } from '../../wire/value.js';
import { methodOf, outcomeOf, type TracedExchange } from './exchange.js';

export const HTTP_STATUSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'lost', 'open'] as const;
export const STDIO_STATUSES = ['result', 'error', 'sent', 'lost', 'open'] as const;
const STATUSES = [...new Set([...HTTP_STATUSES, ...STDIO_STATUSES])];
export const VIEWS = ['notes', 'raw', 'hex'] as const;
export type Status = (typeof HTTP_STATUSES | typeof STDIO_STATUSES)[number];
export type View = (typeof VIEWS)[number];

export type Filter = { server?: string; method?: string; status?: Status };
export type Choice = {
  filter: Filter;
  /** The newest exchange at the time of the pause. */
  paused: number | undefined;
  view: View;
};

export const NO_CHOICE: Choice = { filter: {}, paused: undefined, view: 'notes' };

const MAX_TEXT = 200;
const NUMBER = /^\d{1,15}$/;

/** A choice, or what is wrong with the address. An empty value is one that the form was sent without. */
export function readChoice(query: URLSearchParams): Choice | string {
  const [server, method, status, paused, view] = ['server', 'method', 'status', 'paused', 'view'].map(
    (name) => query.get(name) || undefined,
  );
  for (const [name, text] of [
    ['server', server],
    ['method', method],
  ] as const)
    if (text !== undefined && text.length > MAX_TEXT)
      return `${name}: expected at most ${MAX_TEXT} characters, received ${text.length}`;
  if (status !== undefined && !isOneOf(STATUSES, status))
    return `status: expected one of ${STATUSES.join(', ')}, received ${preview(status)}`;
  if (view !== undefined && !isOneOf(VIEWS, view))
    return `view: expected one of ${VIEWS.join(', ')}, received ${preview(view)}`;
  if (paused !== undefined && !NUMBER.test(paused))
    return `paused: expected the number of an exchange, received ${preview(paused)}`;
  return {
    filter: { ...(server && { server }), ...(method && { method }), ...(status && { status }) },
    paused: paused === undefined ? undefined : Number(paused),
    view: view ?? 'notes',
  };
}

function isOneOf<Text extends string>(texts: readonly Text[], text: string): text is Text {
  return (texts as readonly string[]).includes(text);
}

/** The choice as the end of an address; empty if nothing is chosen. */
export function queryOf({ filter, paused, view }: Choice): string {
  const query = new URLSearchParams({ ...filter });
  if (paused !== undefined) query.set('paused', String(paused));
  if (view !== 'notes') query.set('view', view);
  return query.size === 0 ? '' : `?${query}`;
}

/** The method of a message, or the verb of a request without one. */
export function methodNameOf(exchange: TracedExchange): string {
  return methodOf(exchange) ?? exchange.verb;
}

/** Each exchange has exactly one, so that the counts add up. */
export function statusOf(exchange: TracedExchange): Status {
  const { state, answer, stdio } = exchange;
  if (state !== 'done') return state;
  const status =
    stdio !== undefined ? outcomeOf(exchange).text : `${Math.floor((answer?.status ?? 0) / 100)}xx`;
  return isOneOf(STATUSES, status) ? status : 'lost';
}

export function matches(exchange: TracedExchange, { server, method, status }: Filter): boolean {
  return (
    (server === undefined || exchange.server === server) &&
    (method === undefined || methodNameOf(exchange) === method) &&
    (status === undefined || statusOf(exchange) === status)
  );
}

export type Selection = {
  /** What is stored and not newer than the pause, oldest first. */
  exchanges: readonly TracedExchange[];
  /** Those of them that the filter lets through. */
  shownExchanges: readonly TracedExchange[];
  /** How many came since the pause. */
  waitingCount: number;
};

export function select(all: readonly TracedExchange[], { filter, paused }: Choice): Selection {
  const exchanges = paused === undefined ? all : all.filter(({ number }) => number <= paused);
  const shownExchanges = exchanges.filter((exchange) => matches(exchange, filter));
  return {
    exchanges,
    shownExchanges,
    waitingCount: all.length - exchanges.length,
  };
}
