/**
 * The series of all tenants: those whose files are open, those at rest, and none of whoever has not written for long.
 * Whatever has to be done for many of them is done for a few at a time, in turn.
 */
import type { Owner } from './names.js';
import type { Series } from './series.js';
import type { States } from './series-context.js';

/** One text per owner; a missing name differs from every name. */
const keyOf = ({ issuer, tenant }: Owner): string => JSON.stringify([issuer ?? null, tenant ?? null]);

export class Tenants {
  /** Of both the one used last stands at the end. */
  readonly #open = new Map<string, Series>();
  readonly #resting = new Map<string, Series>();
  #newest: Series | undefined;
  #forgetting: Promise<void> | undefined;

  constructor(
    private readonly begin: (owner: Owner) => Series,
    private readonly states: States<Series>,
    private readonly mostOpen: number,
    private readonly mostResting: number,
  ) {}

  /** For writing: it counts as used. */
  of(owner: Owner): Series {
    const newest = this.#newest;
    // Consecutive calls mostly have the same tenant. The newest entry is never evicted.
    if (newest !== undefined && isSame(newest.owner, owner)) return newest;
    const key = keyOf(owner);
    const open = this.#open.get(key);
    this.#open.delete(key);
    const series = open ?? this.#resting.get(key) ?? this.begin(owner);
    this.#resting.delete(key);
    this.#open.set(key, series);
    this.#newest = series;
    if (open === undefined) this.makeRoom();
    return series;
  }

  /** Lets those rest that were quiet for longest. One that is busy does not. */
  makeRoom(): void {
    for (const [key, series] of this.#open) {
      if (this.#open.size <= this.mostOpen) break;
      if (series === this.#newest || series.busy) continue;
      this.#open.delete(key);
      this.#resting.set(key, series);
      void series.rest();
    }
    if (this.#resting.size <= this.mostResting) return;
    this.#forgetting ??= this.#forget().finally(() => {
      this.#forgetting = undefined;
    });
  }

  /** Whoever would be one more waits for it, so that memory is bounded however many come. */
  get room(): Promise<void> | undefined {
    return this.#forgetting;
  }

  /** Keeps the heads of the first ones, who then stand last; a slow disk keeps fewer. */
  async keep(some: Set<Series>, most: number, mayGoOn: () => boolean): Promise<void> {
    await each(first(some, most), 2, async (series) => {
      if (!mayGoOn()) return;
      some.delete(series);
      some.add(series);
      await series.checkpoint();
      if (this.#open.get(keyOf(series.owner)) !== series) await series.rest();
    });
  }

  /** Heads that cannot be kept meanwhile stay as they are. */
  async close(mayGoOn: () => boolean): Promise<void> {
    await this.#forgetting;
    const { troubled, unkept, writing } = this.states;
    const left = new Set([...this.#open.values(), ...writing, ...troubled, ...unkept]);
    await each(left, 4, (series) => series.close({ keep: mayGoOn() }));
    this.#newest = undefined;
    this.#open.clear();
    this.#resting.clear();
  }

  /** One whose head is kept needs no memory: its files say where it goes on. One in trouble has something to say. */
  async #forget(): Promise<void> {
    for (const [key, series] of this.#resting) {
      if (this.#resting.size <= this.mostResting) return;
      if (series.busy || series.troubled) continue;
      await series.checkpoint();
      await series.rest();
      const used = this.#resting.get(key) !== series || series.busy;
      if (!used && !series.troubled && !this.states.unkept.has(series)) this.#resting.delete(key);
    }
  }
}

const isSame = (one: Owner, other: Owner): boolean =>
  one.tenant === other.tenant && one.issuer === other.issuer;

function first<T>(all: Iterable<T>, most: number): T[] {
  const some: T[] = [];
  for (const one of all) {
    if (some.length === most) break;
    some.push(one);
  }
  return some;
}

/** Several at a time: a disk that syncs two at once takes little longer than for one. */
async function each<T>(all: Iterable<T>, atOnce: number, run: (one: T) => Promise<void>): Promise<void> {
  const left = all[Symbol.iterator]();
  const some = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, some));
}
