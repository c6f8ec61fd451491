/** The registry in one file: a line per update, with the changes and the entry after them. One process at a time has it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditLocked, type Lock, takeLock } from '../../../governance/audit/lock.js';
import type { OnError } from '../../../wire/log.js';
import type { Entry } from '../entry.js';
import { LineFile } from './line-file.js';
import { createShare } from './share.js';
import { NameTaken, type Store, stamp, type UpdateResult } from './store.js';

const FILE = 'registry.jsonl';
const BEAT_MS = 3_000;

/** @throws Error with a one-line message when another process has the file, or it is damaged */
export async function openFileStore(dir: string, onError: OnError): Promise<Store> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(dir);
  const beat = setInterval(() => void lock.beat(new Date()), BEAT_MS).unref();
  const unlock = async (): Promise<void> => {
    clearInterval(beat);
    await lock.release();
  };
  try {
    return await openStore(join(dir, FILE), (error) => onError(error, 'registry.failed'), unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function lockFolder(dir: string): Promise<Lock> {
  try {
    return await takeLock(dir, 'registry', (ms) => sleep(ms));
  } catch (error) {
    if (!(error instanceof AuditLocked)) throw error;
    const message = `another process keeps its registry in ${dir}; name another folder with --registry-dir`;
    throw new Error(message, { cause: error });
  }
}

async function openStore(
  path: string,
  onError: (error: unknown) => void,
  unlock: () => Promise<void>,
): Promise<Store> {
  const entries = new Map<string, Entry>();
  const share = createShare();
  const lines = await LineFile.open(path, onError, ({ address, entry }) => {
    if (entry === null) entries.delete(address);
    else if (entry !== undefined) entries.set(address, share(entry));
  });
  const names = new Map([...entries.values()].map(({ name, address }) => [name, address]));
  let seq = lines.lastSeq;
  let closed = false;

  function place(address: string, entry: Entry | undefined): void {
    const before = entries.get(address);
    if (before !== undefined && names.get(before.name) === address) names.delete(before.name);
    if (entry === undefined) {
      entries.delete(address);
      return;
    }
    entries.set(address, entry);
    names.set(entry.name, address);
  }

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
      const { result: untypedResult, put } = step(before);
      const result = untypedResult as Result;
      if (put === undefined) return { result, entry: before, changes: [] };
      const newName = put.entry?.name;
      if (newName !== undefined && (names.get(newName) ?? address) !== address) throw new NameTaken(newName);
      const seqs = put.details.map((_, index) => seq + 1 + index);
      const { entry: stampedEntry, changes } = stamp(address, put, seqs);
      const entry = stampedEntry && share(stampedEntry);
      // At once, so that the next update sees it; the caller learns of it when it is on disk.
      seq += changes.length;
      place(address, entry);
      await lines.append({ address, changes, entry: entry ?? null }, () => place(address, before));
      return { result, entry, changes };
    },
    history: (query) => lines.changes(query),
    watch: () => () => {},
    leads: async () => true,
    ready: async () => {
      if (closed) throw new Error('the registry is closed');
    },
    async close() {
      closed = true;
      await lines.close();
      await unlock();
    },
  };
}
