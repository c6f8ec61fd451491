/**
 * An append-only file of JSON lines. A line counts once it is on disk; the torn last line of a killed process is cut off at
 * the next start. Compaction writes the needed lines to a new file and renames it, so one complete file always exists.
 */
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StateUnavailable } from '../../../cluster/shared-state.js';
import { isRecord } from '../../../wire/value.js';
import type { Change, Entry } from '../entry.js';
import { syncFolder } from '../sync-folder.js';
import type { HistoryQuery } from './store.js';

/** `entry` is null after a removal, and absent in a line that was compacted to its changes. */
export type LineRecord = { address: string; changes: readonly Change[]; entry?: Entry | null };

type Line = {
  address: string;
  offset: number;
  length: number; // with its line break
  hasEntry: boolean;
  lastSeq: number; // of its changes; 0 without any
};

type Append = { record: LineRecord; undo: () => void; resolve: () => void; reject: (error: Error) => void };

const CHUNK = 1024 * 1024;
const LINE_BREAK = 0x0a;
/** Compaction starts when this many bytes are outdated, and more than three times the current ones. */
const MIN_OUTDATED = 16 * 1024 * 1024;

export class LineFile {
  readonly #reads = new Set<Promise<unknown>>();
  #lines: Line[] = [];
  #size = 0;
  #queue: Append[] = [];
  #writing: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private file: FileHandle,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Calls `each` with every line. @throws Error that names a line which cannot be read */
  static async open(
    path: string,
    onError: (error: unknown) => void,
    each: (record: LineRecord) => void,
  ): Promise<LineFile> {
    const lines = new LineFile(path, await open(path, 'a+', 0o600), onError);
    try {
      await lines.#index(each);
      await lines.file.truncate(lines.#size);
      await lines.#compact();
      return lines;
    } catch (error) {
      await lines.file.close();
      throw error;
    }
  }

  get lastSeq(): number {
    return this.#lines.reduce((max, { lastSeq }) => Math.max(max, lastSeq), 0);
  }

  /** Resolves when the line is on disk. If that fails, `undo` of this line and of all later ones is called first. */
  append(record: LineRecord, undo: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ record, undo, resolve, reject });
      this.#writing ??= this.#writeQueue();
    });
  }

  async changes(query: HistoryQuery): Promise<Change[]> {
    await this.#writing;
    const reading = readChanges(this.file, this.#lines, query);
    this.#reads.add(reading);
    return reading.finally(() => this.#reads.delete(reading));
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.file.close();
  }

  async #index(each: (record: LineRecord) => void): Promise<void> {
    let rest: Buffer[] = [];
    for (let position = 0; ; ) {
      const { bytesRead, buffer } = await this.file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      let chunk = buffer.subarray(0, bytesRead);
      for (let end = chunk.indexOf(LINE_BREAK); end >= 0; end = chunk.indexOf(LINE_BREAK)) {
        const bytes = Buffer.concat([...rest, chunk.subarray(0, end)]);
        rest = [];
        chunk = chunk.subarray(end + 1);
        const record = parseLine(bytes, `${this.path}:${this.#lines.length + 1}`);
        this.#add(record, bytes.length + 1);
        each(record);
      }
      rest.push(chunk);
    }
  }

  #add({ address, changes, entry }: LineRecord, length: number): void {
    const lastSeq = changes.at(-1)?.seq ?? 0;
    this.#lines.push({ address, offset: this.#size, length, hasEntry: entry !== undefined, lastSeq });
    this.#size += length;
  }

  /** Everything in the queue goes in one write and one flush. */
  async #writeQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      const lines = batch.map(({ record }) => Buffer.from(`${JSON.stringify(record)}\n`));
      try {
        await this.file.appendFile(Buffer.concat(lines));
        await this.file.datasync();
        for (const [at, { record }] of batch.entries()) this.#add(record, lines[at]?.length ?? 0);
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        // The next line must not continue half a line.
        await this.file.truncate(this.#size).catch(this.onError);
        // What has been queued meanwhile was made from an entry that is undone now.
        const failedAppends = [...batch, ...this.#queue];
        this.#queue = [];
        for (const { undo } of failedAppends.toReversed()) undo();
        const error = new StateUnavailable('the registry cannot be kept just now', { cause });
        for (const { reject } of failedAppends) reject(error);
      }
      await this.#compact().catch(this.onError);
    }
    this.#writing = undefined;
  }

  async #compact(): Promise<void> {
    const lines = this.#lines;
    const newest = new Map(lines.filter(({ hasEntry }) => hasEntry).map((line) => [line.address, line]));
    const current = [...newest.values()].reduce((sum, { length }) => sum + length, 0);
    if (this.#size - current < Math.max(MIN_OUTDATED, 3 * current)) return;
    const path = `${this.path}.new`;
    const copy = new LineFile(path, await open(path, 'w+', 0o600), this.onError);
    for (const line of lines) {
      const isNewest = newest.get(line.address) === line;
      if (!isNewest && line.lastSeq === 0) continue;
      const { address, changes, entry } = await readLine(this.file, line);
      const record = isNewest && entry !== undefined ? { address, changes, entry } : { address, changes };
      const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
      await copy.file.appendFile(bytes);
      copy.#add(record, bytes.length);
    }
    await copy.file.sync();
    await rename(path, this.path);
    await syncFolder(dirname(path));
    const old = this.file;
    this.file = await open(this.path, 'a+', 0o600);
    [this.#lines, this.#size] = [copy.#lines, copy.#size];
    await copy.file.close();
    await Promise.allSettled(this.#reads);
    await old.close();
  }
}

async function readChanges(
  file: FileHandle,
  lines: readonly Line[],
  { address, before = Number.POSITIVE_INFINITY, after = 0, limit }: HistoryQuery,
): Promise<Change[]> {
  const matches: Change[] = [];
  for (let at = lines.length - 1; at >= 0 && matches.length < limit; at -= 1) {
    const line = lines[at];
    if (!line || line.lastSeq === 0 || (address !== undefined && line.address !== address)) continue;
    if (line.lastSeq <= after) break;
    const { changes } = await readLine(file, line);
    matches.push(...changes.filter(({ seq }) => seq < before && seq > after).reverse());
  }
  return matches.slice(0, limit);
}

async function readLine(file: FileHandle, { offset, length }: Line): Promise<LineRecord> {
  const { buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
  return parseLine(buffer.subarray(0, length - 1), `byte ${offset}`);
}

function parseLine(bytes: Buffer, place: string): LineRecord {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    // Only this program writes the file.
    if (isRecord(value) && typeof value.address === 'string' && Array.isArray(value.changes))
      return value as LineRecord;
    throw new Error('expected {"address", "changes", "entry"}');
  } catch (cause) {
    const advice = 'restore the file, or take the line out';
    throw new Error(`${place}: this line of the registry cannot be read; ${advice}`, { cause });
  }
}
