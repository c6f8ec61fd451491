/** All entries: read from the store at the start, changed only together with it. Listeners learn of every change. */
import type { OnError } from '../../wire/log.js';
import { Entries } from './entries.js';
import { type Actor, type Change, type Entry, REGISTRY } from './entry.js';
import type { Search } from './search/types.js';
import type { StepResult } from './step.js';
import { NameTaken, type Store } from './store/store.js';
import { upgrade } from './upgrade.js';
import type { Contact } from './view.js';

/** `entry` is undefined when it was removed. */
export type EntryUpdate = {
  address: string;
  name: string;
  entry: Entry | undefined;
  changes: readonly Change[];
};

export type EntryRepository = {
  /** Reads the store. Call it before anything else, and again if it fails. */
  open(): Promise<void>;
  readonly entries: Omit<Entries, 'place'>;
  readonly search: Pick<Search, 'find'>;
  contact(address: string): Contact;
  touch(address: string, contact: Contact): void;
  /** Resolves undefined when there is no such entry; a string is the reason why nothing was done. */
  update(address: string, by: Actor, step: (entry: Entry) => StepResult): Promise<Entry | string | undefined>;
  /** Resolves with the entry at that address, which may already exist. */
  add(entry: Entry): Promise<{ entry: Entry; added: boolean }>;
  remove(address: string, by: Actor): Promise<boolean>;
  watch(listener: (update: EntryUpdate) => void): () => void;
};

export type EntryRepositoryOptions = {
  store: Store;
  search: Search;
  clock: () => Date;
  onError: OnError;
};

export function createEntryRepository(options: EntryRepositoryOptions): EntryRepository {
  const { store, search, clock } = options;
  const entries = new Entries(search);
  const contacts = new Map<string, Contact>();
  const listeners = new Set<(update: EntryUpdate) => void>();
  const onError = (error: unknown) => options.onError(error, 'registry.failed');
  let isWatching = false;

  function notify(update: EntryUpdate): void {
    for (const listener of [...listeners]) {
      try {
        listener(update);
      } catch (error) {
        onError(error);
      }
    }
  }

  function place(address: string, entry: Entry | undefined, name: string, changes: readonly Change[]): void {
    if (entry === undefined || entries.at(address) !== entry) entries.place(address, entry);
    if (changes.length > 0) notify({ address, name, entry, changes });
  }

  /** Another replica has changed the entry; undefined: any entry. */
  async function reload(address: string | undefined): Promise<void> {
    if (address !== undefined) return replace(address, await store.get(address));
    const missing = new Set(entries.addresses());
    await store.load((entry) => {
      missing.delete(entry.address);
      replace(entry.address, entry);
    });
    for (const one of missing) replace(one, undefined);
  }

  function replace(address: string, entry: Entry | undefined): void {
    const before = entries.at(address);
    if (before?.seq === entry?.seq) return;
    entries.place(address, entry);
    const name = entry?.name ?? before?.name ?? address;
    store
      .history({ address, after: before?.seq ?? 0, limit: 100 })
      .then((changes) => notify({ address, name, entry, changes: changes.reverse() }))
      .catch(onError);
  }

  async function update(address: string, by: Actor, step: (entry: Entry) => StepResult) {
    /** Names that another check has taken since this one saw them as free. The entry uses its address instead. */
    const takenNames = new Set<string>();
    for (;;) {
      try {
        const { result, entry, changes } = await store.update<Entry | string | undefined>(
          address,
          (before) => {
            if (before === undefined) return { result: undefined };
            const next = step(before);
            if ('problem' in next) return { result: next.problem };
            const newEntry = takenNames.has(next.entry.name) ? { ...next.entry, name: address } : next.entry;
            if (newEntry === before) return { result: newEntry };
            const at = clock().toISOString();
            return {
              result: newEntry,
              put: { entry: newEntry, name: newEntry.name, details: next.details, by, at },
            };
          },
        );
        if (entry === undefined || typeof result !== 'object') return result;
        place(address, entry, entry.name, changes);
        return entry;
      } catch (error) {
        if (!(error instanceof NameTaken) || takenNames.has(error.entryName)) throw error;
        takenNames.add(error.entryName);
      }
    }
  }

  return {
    async open() {
      await store.load((entry) => entries.place(entry.address, entry));
      for (const entry of [...entries.all()])
        if (upgrade(entry).entry !== entry) await update(entry.address, REGISTRY, upgrade);
      if (isWatching) return;
      isWatching = true;
      // The store begins with a call for all entries, so no change in between is lost.
      store.watch((address) => void reload(address).catch(onError));
    },
    entries,
    search,
    contact: (address) => contacts.get(address) ?? { failures: 0 },
    touch(address, contact) {
      if (entries.at(address) !== undefined) contacts.set(address, contact);
    },
    update,
    async add(newEntry) {
      const { address, name, addedBy: by, addedAt: at } = newEntry;
      const { entry = newEntry, changes } = await store.update(address, (before) => ({
        result: undefined,
        ...(before === undefined && {
          put: { entry: newEntry, name, details: [{ kind: 'added' }], by, at },
        }),
      }));
      place(address, entry, entry.name, changes);
      return { entry, added: changes.length > 0 };
    },
    async remove(address, by) {
      const { result: name, changes } = await store.update(address, (before) => {
        if (before === undefined) return { result: undefined };
        const at = clock().toISOString();
        return {
          result: before.name,
          put: { name: before.name, details: [{ kind: 'removed' }], by, at },
        };
      });
      if (name === undefined) return false;
      contacts.delete(address);
      place(address, undefined, name, changes);
      return true;
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
