/**
 * Which servers pass the filters, and how many of the servers found have each value that can be filtered by. A filter does
 * not apply to its own counts: somebody who has chosen one owner still sees how many servers the other owners have.
 */
import type { Document } from './document.js';
import type { Facets, Indexed, Query } from './search.js';

const MAX_VALUES = 50;

export class FacetCounter {
  readonly #query: Query;
  readonly #facets = { owner: new Facet(), scope: new Facet(), destructive: new Facet(), state: new Facet() };

  constructor(query: Query) {
    this.#query = query;
  }

  /** Counts a server that matches the words, with the tools that match them. Returns whether it passes all filters. */
  count(server: Indexed, tools: Document['tools']): boolean {
    const { owner, state, scope, destructive } = this.#query;
    const facets = this.#facets;
    const states = statesOf(server);
    const ownerFits = owner === undefined || server.owner === owner;
    const stateFits = state === undefined || states.includes(state);
    let toolFits = !filtersTools(this.#query);
    for (const { tool } of tools) {
      const scopeFits = scope === undefined || tool.scope === scope;
      const kindFits = destructive === undefined || tool.destructive === destructive;
      if (scopeFits && kindFits) toolFits = true;
      if (!ownerFits || !stateFits) continue;
      if (scopeFits) facets.destructive.count(String(tool.destructive), server);
      if (kindFits) facets.scope.count(tool.scope, server);
    }
    if (stateFits && toolFits && server.owner !== undefined) facets.owner.count(server.owner, server);
    if (ownerFits && toolFits) for (const each of states) facets.state.count(each, server);
    return ownerFits && stateFits && toolFits;
  }

  facets(): Facets {
    const { owner, scope, destructive, state } = this.#facets;
    return {
      owner: owner.values(),
      scope: scope.values(),
      destructive: destructive.values(),
      state: state.values(),
    };
  }
}

/** Counts each server once for a value, however many of its tools have it. */
class Facet {
  readonly #values = new Map<string, { count: number; last: Indexed }>();

  count(value: string, server: Indexed): void {
    const counted = this.#values.get(value);
    if (counted === undefined) this.#values.set(value, { count: 1, last: server });
    else if (counted.last !== server) {
      counted.count += 1;
      counted.last = server;
    }
  }

  /** The most frequent first. */
  values(): { value: string; count: number }[] {
    return [...this.#values]
      .map(([value, { count }]) => ({ value, count }))
      .sort((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1))
      .slice(0, MAX_VALUES);
  }
}

export function filtersTools({ scope, destructive }: Query): boolean {
  return scope !== undefined || destructive !== undefined;
}

/** A server counts under its own state, and under `failing` and `quarantined` if its last check or a tool of it is. */
function statesOf({ state, failing, tools }: Indexed): string[] {
  const isHolding = state !== 'quarantined' && tools.some((tool) => tool.state === 'quarantined');
  return [state, ...(failing ? ['failing'] : []), ...(isHolding ? ['quarantined'] : [])];
}
