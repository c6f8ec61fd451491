/**
 * Which servers pass the filters, and how many have each value. A filter does not apply to its own counts:
 * somebody who has chosen one owner still sees how many servers the other owners have.
 */
import type { Facets, Indexed, Query } from './types.js';

const MAX_VALUES = 50;
type Tool = Indexed['tools'][number];

/** How many servers have a value, and the last of them, because a server counts once however many of its tools have it. */
type Total = { value: string; count: number; last: Indexed };

export function createFacets(query: Query) {
  const totals = { owner: new Map(), scope: new Map(), destructive: new Map(), state: new Map() };

  function add(name: keyof Facets, value: string, server: Indexed): void {
    const ofFacet: Map<string, Total> = totals[name];
    const total = ofFacet.get(value);
    if (total === undefined) ofFacet.set(value, { value, count: 1, last: server });
    else if (total.last !== server) {
      total.count += 1;
      total.last = server;
    }
  }

  return {
    /** Counts a server and its tools that match the words. Returns whether it passes all filters. */
    count(server: Indexed, matches: readonly { tool: Tool }[]): boolean {
      const states = statesOf(server);
      const ownerFits = query.owner === undefined || server.owner === query.owner;
      const stateFits = query.state === undefined || states.includes(query.state);
      let toolFits = !filtersTools(query);
      for (const { tool } of matches) {
        const [scopeFits, kindFits] = [hasScope(query, tool), isOfKind(query, tool)];
        if (scopeFits && kindFits) toolFits = true;
        if (!ownerFits || !stateFits) continue;
        if (scopeFits) add('destructive', String(tool.destructive), server);
        if (kindFits) add('scope', tool.scope, server);
      }
      if (stateFits && toolFits && server.owner !== undefined) add('owner', server.owner, server);
      if (ownerFits && toolFits) for (const state of states) add('state', state, server);
      return ownerFits && stateFits && toolFits;
    },
    values: (): Facets => ({
      owner: mostFrequent(totals.owner),
      scope: mostFrequent(totals.scope),
      destructive: mostFrequent(totals.destructive),
      state: mostFrequent(totals.state),
    }),
  };
}

function mostFrequent(totals: ReadonlyMap<string, Total>): { value: string; count: number }[] {
  return [...totals.values()]
    .map(({ value, count }) => ({ value, count }))
    .sort((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1))
    .slice(0, MAX_VALUES);
}

export function filtersTools({ scope, destructive }: Query): boolean {
  return scope !== undefined || destructive !== undefined;
}

export function hasScope({ scope }: Query, tool: Tool): boolean {
  return scope === undefined || tool.scope === scope;
}

export function isOfKind({ destructive }: Query, tool: Tool): boolean {
  return destructive === undefined || tool.destructive === destructive;
}

/** Its own state, and `failing` or `quarantined` if its last check or one of its tools is. */
function statesOf({ state, failing, tools }: Indexed): string[] {
  const isHolding = state !== 'quarantined' && tools.some((tool) => tool.state === 'quarantined');
  return [state, ...(failing ? ['failing'] : []), ...(isHolding ? ['quarantined'] : [])];
}
