/**
 * Which servers fit the filters, and how many of those found have each value that can be filtered by. A filter does not
 * count for its own values: whoever has chosen one owner still sees what the others would give.
 */
import type { Document } from './document.js';
import type { Facets, Query } from './search.js';

const MAX_VALUES = 50;

type Filters = Pick<Query, 'owner' | 'scope' | 'destructive' | 'state'>;

export class Tally {
  readonly #filters: Filters;
  readonly #owner = new Counter();
  readonly #scope = new Counter();
  readonly #destructive = new Counter();
  readonly #state = new Counter();

  constructor(filters: Filters) {
    this.#filters = filters;
  }

  /**
   * Whether it fits all filters; counts it where it should be. Of its tools those are asked that are meant: one and the
   * same must have the scope and be destructive or not.
   */
  add(document: Document, meant: (tool: number) => boolean): boolean {
    const { owner, scope, destructive, state } = this.#filters;
    const ownerFits = owner === undefined || document.owner === owner;
    const states = statesOf(document);
    const stateFits = state === undefined || states.includes(state);
    if (!ownerFits && !stateFits) return false;

    let toolFits = !asksForTools(this.#filters);
    const counts = ownerFits && stateFits;
    const { tools } = document;
    let destructiveOnes = false;
    let harmlessOnes = false;
    for (let at = 0; at < tools.length; at += 1) {
      const tool = tools[at];
      if (tool === undefined || !meant(at)) continue;
      const scopeFits = scope === undefined || tool.scope === scope;
      const destructiveFits = destructive === undefined || tool.destructive === destructive;
      if (scopeFits && destructiveFits) toolFits = true;
      if (counts && destructiveFits) this.#scope.count(tool.scope, document);
      if (scopeFits && tool.destructive) destructiveOnes = true;
      if (scopeFits && !tool.destructive) harmlessOnes = true;
    }
    if (counts && destructiveOnes) this.#destructive.count('true', document);
    if (counts && harmlessOnes) this.#destructive.count('false', document);
    if (!toolFits) return false;
    if (stateFits && document.owner !== undefined) this.#owner.count(document.owner, document);
    if (ownerFits) for (const each of states) this.#state.count(each, document);
    return ownerFits && stateFits;
  }

  facets(): Facets {
    return {
      owner: this.#owner.most(),
      scope: this.#scope.most(),
      destructive: this.#destructive.most(),
      state: this.#state.most(),
    };
  }
}

export function asksForTools({ scope, destructive }: Filters): boolean {
  return scope !== undefined || destructive !== undefined;
}

/** A server can be found by several: its own, how its last check went, and that a tool is in quarantine. */
function statesOf({ state, failing, holding }: Document): string[] {
  const states: string[] = [state];
  if (failing) states.push('failing');
  if (holding && state !== 'quarantined') states.push('quarantined');
  return states;
}

/** Counts each server once for a value, however many of its tools have it. */
class Counter {
  readonly #values = new Map<string, { count: number; last: Document }>();

  count(value: string, document: Document): void {
    const known = this.#values.get(value);
    if (known === undefined) this.#values.set(value, { count: 1, last: document });
    else if (known.last !== document) {
      known.count += 1;
      known.last = document;
    }
  }

  most(): { value: string; count: number }[] {
    return [...this.#values]
      .map(([value, { count }]) => ({ value, count }))
      .sort((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1))
      .slice(0, MAX_VALUES);
  }
}
