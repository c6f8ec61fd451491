/** The entries in memory: found by address, by name, by what tools they have, and by what is in them. */
import { canonicalResource } from '../auth/audience.js';
import { MANIFEST_PATH } from '../manifest/schema.js';
import { skeletonOf } from './check/confusables.js';
import { type Entry, serverState, toolState } from './entry.js';
import type { Indexed, Search } from './search/search.js';

const MOST_OTHERS = 3;

export class Entries {
  readonly #entries = new Map<string, Entry>();
  readonly #names = new Map<string, string>();
  /** Tool to the addresses of the servers that have it. */
  readonly #tools = new Map<string, Set<string>>();
  /** What a name or a title looks like, to the addresses of the servers that have it. */
  readonly #looks = new Map<string, Set<string>>();
  readonly #search: Search;
  /** Names in order: made when somebody asks, and again after they have changed. */
  #sorted: string[] | undefined;

  constructor(search: Search) {
    this.#search = search;
  }

  get size(): number {
    return this.#entries.size;
  }

  at(address: string): Entry | undefined {
    return this.#entries.get(address);
  }

  addresses(): Iterable<string> {
    return this.#entries.keys();
  }

  all(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** By the name that it goes by. */
  named(name: string): Entry | undefined {
    return this.#entries.get(this.#names.get(name) ?? '');
  }

  /** The one that speaks for that MCP endpoint: its manifest stands on the same origin. */
  atEndpoint(url: string): Entry | undefined {
    if (!URL.canParse(url)) return undefined;
    const entry = this.#entries.get(`${new URL(url).origin}${MANIFEST_PATH}`);
    return entry?.manifest !== undefined && canonicalResource(entry.manifest.url) === url ? entry : undefined;
  }

  /** By its name, or by its address, which it went by as long as its name was not known. */
  find(text: string): Entry | undefined {
    return this.named(text) ?? this.at(text);
  }

  /** Whether an entry with another address goes by that name. */
  taken(name: string, address: string): boolean {
    return (this.#names.get(name) ?? address) !== address;
  }

  /** In the order of their names, those after `name`. */
  after(name: string, limit: number): Entry[] {
    this.#sorted ??= [...this.#names.keys()].sort();
    const first = firstAfter(this.#sorted, name);
    return this.#sorted.slice(first, first + limit).flatMap((one) => this.named(one) ?? []);
  }

  /** Names of a few other servers that have a tool of that name. */
  alsoAt(tool: string, address: string): string[] {
    const others: string[] = [];
    for (const one of this.#tools.get(tool) ?? []) {
      if (one !== address) others.push(this.#entries.get(one)?.name ?? one);
      if (others.length === MOST_OTHERS) break;
    }
    return others;
  }

  /** Names and titles of a few other servers that are written otherwise than `text` and look the same. */
  alike(text: string, address: string): string[] {
    const others = new Set<string>();
    for (const one of this.#looks.get(skeletonOf(text)) ?? []) {
      const entry = this.#entries.get(one);
      if (one === address || entry === undefined) continue;
      for (const shown of shownNames(entry))
        if (shown !== text && skeletonOf(shown) === skeletonOf(text)) others.add(shown);
      if (others.size >= MOST_OTHERS) break;
    }
    return [...others].slice(0, MOST_OTHERS);
  }

  /** Undefined takes it away; one that is older than what is here changes nothing. */
  place(address: string, entry: Entry | undefined): void {
    const before = this.#entries.get(address);
    if (before !== undefined && before.seq > (entry?.seq ?? Number.POSITIVE_INFINITY)) return;
    if (before !== undefined && before.name !== entry?.name) {
      this.#search.remove(before.name);
      if (this.#names.get(before.name) === address) this.#names.delete(before.name);
    }
    if (before?.name !== entry?.name) this.#sorted = undefined;
    if (before?.manifest !== entry?.manifest) {
      for (const { name } of before?.manifest?.tools ?? []) takeOut(this.#tools, name, address);
      for (const { name } of entry?.manifest?.tools ?? []) putIn(this.#tools, name, address);
      for (const text of shownNames(before)) takeOut(this.#looks, skeletonOf(text), address);
      for (const text of shownNames(entry)) putIn(this.#looks, skeletonOf(text), address);
    }
    if (entry === undefined) {
      this.#entries.delete(address);
      return;
    }
    this.#entries.set(address, entry);
    this.#names.set(entry.name, address);
    this.#search.put(indexed(entry));
  }
}

/** What a person reads a server by. */
function shownNames(entry: Entry | undefined): string[] {
  const { name, title } = entry?.manifest ?? {};
  return [name, title].filter((one) => one !== undefined);
}

function putIn(index: Map<string, Set<string>>, key: string, address: string): void {
  const at = index.get(key) ?? new Set();
  index.set(key, at.add(address));
}

function takeOut(index: Map<string, Set<string>>, key: string, address: string): void {
  const at = index.get(key);
  at?.delete(address);
  if (at?.size === 0) index.delete(key);
}

function firstAfter(all: readonly string[], name: string): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] ?? '') <= name) low = middle + 1;
    else high = middle;
  }
  return low;
}

function indexed(entry: Entry): Indexed {
  const { name, manifest, findings } = entry;
  return {
    name,
    ...(manifest?.title === undefined ? {} : { title: manifest.title }),
    ...(manifest === undefined ? {} : { owner: manifest.owner }),
    state: serverState(entry),
    failing: findings.some(({ severity }) => severity === 'error'),
    tools: (manifest?.tools ?? []).map((tool) => ({
      name: tool.name,
      ...(tool.title === undefined ? {} : { title: tool.title }),
      description: tool.description,
      scope: tool.scope,
      destructive: tool.destructive,
      state: toolState(entry, tool.name),
    })),
  };
}
