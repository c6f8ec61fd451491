/** All entries at hand: filled from the store, changed only with it, and whoever listens is told. */
import { Entries } from './entries.js';
import { type Actor, type Change, type Entry, REGISTRY } from './entry.js';
import type { Search } from './search/search.js';
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
  /** Reads the store; before anything else, and again when it could not be read. */
  open(): Promise<void>;
  readonly entries: Omit<Entries, 'place'>;
  readonly search: Pick<Search, 'find'>;
  contact(address: string): Contact;
  touch(address: string, contact: Contact): void;
  /** Undefined when there is no such entry; a string is why nothing was done. */
  update(address: string, by: Actor, step: (entry: Entry) => StepResult): Promise<Entry | string | undefined>;
  /** The entry, which may have been there before. */
  add(entry: Entry): Promise<{ entry: Entry; added: boolean }>;
  remove(address: string, by: Actor): Promise<boolean>;
  watch(listener: (told: EntryUpdate) => void): () => void;
};

export type EntryRepositoryOptions = {
  store: Store;
  search: Search;
  clock: () => Date;
  onError: (error: unknown, about: string) => void;
};

export function createEntryRepository({
  store,
  search,
  clock,
  onError,
}: EntryRepositoryOptions): EntryRepository {
  const entries = new Entries(search);
  const contacts = new Map<string, Contact>();
  const listeners = new Set<(told: EntryUpdate) => void>();
  let watched = false;

  function tell(told: EntryUpdate): void {
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
    if (address !== undefined) return reloaded(address, await store.get(address));
    const gone = new Set(entries.addresses());
    await store.load((entry) => {
      gone.delete(entry.address);
      reloaded(entry.address, entry);
    });
    for (const one of gone) reloaded(one, undefined);
  }

  function reloaded(address: string, entry: Entry | undefined): void {
    const before = entries.at(address);
    if (before?.seq === entry?.seq) return;
    entries.place(address, entry);
    const name = entry?.name ?? before?.name ?? address;
    void store
      .history({ address, after: before?.seq ?? 0, limit: 100 })
      .then((changes) => tell({ address, name, entry, changes: changes.reverse() }))
      .catch((error: unknown) => onError(error, 'registry'));
  }

  /** One attempt of `update`. `taken`: a name that the entry must not use. Rejects NameTaken. */
  function updated(
    address: string,
    by: Actor,
    step: (entry: Entry) => StepResult,
    taken: ReadonlySet<string>,
  ) {
    return store.update<Entry | string | undefined>(address, (before) => {
      if (before === undefined) return { result: undefined };
      const stepped = step(before);
      if ('refused' in stepped) return { result: stepped.refused };
      const { happened } = stepped;
      const entry = taken.has(stepped.entry.name) ? { ...stepped.entry, name: address } : stepped.entry;
      if (entry === before) return { result: entry };
      return { result: entry, put: { entry, name: entry.name, happened, by, at: clock().toISOString() } };
    });
  }

  /** Two checks at the same time may both have seen a name as free; the second entry uses its address instead. */
  async function updatedByFreeName(address: string, by: Actor, step: (entry: Entry) => StepResult) {
    const taken = new Set<string>();
    for (;;) {
      try {
        return await updated(address, by, step, taken);
      } catch (error) {
        if (!(error instanceof NameTaken) || taken.has(error.entryName)) throw error;
        taken.add(error.entryName);
      }
    }
  }

  async function update(address: string, by: Actor, step: (entry: Entry) => StepResult) {
    const { result, entry, changes } = await updatedByFreeName(address, by, step);
    if (entry === undefined || typeof result !== 'object') return result;
    if (entries.at(address) !== entry) entries.place(address, entry);
    if (changes.length > 0) tell({ address, name: entry.name, entry, changes });
    return entry;
  }

  return {
    async open() {
      await store.load((entry) => entries.place(entry.address, entry));
      for (const entry of [...entries.all()])
        if (upgrade(entry).entry !== entry) await update(entry.address, REGISTRY, upgrade);
      if (watched) return;
      watched = true;
      // Once it listens it is told to look anew, so nothing falls between.
      store.watch((address) => {
        reload(address).catch((error: unknown) => onError(error, 'registry'));
      });
    },
    entries,
    search,
    contact: (address) => contacts.get(address) ?? { failures: 0 },
    touch(address, contact) {
      if (entries.at(address) !== undefined) contacts.set(address, contact);
    },
    update,
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
      entries.place(address, kept);
      if (changes.length > 0) tell({ address, name: kept.name, entry: kept, changes });
      return { entry: kept, added: changes.length > 0 };
    },
    async remove(address, by) {
      const { result: name, changes } = await store.update(address, (before) => {
        if (before === undefined) return { result: undefined };
        const at = clock().toISOString();
        contacts.delete(address);
        return { result: before.name, put: { name: before.name, happened: [{ kind: 'removed' }], by, at } };
      });
      if (name === undefined) return false;
      entries.place(address, undefined);
      tell({ address, name, entry: undefined, changes });
      return true;
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
