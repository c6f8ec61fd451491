/** What a list can be narrowed by: each value is a link that anybody may share, and a second time takes it back. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Facets, Query } from '../search/search.js';
import { listAddress, segment } from './address.js';
import { STATES } from './words.js';

type Name = keyof Facets;
export type Chosen = { name: Name; label: string; value: string; word: string };

const LABELS: { [Key in Name]: string } = {
  state: 'State',
  destructive: 'Tools',
  owner: 'Owner',
  scope: 'Scope',
};
const NAMES = Object.keys(LABELS) as Name[];

/** The filters that are in use. */
export function chosen(query: Query): Chosen[] {
  return NAMES.flatMap((name) => {
    if (query[name] === undefined) return [];
    const value = String(query[name]);
    return [{ name, label: LABELS[name], value, word: wordOf(name, value) }];
  });
}

export function filters(query: Query, facets: Facets): Html {
  const used = chosen(query);
  const groups = NAMES.map((name) => html`${group(query, name, facets[name])}`);
  const { q, offset, limit } = { ...query, offset: 0 };
  return html`<nav class="filters" aria-labelledby="filters">
<h2 id="filters" class="heard">Filters</h2>
${groups}
${used.length === 0 ? undefined : html`<p><a id="no-filters" data-go href="${listAddress({ q, offset, limit })}">Remove all filters</a></p>`}
</nav>`;
}

function group(query: Query, name: Name, given: Facets[Name]): Html | undefined {
  const mine = query[name] === undefined ? undefined : String(query[name]);
  // A filter in use can be taken back, also where nothing is left to count.
  const lost = mine !== undefined && !given.some(({ value }) => value === mine);
  const values = lost ? [{ value: mine, count: 0 }, ...given] : given;
  if (values.length === 0) return undefined;
  return html`<section>
<h3 id="by-${name}">${LABELS[name]}</h3>
<ul aria-labelledby="by-${name}">${values.map(({ value, count }) => one(query, name, value, count, value === mine))}</ul>
</section>`;
}

function one(query: Query, name: Name, value: string, count: number, used: boolean): Html {
  const other = { [name]: used ? undefined : name === 'destructive' ? value === 'true' : value, offset: 0 };
  const text = html`<span dir="auto">${visible(wordOf(name, value))}</span> <span class="number">${count}</span>`;
  return html`<li><a id="by-${name}-${segment(value)}" data-go href="${listAddress(query, other)}"${used ? html` class="used" aria-current="true"` : undefined}>${text}${used ? html`<span class="heard">, remove this filter</span>` : undefined}</a></li>`;
}

function wordOf(name: Name, value: string): string {
  if (name === 'state') return Object.hasOwn(STATES, value) ? STATES[value as keyof typeof STATES] : value;
  if (name === 'destructive') return value === 'true' ? 'Destructive' : 'Read-only';
  return value;
}
