/** Above the list: filters, pause and clear. All of them are links and forms, so they work without a script. */
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import {
  type Choice,
  type Filter,
  HTTP_STATUSES,
  matches,
  methodNameOf,
  NO_CHOICE,
  queryOf,
  type Selection,
  STDIO_STATUSES,
} from '../choice.js';
import type { TracedExchange } from '../exchange.js';

const NAMES: { [Name in keyof Required<Filter>]: string } = {
  server: 'Server',
  method: 'Method',
  status: 'Status',
};
const ANY: { [Name in keyof Required<Filter>]: string } = {
  server: 'any server',
  method: 'any method',
  status: 'any status',
};
const FIELDS = ['server', 'method', 'status'] as const;
/** Methods come from clients, which may invent any number of them. */
const MAX_OPTIONS = 50;

/** `base` is the address of the page with its secret, `here` that of the exchange that is shown, if there is one. */
export function controls(
  base: string,
  here: string,
  all: readonly TracedExchange[],
  choice: Choice,
  { exchanges, waitingCount }: Selection,
): Html {
  const { filter, paused, view } = choice;
  const newest = exchanges.at(-1)?.number ?? 0;
  const pause =
    paused === undefined
      ? html`<a class="btn" data-go data-key="pause" href="${here}${queryOf({ ...choice, paused: newest })}">Pause</a>`
      : html`<a class="btn" data-go data-key="pause" href="${here}${queryOf({ ...choice, paused: undefined })}">Resume${waitingCount > 0 && ` (${waitingCount} new)`}</a>`;
  return html`<form class="filters" method="get" action="${here}" aria-label="Filters">
${FIELDS.map((name) => field(name, filter[name], optionsOf(name, exchanges)))}
${paused !== undefined && html`<input type="hidden" name="paused" value="${paused}">`}
${view !== 'notes' && html`<input type="hidden" name="view" value="${view}">`}
<noscript><button class="btn">Filter</button></noscript>
</form>
<div class="tools">
${pause}
<form method="post" action="${base}/clear${queryOf({ ...choice, view: 'notes' })}"><button class="btn no"${all.length === 0 && html` disabled`}>Clear</button></form>
</div>`;
}

function field(
  name: (typeof FIELDS)[number],
  selected: string | undefined,
  options: readonly string[],
): Html {
  const all = selected === undefined || options.includes(selected) ? options : [selected, ...options];
  return html`<label for="filter-${name}">${NAMES[name]}</label>
<select id="filter-${name}" name="${name}">
<option value="">${ANY[name]}</option>
${all.map((one) => html`<option value="${one}"${one === selected && html` selected`}>${visibleText(one)}</option>`)}
</select>`;
}

function optionsOf(name: (typeof FIELDS)[number], exchanges: readonly TracedExchange[]): readonly string[] {
  if (name === 'status')
    return exchanges.some(({ stdio }) => stdio !== undefined) ? STDIO_STATUSES : HTTP_STATUSES;
  const names = exchanges.map((exchange) => (name === 'server' ? exchange.server : methodNameOf(exchange)));
  return [...new Set(names)].sort().slice(0, MAX_OPTIONS);
}

/** How many exchanges there are, and how many of them are shown. */
export function countText(
  { filter, paused }: Choice,
  { exchanges, shownExchanges, waitingCount }: Selection,
): string {
  const all = isEmpty(filter)
    ? `${exchanges.length} stored.`
    : `${shownExchanges.length} of ${exchanges.length} shown.`;
  const counts = exchanges.length === 0 ? 'Nothing yet.' : all;
  return paused === undefined ? counts : `${counts} Paused: ${waitingCount} new since then.`;
}

/** What to do if the list is empty. */
export function emptyState(here: string, choice: Choice, { exchanges, waitingCount }: Selection): Html {
  const { filter, paused } = choice;
  if (exchanges.length === 0) {
    return paused === undefined
      ? html`<p class="soft">Send a request to an MCP endpoint, and it appears here.</p>`
      : html`<p class="soft">Nothing from before the pause is stored. Resume to see the ${waitingCount} new.</p>`;
  }
  const conditions = FIELDS.flatMap((name) =>
    filter[name] === undefined ? [] : [`${NAMES[name].toLowerCase()} ${filter[name]}`],
  );
  const wider = FIELDS.flatMap((name) => {
    const { [name]: without, ...others } = filter;
    const count = exchanges.filter((exchange) => matches(exchange, others)).length;
    if (without === undefined || isEmpty(others) || count === 0) return [];
    return [html`<li>${link(here, { ...choice, filter: others }, `Show ${ANY[name]}`)} (${count})</li>`];
  });
  return html`<div class="empty"><p>None of the ${exchanges.length} stored has ${visible(conditions.join(' and '))}.</p>
<ul>${wider}
<li>${link(here, { ...choice, filter: NO_CHOICE.filter }, 'Show all')} (${exchanges.length})</li></ul></div>`;
}

function link(here: string, choice: Choice, text: string): Html {
  return html`<a data-go href="${here}${queryOf(choice)}">${text}</a>`;
}

function isEmpty(filter: Filter): boolean {
  return Object.keys(filter).length === 0;
}
