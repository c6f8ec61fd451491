/** The filters of the list. Each value is a link that people can share; following the link of an active filter removes it. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Facets, Query } from '../search/types.js';
import { listAddress, segment } from './address.js';
import { STATES } from './words.js';

type Name = keyof Facets;
export type ActiveFilter = { name: Name; label: string; value: string; valueLabel: string };

const NAMES = ['state', 'destructive', 'owner', 'scope'] as const;
const LABELS = { state: 'State', destructive: 'Tools', owner: 'Owner', scope: 'Scope' };

export function activeFilters(query: Query): ActiveFilter[] {
  return NAMES.flatMap((name) => {
    if (query[name] === undefined) return [];
    const value = String(query[name]);
    return [{ name, label: LABELS[name], value, valueLabel: labelOf(name, value) }];
  });
}

export function filters(query: Query, facets: Facets): Html {
  const { q, limit } = query;
  return html`<nav class="filters" aria-labelledby="filters">
<h2 id="filters" class="heard">Filters</h2>
${NAMES.map((name) => group(query, name, facets[name]))}
${activeFilters(query).length === 0 ? undefined : html`<p><a id="no-filters" data-go href="${listAddress({ q, offset: 0, limit })}">Remove all filters</a></p>`}
</nav>`;
}

function group(query: Query, name: Name, facet: Facets[Name]): Html {
  const active = query[name] === undefined ? undefined : String(query[name]);
  // An active filter can be removed even if no server has its value any more.
  const isMissing = active !== undefined && !facet.some(({ value }) => value === active);
  const values = isMissing ? [{ value: active, count: 0 }, ...facet] : facet;
  if (values.length === 0) return html``;
  return html`<section>
<h3 id="by-${name}">${LABELS[name]}</h3>
<ul aria-labelledby="by-${name}">${values.map(({ value, count }) => filterLink(query, name, value, count, value === active))}</ul>
</section>`;
}

function filterLink(query: Query, name: Name, value: string, count: number, isActive: boolean): Html {
  const filter = isActive ? undefined : name === 'destructive' ? value === 'true' : value;
  const address = listAddress(query, { [name]: filter, offset: 0 });
  const text = html`<span dir="auto">${visible(labelOf(name, value))}</span> <span class="number">${count}</span>`;
  return html`<li><a id="by-${name}-${segment(value)}" data-go href="${address}"${isActive ? html` class="used" aria-current="true"` : undefined}>${text}${isActive ? html`<span class="heard">, remove this filter</span>` : undefined}</a></li>`;
}

function labelOf(name: Name, value: string): string {
  if (name === 'state') return Object.hasOwn(STATES, value) ? STATES[value as keyof typeof STATES] : value;
  if (name === 'destructive') return value === 'true' ? 'Destructive' : 'Read-only';
  return value;
}
