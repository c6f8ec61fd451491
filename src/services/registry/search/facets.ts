/**
 * Which servers pass the filters, and how many have each value. A filter does not apply to its own counts:
 * somebody who has chosen one owner still sees how many servers the other owners have.
 */
import type { Facets, Indexed, Query } from './types.js';

const MAX_VALUES = 50;
type Tool = Indexed['tools'][number];

export function createFacets(query: Query) {
  const counts = { owner: new Map(), scope: new Map(), destructive: new Map(), state: new Map() };

  /** Counts a server once for each value, however many of its tools have it. */
  function add(name: keyof Facets, values: Iterable<string>): void {
    const totals: Map<string, number> = counts[name];
    for (const value of values) totals.set(value, (totals.get(value) ?? 0) + 1);
  }

  return {
    /** Counts a server and its tools that match the words. Returns whether it passes all filters. */
    count(server: Indexed, matches: readonly { tool: Tool }[]): boolean {
      const states = statesOf(server);
      const ownerFits = query.owner === undefined || server.owner === query.owner;
      const stateFits = query.state === undefined || states.includes(query.state);
      const scopes = new Set<string>();
      const kinds = new Set<string>();
      let toolFits = !filtersTools(query);
      for (const { tool } of matches) {
        const [scopeFits, kindFits] = [hasScope(query, tool), isOfKind(query, tool)];
        if (scopeFits && kindFits) toolFits = true;
        if (scopeFits) kinds.add(String(tool.destructive));
        if (kindFits) scopes.add(tool.scope);
      }
      if (ownerFits && stateFits) {
        add('destructive', kinds);
        add('scope', scopes);
      }
      if (stateFits && toolFits && server.owner !== undefined) add('owner', [server.owner]);
      if (ownerFits && toolFits) add('state', states);
      return ownerFits && stateFits && toolFits;
    },
    values: (): Facets => ({
      owner: mostFrequent(counts.owner),
      scope: mostFrequent(counts.scope),
      destructive: mostFrequent(counts.destructive),
      state: mostFrequent(counts.state),
    }),
  };
}

function mostFrequent(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
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
