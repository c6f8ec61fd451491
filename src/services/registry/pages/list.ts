/** The list of servers: search form, filters, results, and the form that adds a server. */
import type { Page } from '../../../pages/bar.js';
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { ListView } from '../page-view.js';
import type { Facets, Query } from '../search/types.js';
import { ADD_PATH, LIST_PATH, listAddress, PAGE_LIMIT, segment, signInPath } from './address.js';
import { page } from './layout.js';
import { actionForm, plural, STATES } from './parts.js';
import { row } from './row.js';

export function listPage(view: ListView): Page {
  const { query, total, all, visitor, formResult } = view;
  const isFiltered = query.q !== '' || activeFilters(query).length > 0;
  const summary = isFiltered ? `${plural(total, 'server')} found` : plural(total, 'server');
  // At the top, since the form is below the list.
  const addLink =
    visitor === undefined
      ? html`<a class="aside" href="${signInPath(LIST_PATH)}">Sign in to add or switch servers</a>`
      : html`<a class="aside" href="#add">Add a server</a>`;
  return page(
    {
      title: query.q === '' ? 'MCP servers' : `${query.q}: MCP servers`,
      visitor,
      formResult,
    },
    html`<div class="line titled"><h1>MCP servers</h1>${addLink}</div>`,
    html`${searchForm(query, all === 0)}
<div data-live="list" data-all="${all}" data-said="${summary}.">
${all === 0 ? emptyRegistry() : results(view, summary)}
</div>
${visitor && addForm(visitor.csrf)}`,
  );
}

/** Hidden fields keep the filters where no script runs. The script shows the form once there is a server. */
function searchForm(query: Query, isHidden: boolean): Html {
  const { limit } = query;
  const hiddenFields = [
    ...activeFilters(query),
    ...(limit === PAGE_LIMIT ? [] : [{ name: 'limit', value: String(limit) }]),
  ];
  return html`<form role="search" method="get" action="${LIST_PATH}" class="search"${isHidden && html` hidden`}>
<label for="q">Search servers and tools</label>
<div class="joined">
<input id="q" type="search" name="q" value="${query.q}" autocomplete="off" spellcheck="false" maxlength="200" aria-describedby="q-hint">
<button class="btn">Search</button>
</div>
<p id="q-hint" class="soft small">Words, or “a phrase” in double quotes. Press <kbd>/</kbd> to search.</p>
${hiddenFields.map(({ name, value }) => html`<input type="hidden" name="${name}" value="${value}">`)}
</form>`;
}

type FilterName = keyof Facets;
const LABELS = { state: 'State', destructive: 'Tools', owner: 'Owner', scope: 'Scope' };
const FILTER_NAMES = ['state', 'destructive', 'owner', 'scope'] as const;

function activeFilters(query: Query): { name: FilterName; value: string }[] {
  return FILTER_NAMES.flatMap((name) =>
    query[name] === undefined ? [] : { name, value: String(query[name]) },
  );
}

/** Each value is a link that people can share; following the link of an active filter removes it. */
function filterLinks(query: Query, facets: Facets): Html {
  const { q, limit } = query;
  return html`<nav class="filters" aria-labelledby="filters">
<h2 id="filters" class="heard">Filters</h2>
${groupsOf(facets).map((group) => filterGroup(query, group))}
${activeFilters(query).length > 0 && html`<p><a id="no-filters" data-go href="${listAddress({ q, offset: 0, limit })}">Remove all filters</a></p>`}
</nav>`;
}

type Group = {
  id: string;
  label: string;
  name: FilterName;
  values: Facets[FilterName];
  has: (value: string) => boolean;
};

/** Each server has one state, so that the numbers of the states add up. What needs a look comes beside it. */
function groupsOf(facets: Facets): Group[] {
  const isState = (value: string): boolean => !['quarantined', 'failing'].includes(value);
  const needsLook = (value: string): boolean => !isState(value);
  const state = { name: 'state', values: facets.state } as const;
  return [
    { ...state, id: 'state', label: 'State', has: isState },
    { ...state, id: 'look', label: 'Needs a look', has: needsLook },
    ...(['destructive', 'owner', 'scope'] as const).map((name) => ({
      id: name,
      label: LABELS[name],
      name,
      values: facets[name],
      has: () => true,
    })),
  ];
}

function filterGroup(query: Query, { id, label, name, values: all, has }: Group): Html {
  const active = query[name] === undefined ? undefined : String(query[name]);
  const facet = all.filter(({ value }) => has(value));
  // An active filter can be removed even if no server has its value any more.
  const isMissing = active !== undefined && has(active) && !facet.some(({ value }) => value === active);
  const values = isMissing ? [{ value: active, count: 0 }, ...facet] : facet;
  if (values.length === 0) return html``;
  const links = values.map(({ value, count }) => {
    const isActive = value === active;
    const filter = isActive ? undefined : name === 'destructive' ? value === 'true' : value;
    const address = listAddress(query, { [name]: filter, offset: 0 });
    const text = html`<span dir="auto">${visible(labelOf(name, value))}</span> <span class="number">${count}</span>`;
    return html`<li><a id="by-${name}-${segment(value)}" data-go href="${address}"${isActive && html` class="used" aria-current="true"`}>${text}${isActive && html`<span class="heard">, remove this filter</span>`}</a></li>`;
  });
  return html`<section>
<h3 id="by-${id}">${label}</h3>
<ul aria-labelledby="by-${id}">${links}</ul>
</section>`;
}

function labelOf(name: FilterName, value: string): string {
  if (name === 'state') return Object.hasOwn(STATES, value) ? STATES[value as keyof typeof STATES] : value;
  if (name === 'destructive') return value === 'true' ? 'Destructive' : 'Read-only';
  return value;
}

function results(view: ListView, summary: string): Html {
  const { query, total, servers, facets } = view;
  return html`<div class="split">
${filterLinks(query, facets)}
<section aria-labelledby="found">
<h2 id="found" class="count">${summary}</h2>
${total === 0 ? noMatch(query) : html`<ul class="rows">${servers.map((server) => row(server, view.now, query.q !== ''))}</ul>`}
${total > 0 && pager(view)}
</section>
</div>`;
}

function pager({ query, total, servers }: ListView): Html | undefined {
  const { offset, limit } = query;
  const last = offset + servers.length;
  if (offset === 0 && last >= total) return undefined;
  const before = Math.max(0, offset - limit);
  return html`<nav class="pager" aria-label="Pages">
${offset === 0 ? html`<span></span>` : html`<a id="page-before" rel="prev" data-go href="${listAddress(query, { offset: before })}">Previous</a>`}
<span class="soft">${servers.length === 0 ? 'Nothing on this page' : `${offset + 1} to ${last} of ${total}`}</span>
${last >= total ? html`<span></span>` : html`<a id="page-after" rel="next" data-go href="${listAddress(query, { offset: last })}">Next</a>`}
</nav>`;
}

function noMatch(query: Query): Html {
  const words = activeFilters(query).map(
    ({ name, value }) => html`<li>${LABELS[name]}: <strong>${visible(labelOf(name, value))}</strong></li>`,
  );
  const q = query.q !== '' && html`<li>Words: <strong>${visible(query.q)}</strong></li>`;
  return html`<div class="panel">
<p>No server matches all of this:</p>
<ul>${q}${words}</ul>
<p><a id="clear" data-go href="${listAddress({ q: '', offset: 0, limit: query.limit })}">Show all servers</a></p>
</div>`;
}

function emptyRegistry(): Html {
  return html`<div class="panel">
<h2>No servers yet</h2>
<p>Any server that publishes a manifest at <code>/.well-known/mcp-capabilities</code> can be added by its address. The registry then lists its tools and checks them regularly.</p>
</div>`;
}

function addForm(csrf: string): Html {
  const fields = html`<label for="url">Address of its manifest</label>
<p id="url-hint" class="soft small">For example <code>https://tools.example.com/.well-known/mcp-capabilities</code>. The registry checks it at once.</p>
<div class="joined">
<input id="url" type="url" name="url" required maxlength="2048" autocomplete="off" spellcheck="false" aria-describedby="url-hint">
<button class="btn go">Add</button>
</div>`;
  return html`<section class="panel add" aria-labelledby="add">
<h2 id="add">Add a server</h2>
${actionForm({ csrf, action: ADD_PATH }, fields)}
</section>`;
}
