/**
 * The file that a series writes to, and the head of its chain. A series that has closed its file for a while still knows its head:
 * reopening takes one `open` and one `stat` when nobody has touched the file, and all of recover.ts otherwise.
 *
 * Group commit: one fdatasync serves every record that waits for the disk at that moment; those that come meanwhile share the next.
 */
import { type AuditFs, type LogFile, REOPEN, type Stamp, type SyncLimit, writeAll } from './disk.js';
import { dayOf, type SeriesName } from './names.js';
import type { Head, Notice } from './record.js';
import type { Draft } from './record-line.js';
import { type KnownEnd, openSeries, wasMoved } from './recover.js';

/** A record that waits; without a draft, the question whether everything is on disk. */
export type PendingRecord = {
  draft: Draft | undefined;
  /** Of the draft's text. */
  chars: number;
  durable: boolean;
  resolve(): void;
  reject(error: Error): void;
};

type Context = {
  fs: AuditFs;
  dir: string;
  clock(): Date;
  /** Resolves when another series may be kept in memory. */
  memoryFree(): Promise<void> | undefined;
  syncLimit: SyncLimit;
};

export class SeriesFile {
  /** After a failure the file may not be what this process believes: it is recovered before the next write. */
  doubtful = false;
  syncFailures = 0;
  /** The findings of recovery that the log does not contain yet. */
  notices: Notice[] = [];
  #file: LogFile | undefined;
  #day = '';
  #knownEnd: KnownEnd | undefined;
  /** The file as it was when it was parked. */
  #stamp: Stamp | undefined;
  #parking: Promise<void> | undefined;
  /** Records that are written and wait for a sync. */
  #unsynced: PendingRecord[] = [];
  #syncing: Promise<void> | undefined;

  constructor(
    private readonly name: SeriesName,
    private readonly context: Context,
    private readonly onSyncFailure: (error: unknown, unconfirmed: PendingRecord[]) => void,
  ) {}

  /** The newest record; undefined before the file was opened for the first time. */
  get head(): Head | undefined {
    return this.#knownEnd?.head;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  get parking(): Promise<void> | undefined {
    return this.#parking;
  }

  get busy(): boolean {
    return this.#syncing !== undefined || this.#parking !== undefined;
  }

  /** Without a day it stays at its day, and only checks that the file is still in place. */
  async open(wantedDay: string | undefined): Promise<LogFile> {
    const { fs, dir, clock, memoryFree } = this.context;
    let day = wantedDay ?? this.#day;
    const reopened = this.#file === undefined && (await this.#reopen());
    if (this.#file !== undefined && !this.doubtful && day <= this.#day) {
      const mustCheck = wantedDay === undefined && !reopened;
      if (!mustCheck || !(await wasMoved(this.#file, this.#knownEnd?.own?.path))) return this.#file;
    }
    // The file of an earlier day may have been compressed or removed.
    if (wantedDay === undefined) day = [day, dayOf(clock())].sort()[1] ?? day;
    // The next head file also vouches for the file of the day before.
    if (!this.doubtful) await this.#file?.datasync();
    await this.close();
    if (this.#knownEnd === undefined) await memoryFree();
    const opened = await openSeries(fs, dir, this.name, day, this.#knownEnd);
    const { file, path, end, head } = opened;
    this.#file = file;
    this.#day = opened.day;
    this.#knownEnd = { head, own: { path, end } };
    this.doubtful = false;
    // After a second failure the notices of the first are still here.
    const earlier = this.notices.map((notice) => JSON.stringify(notice));
    this.notices.push(...opened.notices.filter((notice) => !earlier.includes(JSON.stringify(notice))));
    return file;
  }

  /** Appends lines, of which `head` is the last. */
  async write(file: LogFile, text: string, head: Head): Promise<void> {
    const own = this.#knownEnd?.own;
    if (own === undefined) throw new Error('the file is not open');
    const bytes = Buffer.from(text);
    await writeAll(file, bytes);
    this.#knownEnd = { head, own: { path: own.path, end: own.end + bytes.length } };
  }

  /** Resolves the records once they are on disk. They have been written to `file`, which stays open until then. */
  sync(file: LogFile, records: PendingRecord[]): void {
    this.#unsynced.push(...records);
    this.#syncing ??= this.#sync(file);
  }

  async #sync(file: LogFile): Promise<void> {
    while (this.#unsynced.length > 0) {
      const batch = this.#unsynced;
      this.#unsynced = [];
      try {
        await this.context.syncLimit.run(() => file.datasync());
        for (const { resolve } of batch) resolve();
      } catch (error) {
        // The system may have dropped what it could not write, including what was written during the attempt: a later
        // success would prove nothing for those records.
        this.syncFailures += 1;
        this.doubtful = true;
        this.onSyncFailure(error, [...batch, ...this.#unsynced.splice(0)]);
      }
    }
    this.#syncing = undefined;
  }

  /** Closes the file for a while. Nothing may be under way. */
  park(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#parking ??= this.#park(file).finally(() => {
      this.#parking = undefined;
    });
    return this.#parking;
  }

  async close(): Promise<void> {
    await this.#syncing;
    const file = this.#file;
    this.#file = undefined;
    await ignoreError(() => file?.close());
    // Recovery may cut off only what a failed write of this process left behind.
    if (!this.doubtful) this.#forgetEnd();
  }

  async #park(file: LogFile | undefined): Promise<void> {
    const stamp = await ignoreError(() => file?.stat());
    await ignoreError(() => file?.close());
    if (this.doubtful || this.#knownEnd === undefined) return;
    // A copy, because the whole result of `stat` takes more memory.
    if (stamp !== undefined && stamp.size === this.#knownEnd.own?.end)
      this.#stamp = { ino: stamp.ino, size: stamp.size, ctimeMs: stamp.ctimeMs };
    else this.#forgetEnd();
  }

  async #reopen(): Promise<boolean> {
    await this.#parking;
    const stamp = this.#stamp;
    const path = this.#knownEnd?.own?.path;
    this.#stamp = undefined;
    if (stamp === undefined || path === undefined) return false;
    // When it fails, opening the file from scratch reports why.
    const file = await ignoreError(() => this.context.fs.open(path, REOPEN));
    const now = await ignoreError(() => file?.stat());
    if (now?.ino === stamp.ino && now.size === stamp.size && now.ctimeMs === stamp.ctimeMs) {
      this.#file = file;
      return true;
    }
    await ignoreError(() => file?.close());
    this.#forgetEnd();
    return false;
  }

  #forgetEnd(): void {
    this.#knownEnd = this.#knownEnd && { head: this.#knownEnd.head };
  }
}

async function ignoreError<T>(run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch {
    return undefined;
  }
}
