/**
 * The keys of a folder that acts as a bucket, in UTF-8 byte order, one at a time. No path is ever built from a caller's
 * text: the walk starts at the bucket and enters only names that the file system lists, and compares a prefix with those
 * as text. So `../`, an absolute path or a %2e match nothing. Symbolic links and special files are neither followed nor
 * shown.
 */
import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder's `key` ends in "/". */
type Entry = { key: string; path: string; folder: boolean };

/** The part of the bucket that a walk visits; `skip` may change during the walk. */
export type Bounds = {
  prefix: string;
  /** Only keys after this one, in byte order. */
  after: string;
  /** No keys that start with this. */
  skip: string | undefined;
};

export class TooManyEntries extends Error {
  override readonly name = 'TooManyEntries';
}

function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Reads only folders that can hold a key within the bounds.
 *
 * @throws TooManyEntries when more than `maxEntries` names match, and the signal's reason when it aborts
 */
export async function* walk(
  bucketPath: string,
  bounds: Bounds,
  maxEntries: number,
  signal: AbortSignal,
): AsyncGenerator<{ key: string; path: string }> {
  let left = maxEntries;
  const stack: Entry[] = [{ key: '', path: bucketPath, folder: true }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    signal.throwIfAborted();
    if (entry.key !== '' && !isWanted(entry, bounds)) continue;
    if (!entry.folder) {
      yield { key: entry.key, path: entry.path };
      continue;
    }
    const children: Entry[] = [];
    for await (const child of childrenOf(entry)) {
      signal.throwIfAborted();
      if (!isWanted(child, bounds)) continue;
      left -= 1;
      if (left < 0) throw new TooManyEntries();
      children.push(child);
    }
    // A folder sorts with its "/", which puts "a-b" and "a.txt" before "a/b".
    children.sort((a, b) => compareKeys(b.key, a.key));
    for (const child of children) stack.push(child);
  }
}

async function* childrenOf({ key, path }: Entry): AsyncGenerator<Entry> {
  // Inspected again: since its parent was listed it may have gone or become a link.
  if (!(await inspect(path))?.isDirectory()) return;
  for await (const child of await opendir(path, { bufferSize: 256 })) {
    const folder = child.isDirectory();
    if (folder || isObject(child)) {
      yield { key: key + child.name + (folder ? '/' : ''), path: join(path, child.name), folder };
    }
  }
}

// A name that is not UTF-8 contains U+FFFD and cannot be opened.
function isObject(child: Dirent): boolean {
  return child.isFile() && !child.name.includes('\uFFFD');
}

function isWanted({ key, folder }: Entry, { prefix, after, skip }: Bounds): boolean {
  if (skip !== undefined && key.startsWith(skip)) return false;
  if (!key.startsWith(prefix) && !(folder && prefix.startsWith(key))) return false;
  if (compareKeys(key, after) > 0) return true;
  // A folder at or before `after` contains later keys only when `after` is in it.
  return folder && after.startsWith(key);
}

/** Undefined when the path is gone. A link is not followed. */
export async function inspect(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
