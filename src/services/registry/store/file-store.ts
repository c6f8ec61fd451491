/**
 * Over 200 lines because reading, adding and thinning share one state. The registry in one file that is only ever added to: a line for each update, with the changes and the entry as it was
 * after them. A line is kept when it is on the disk, and a process that is killed in the middle of one leaves a torn line
 * that nobody was told of; it is cut off at the next start. Lines whose entry is outdated are thinned out to their history
 * by writing the file anew beside the old one and renaming it, so there is a whole one at any time.
 */
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StateUnavailable } from '../../../cluster/shared-state.js';
import { AuditLocked, type Lock, takeLock } from '../../../governance/audit/lock.js';
import type { Change, Entry } from '../entry.js';
import { indexLines, type Line, readLine } from './lines.js';
import { type HistoryQuery, NameTaken, type Store, stamp, type UpdateResult } from './store.js';

const FILE = 'registry.jsonl';
/** The file is written anew when so many bytes are outdated, and more than three times those that are not. */
const WORTH_THINNING = 16 * 1024 * 1024;
const BEAT_MS = 3_000;

/** @throws Error with one line to read when another process has it, or the file is damaged */
export async function openFileStore(
  dir: string,
  onError: (error: unknown, about: string) => void,
): Promise<Store> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lock = await lockOf(dir);
  const beat = setInterval(() => void lock.beat(new Date()), BEAT_MS).unref();
  try {
    return await opened(dir, onError, async () => {
      clearInterval(beat);
      await lock.release();
    });
  } catch (error) {
    clearInterval(beat);
    await lock.release();
    throw error;
  }
}

async function lockOf(dir: string): Promise<Lock> {
  try {
    return await takeLock(dir, 'registry', (ms) => sleep(ms));
  } catch (error) {
    if (!(error instanceof AuditLocked)) throw error;
    throw new Error(`another process keeps its registry in ${dir}; name another folder with --registry-dir`, {
      cause: error,
    });
  }
}

async function opened(
  dir: string,
  onError: (error: unknown, about: string) => void,
  unlock: () => Promise<void>,
): Promise<Store> {
  const path = join(dir, FILE);
  let file = await open(path, 'a+', 0o600);
  const entries = new Map<string, Entry>();
  let { lines, size } = await indexLines(file, path, (record) => {
    if (record.entry === null) entries.delete(record.address);
    else if (record.entry !== undefined) entries.set(record.address, record.entry);
  }).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  await file.truncate(size);
  const names = new Map([...entries.values()].map(({ name, address }) => [name, address]));
  function place(address: string, entry: Entry | undefined): void {
    const before = entries.get(address);
    if (before !== undefined && names.get(before.name) === address) names.delete(before.name);
    if (entry === undefined) entries.delete(address);
    else entries.set(address, entry);
    if (entry !== undefined) names.set(entry.name, address);
  }
  let seq = lines.reduce((most, { lastSeq }) => Math.max(most, lastSeq), 0);
  let queue: Waiting[] = [];
  const reading = new Set<Promise<unknown>>();
  let writing: Promise<void> | undefined;
  let closed = false;

  /** Everything that waits, in one write and one flush. */
  async function writeAll(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      const texts = batch.map(({ text }) => Buffer.from(`${text}\n`));
      try {
        await file.appendFile(Buffer.concat(texts));
        await file.datasync();
        for (const [at, { line }] of batch.entries()) {
          const length = texts[at]?.length ?? 0;
          lines.push({ ...line, offset: size, length });
          size += length;
        }
        for (const { done } of batch) done();
      } catch (error) {
        // Half a line must not be continued by the next one.
        await file.truncate(size).catch((failure: unknown) => onError(failure, 'registry'));
        // What came meanwhile was made from what is not kept now.
        const failed = [...batch, ...queue];
        queue = [];
        for (const { undo } of failed.reverse()) undo();
        const cause = new StateUnavailable('the registry cannot be kept just now', { cause: error });
        for (const { done } of failed) done(cause);
      }
      await thin().catch((error: unknown) => onError(error, 'registry'));
    }
    writing = undefined;
  }

  function append(waiting: Omit<Waiting, 'done'>): Promise<void> {
    return new Promise((resolve, reject) => {
      queue.push({ ...waiting, done: (error) => (error === undefined ? resolve() : reject(error)) });
      writing ??= writeAll();
    });
  }

  async function thin(): Promise<void> {
    const newest = new Map(lines.filter(({ hasEntry }) => hasEntry).map((line) => [line.address, line]));
    const living = [...newest.values()].reduce((sum, { length }) => sum + length, 0);
    if (size - living < Math.max(WORTH_THINNING, 3 * living)) return;
    const made = await open(`${path}.new`, 'w+', 0o600);
    const kept: Line[] = [];
    let end = 0;
    for (const line of lines) {
      const isNewest = newest.get(line.address) === line;
      if (!isNewest && line.lastSeq === 0) continue;
      const { entry, ...rest } = await readLine(file, line);
      const bytes = Buffer.from(`${JSON.stringify(isNewest ? { ...rest, entry } : rest)}\n`);
      await made.appendFile(bytes);
      kept.push({ ...line, hasEntry: isNewest, offset: end, length: bytes.length });
      end += bytes.length;
    }
    await made.sync();
    await rename(`${path}.new`, path);
    await syncFolder(dir);
    const old = file;
    file = await open(path, 'a+', 0o600);
    [lines, size] = [kept, end];
    await made.close();
    await Promise.allSettled(reading);
    await old.close();
  }

  await thin();
  return {
    load: async (each) => {
      for (const entry of entries.values()) each(entry);
    },
    get: async (address) => entries.get(address),
    async update<Result>(
      address: string,
      step: Parameters<Store['update']>[1],
    ): Promise<UpdateResult<Result>> {
      if (closed) throw new Error('the registry is closed');
      const before = entries.get(address);
      const outcome = step(before);
      const { put } = outcome;
      const named = put?.entry?.name;
      if (named !== undefined && (names.get(named) ?? address) !== address) throw new NameTaken(named);
      const result = outcome.result as Result;
      if (put === undefined) return { result, entry: before, changes: [] };
      const { entry, changes } = stamp(
        address,
        put,
        put.details.map((_, index) => seq + 1 + index),
      );
      // At once, so that the next update sees it; what is told to others waits until it is on the disk.
      seq += changes.length;
      place(address, entry);
      const undo = (): void => place(address, before);
      const line = { address, hasEntry: true, lastSeq: changes.at(-1)?.seq ?? 0 };
      await append({ text: JSON.stringify({ address, changes, entry: entry ?? null }), line, undo });
      return { result, entry, changes };
    },
    async history(query) {
      await writing;
      const asked = newestFirst(file, lines, query);
      reading.add(asked);
      return asked.finally(() => reading.delete(asked));
    },
    lastSeq: async () => seq,
    watch: () => () => {},
    leads: async () => true,
    ready: async () => {
      if (closed) throw new Error('the registry is closed');
    },
    async close() {
      closed = true;
      await writing;
      await file.close();
      await unlock();
    },
  };
}

/** A line that waits for its turn; `undo` takes back what others were shown of it meanwhile. */
type Waiting = {
  text: string;
  line: Omit<Line, 'offset' | 'length'>;
  undo: () => void;
  done: (error?: unknown) => void;
};

async function newestFirst(
  file: FileHandle,
  lines: readonly Line[],
  { address, before = Number.POSITIVE_INFINITY, after = 0, limit }: HistoryQuery,
): Promise<Change[]> {
  const found: Change[] = [];
  for (let at = lines.length - 1; at >= 0 && found.length < limit; at -= 1) {
    const line = lines[at];
    if (line === undefined || line.lastSeq === 0 || (address !== undefined && line.address !== address))
      continue;
    if (line.lastSeq <= after) break;
    const { changes } = await readLine(file, line);
    found.push(...changes.filter(({ seq }) => seq < before && seq > after).reverse());
  }
  return found.slice(0, limit);
}

async function syncFolder(dir: string): Promise<void> {
  const folder: FileHandle = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
