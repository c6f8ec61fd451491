/**
 * Where the registry stores its entries and the history of each: a file, or tables that replicas share. A promise resolves
 * only after the data is stored; it rejects StateUnavailable when the store cannot be reached.
 */
import { type Actor, type Change, type ChangeDetails, type Entry, serverState } from '../entry.js';

/** Another entry already has the new name; nothing was stored. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';

  constructor(readonly entryName: string) {
    super(`another entry already has the name ${entryName}`);
  }
}

/** What a step returns; without `put` nothing is stored. */
export type Step<Result> = {
  result: Result;
  /** Without `entry` the entry is removed; its history stays. */
  put?: { entry?: Entry; name: string; details: readonly ChangeDetails[]; by: Actor; at: string };
};

export type UpdateResult<Result> = {
  result: Result;
  /** The entry after the update; undefined when there is none. */
  entry: Entry | undefined;
  changes: readonly Change[];
};

export type HistoryQuery = {
  address?: string;
  /** Only changes before this seq. */
  before?: number;
  /** Only changes after this seq. */
  after?: number;
  limit: number;
};

export type Store = {
  /** Calls `each` with every entry. */
  load(each: (entry: Entry) => void): Promise<void>;
  get(address: string): Promise<Entry | undefined>;
  /**
   * Changes one entry atomically: of two simultaneous updates, even on two replicas, the second sees the result of the first.
   * `step` is pure and may be called again. Rejects when writing fails, and with NameTaken; then nothing was stored.
   */
  update<Result>(
    address: string,
    step: (entry: Entry | undefined) => Step<Result>,
  ): Promise<UpdateResult<Result>>;
  /** Newest first. */
  history(query: HistoryQuery): Promise<Change[]>;
  /** Calls `listener` with the address of each entry that another replica changed; undefined: any entry may have changed. */
  watch(listener: (address: string | undefined) => void): () => void;
  /** Whether this replica checks the servers; exactly one does. */
  leads(): Promise<boolean>;
  ready(): Promise<void>;
  close(): Promise<void>;
};

/** The changes of one update, with a number each, and the entry with the number of the last. */
export function stamp(
  address: string,
  { entry, name, details, by, at }: NonNullable<Step<unknown>['put']>,
  seqs: readonly number[],
): { entry: Entry | undefined; changes: Change[] } {
  const changes = details.map((detail, index): Change => {
    return { seq: seqs[index] ?? 0, at, by, address, name, ...detail };
  });
  const seq = changes.at(-1)?.seq ?? entry?.seq ?? 0;
  if (entry === undefined || changes.length === 0) return { entry: entry && { ...entry, seq }, changes };
  const isOn = serverState(entry) === 'on';
  const use = entry.use?.isOn === isOn ? entry.use : { isOn, since: at };
  return { entry: { ...entry, seq, use, changedAt: at }, changes };
}
