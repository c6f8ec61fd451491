/**
 * All entries at hand: found by address, by name and by what is in them. It is filled from the store, changes only with
 * it, and tells whoever listens.
 */
import type { Actor, Change, Entry } from './entry.js';
import { serverState, toolState } from './entry.js';
import type { Search } from './search/search.js';
import type { Stepped } from './step.js';
import type { Store } from './store/store.js';
import type { Contact } from './view.js';

/** `entry` is undefined when it was removed. */
export type Told = { address: string; name: string; entry: Entry | undefined; changes: readonly Change[] };

export type Shelf = {
  /** Reads the store; before anything else. */
  open(): Promise<void>;
  readonly size: number;
  /** By the name that it goes by. */
  named(name: string): Entry | undefined;
  at(address: string): Entry | undefined;
  addresses(): Iterable<string>;
  /** In the order of their names, those after `name`. */
  after(name: string, limit: number): Entry[];
  search: Pick<Search, 'find'>;
  /** Whether an entry with another address goes by that name. */
  taken(name: string, address: string): boolean;
  /** Names of up to three other servers that have a tool of that name. */
  alsoAt(tool: string, address: string): string[];
  contact(address: string): Contact;
  touch(address: string, contact: Contact): void;
  /** Undefined when there is no such entry; a string is why nothing was done. */
  update(address: string, by: Actor, step: (entry: Entry) => Stepped): Promise<Entry | string | undefined>;
  /** The entry, which may have been there before. */
  add(entry: Entry): Promise<{ entry: Entry; added: boolean }>;
  remove(address: string, by: Actor): Promise<boolean>;
  watch(listener: (told: Told) => void): () => void;
};

export type ShelfOptions = {
  store: Store;
  search: Search;
  clock: () => Date;
  onError: (error: unknown, about: string) => void;
};

const MOST_OTHERS = 3;

export function createShelf({ store, search, clock, onError }: ShelfOptions): Shelf {
  const entries = new Map<string, Entry>();
  const names = new Map<string, string>();
  const contacts = new Map<string, Contact>();
  /** Tool to the addresses of the servers that have it. */
  const tools = new Map<string, Set<string>>();
  const listeners = new Set<(told: Told) => void>();
  /** Made when somebody asks, and again after names have changed. */
  let sorted: string[] | undefined;

  function place(address: string, entry: Entry | undefined): void {
    const before = entries.get(address);
    if (before !== undefined && before.seq > (entry?.seq ?? Number.POSITIVE_INFINITY)) return;
    if (before !== undefined && before.name !== entry?.name) {
      search.remove(before.name);
      if (names.get(before.name) === address) names.delete(before.name);
    }
    if (before?.name !== entry?.name) sorted = undefined;
    if (before?.manifest !== entry?.manifest) {
      for (const { name } of before?.manifest?.tools ?? []) {
        const at = tools.get(name);
        at?.delete(address);
        if (at?.size === 0) tools.delete(name);
      }
      for (const { name } of entry?.manifest?.tools ?? []) {
        const at = tools.get(name) ?? new Set();
        tools.set(name, at.add(address));
      }
    }
    if (entry === undefined) {
      entries.delete(address);
      contacts.delete(address);
      return;
    }
    entries.set(address, entry);
    names.set(entry.name, address);
    search.put(indexed(entry));
  }

  function tell(told: Told): void {
    for (const listener of [...listeners]) {
      try {
        listener(told);
      } catch (error) {
        onError(error, 'registry');
      }
    }
  }

  /** Another replica has changed it. */
  async function reload(address: string | undefined): Promise<void> {
    if (address === undefined) {
      await store.load((entry) => reloaded(entry.address, entry));
      return;
    }
    reloaded(address, await store.get(address));
  }

  function reloaded(address: string, entry: Entry | undefined): void {
    const before = entries.get(address);
    if (before?.seq === entry?.seq) return;
    place(address, entry);
    const name = entry?.name ?? before?.name ?? address;
    void store
      .history({ address, after: before?.seq ?? 0, limit: 100 })
      .then((changes) => tell({ address, name, entry, changes: changes.reverse() }))
      .catch((error: unknown) => onError(error, 'registry'));
  }

  return {
    async open() {
      store.watch((address) => void reload(address).catch((error: unknown) => onError(error, 'registry')));
      await store.load((entry) => place(entry.address, entry));
    },
    get size() {
      return entries.size;
    },
    named(name) {
      const address = names.get(name);
      return address === undefined ? undefined : entries.get(address);
    },
    at: (address) => entries.get(address),
    addresses: () => entries.keys(),
    after(name, limit) {
      sorted ??= [...names.keys()].sort();
      const all = sorted;
      return all
        .slice(firstAfter(all, name))
        .slice(0, limit)
        .flatMap((one) => entries.get(names.get(one) ?? '') ?? []);
    },
    search,
    taken: (name, address) => (names.get(name) ?? address) !== address,
    alsoAt(tool, address) {
      const others: string[] = [];
      for (const one of tools.get(tool) ?? []) {
        if (one !== address) others.push(entries.get(one)?.name ?? one);
        if (others.length === MOST_OTHERS) break;
      }
      return others;
    },
    contact: (address) => contacts.get(address) ?? { failures: 0 },
    touch(address, contact) {
      if (entries.has(address)) contacts.set(address, contact);
    },
    async update(address, by, step) {
      const { result, entry, changes } = await store.update<Entry | string | undefined>(address, (before) => {
        if (before === undefined) return { result: undefined };
        const stepped = step(before);
        if ('refused' in stepped) return { result: stepped.refused };
        const { entry, happened } = stepped;
        if (entry === before) return { result: entry };
        return { result: entry, put: { entry, name: entry.name, happened, by, at: clock().toISOString() } };
      });
      if (entry === undefined || typeof result !== 'object') return result;
      if (entries.get(address) !== entry) place(address, entry);
      if (changes.length > 0) tell({ address, name: entry.name, entry, changes });
      return entry;
    },
    async add(made) {
      const { address, addedBy: by, addedAt: at } = made;
      const { entry, changes } = await store.update(address, (before) =>
        before === undefined
          ? {
              result: undefined,
              put: { entry: made, name: made.name, happened: [{ kind: 'added' }], by, at },
            }
          : { result: undefined },
      );
      const kept = entry ?? made;
      place(address, kept);
      if (changes.length > 0) tell({ address, name: kept.name, entry: kept, changes });
      return { entry: kept, added: changes.length > 0 };
    },
    async remove(address, by) {
      const { result: name, changes } = await store.update(address, (before) => {
        if (before === undefined) return { result: undefined };
        const at = clock().toISOString();
        return { result: before.name, put: { name: before.name, happened: [{ kind: 'removed' }], by, at } };
      });
      if (name === undefined) return false;
      place(address, undefined);
      tell({ address, name, entry: undefined, changes });
      return true;
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
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

function indexed(entry: Entry) {
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
