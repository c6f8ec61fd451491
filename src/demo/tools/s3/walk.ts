/**
 * The keys of a folder that plays a bucket, in UTF-8 byte order, one at a time. No path is ever made from what a
 * caller wrote: the walk starts at the bucket and goes only into names the file system itself lists, and a prefix
 * is compared with those as text. So `../`, an absolute path or a %2e simply match nothing. Symbolic links and
 * special files are not followed and not shown.
 */
import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** `key` of a folder ends in "/"; `path` is where the file system has it. */
type Entry = { key: string; path: string; folder: boolean };

export type Found = { key: string; path: string };

/** What part of the bucket a walk is still interested in; `skip` may be set while it goes on. */
export type Bounds = {
  prefix: string;
  /** Only keys after this one, in byte order. */
  after: string;
  /** No keys that start with this; nothing is skipped when it is undefined. */
  skip: string | undefined;
};

export class TooManyEntries extends Error {
  override readonly name = 'TooManyEntries';
}

export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Reads only folders that can hold a key within the bounds.
 *
 * @throws TooManyEntries when more than `maxEntries` names match, and the signal's reason when that aborts.
 */
export async function* walk(
  bucketPath: string,
  bounds: Bounds,
  maxEntries: number,
  signal: AbortSignal,
): AsyncGenerator<Found> {
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
    // A folder sorts with its "/", for that is where its keys stand: "a-b" and "a.txt" come before "a/b".
    children.sort((a, b) => compareKeys(b.key, a.key));
    for (const child of children) stack.push(child);
  }
}

async function* childrenOf({ key, path }: Entry): AsyncGenerator<Entry> {
  // Looked at again, for since its parent was listed it may have gone or become a link.
  if (!(await inspect(path))?.isDirectory()) return;
  for await (const child of await opendir(path, { bufferSize: 256 })) {
    const folder = child.isDirectory();
    if (folder || isObject(child)) {
      yield { key: key + child.name + (folder ? '/' : ''), path: join(path, child.name), folder };
    }
  }
}

// A name that is not UTF-8 comes with U+FFFD in it and names no file that could be opened.
function isObject(child: Dirent): boolean {
  return child.isFile() && !child.name.includes('\uFFFD');
}

function isWanted({ key, folder }: Entry, { prefix, after, skip }: Bounds): boolean {
  if (skip !== undefined && key.startsWith(skip)) return false;
  if (!key.startsWith(prefix) && !(folder && prefix.startsWith(key))) return false;
  if (compareKeys(key, after) > 0) return true;
  // Of a folder at or before `after`, keys can only follow when `after` lies in it.
  return folder && after.startsWith(key);
}

/** Undefined when there is nothing any more. A link is what it is, not what it points at. */
export async function inspect(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
