/**
 * Where the registry keeps its entries and the history of each: a file, or tables that replicas share. What is told to have
 * been done has been kept; what cannot be reached rejects StateUnavailable.
 */
import type { Actor, Change, ChangeDetails, Entry } from '../entry.js';

/** Another entry already has the name that a step gave to its entry; nothing was written. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';

  constructor(readonly entryName: string) {
    super(`another entry already has the name ${entryName}`);
  }
}

/** What a step makes of an entry; nothing is kept without `put`. */
export type Step<Result> = {
  result: Result;
  /** Without an entry it is removed; its history stays. */
  put?: { entry?: Entry; name: string; details: readonly ChangeDetails[]; by: Actor; at: string };
};

export type UpdateResult<Result> = {
  result: Result;
  /** As it is now; undefined when there is none. */
  entry: Entry | undefined;
  changes: readonly Change[];
};

export type HistoryQuery = {
  address?: string;
  /** Only what is older than that change. */
  before?: number;
  /** Only what is newer. */
  after?: number;
  limit: number;
};

export type Store = {
  /** Every entry there is; once, before anything else. */
  load(each: (entry: Entry) => void): Promise<void>;
  /** One entry, as it is kept. */
  get(address: string): Promise<Entry | undefined>;
  /**
   * Changes one entry in one piece: of two that do so at the same time, also on two replicas, the second sees what the first
   * has made. `step` is pure and may be called again. Rejects when writing fails, and with NameTaken; then nothing was written.
   */
  update<Result>(
    address: string,
    step: (entry: Entry | undefined) => Step<Result>,
  ): Promise<UpdateResult<Result>>;
  /** Newest first. */
  history(query: HistoryQuery): Promise<Change[]>;
  /** The seq of the last change of all. */
  lastSeq(): Promise<number>;
  /** Calls `listener` with the address of each entry that another replica changed; undefined: any may have changed. */
  watch(listener: (address: string | undefined) => void): () => void;
  /** Whether this replica is the one that asks the servers; one of them is. */
  leads(): Promise<boolean>;
  ready(): Promise<void>;
  close(): Promise<void>;
};

/** The changes of one update with a number for each, and the entry with the number of the last. */
export function stamp(
  address: string,
  put: NonNullable<Step<unknown>['put']>,
  seqs: readonly number[],
): { entry: Entry | undefined; changes: Change[] } {
  const { entry, name, details, by, at } = put;
  const changes = details.map((happening, index): Change => {
    return { seq: seqs[index] ?? 0, at, by, address, name, ...happening };
  });
  const seq = changes.at(-1)?.seq ?? entry?.seq ?? 0;
  return { entry: entry && { ...entry, seq, ...(changes.length > 0 && { changedAt: at }) }, changes };
}
