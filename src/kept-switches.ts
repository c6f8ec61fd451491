/**
 * The registry's last answer on this machine's disk, for a start while the registry is away. Whatever stands there and is no
 * such answer for this very server is damaged or foreign: what it would have switched off is not known, so nobody may take
 * it for "all on".
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseJson } from './jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from './value.js';

/** What the registry says of a server. */
export type Followed = { enabled: boolean; off: readonly string[] };

/** `none`: nothing was ever kept. `foreign`: what is kept is another server's, or this one's before its URL changed. */
export type Kept =
  | { kind: 'none' }
  | { kind: 'kept'; switches: Followed }
  | { kind: 'damaged' | 'foreign'; problem: string };

const MAX_CHARACTERS = 256 * 1024;

/** Of the server with that URL. Rejects nothing. */
export async function readKept(file: string, url: string): Promise<Kept> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return isAbsent(error) ? { kind: 'none' } : damaged(file, `cannot be read: ${reasonOf(error)}`);
  }
  if (text.length > MAX_CHARACTERS) return damaged(file, `has more than ${MAX_CHARACTERS} characters`);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    return damaged(file, `is damaged: ${reasonOf(error)}`);
  }
  const { url: of, enabled, off } = isRecord(value) ? value : ({} as JsonObject);
  if (typeof of !== 'string' || typeof enabled !== 'boolean' || !isNames(off))
    return damaged(file, `is damaged: expected {"url", "enabled", "off"}, received ${preview(value)}`);
  if (of !== url)
    return { kind: 'foreign', problem: `${file} holds the switches of ${of}, and this server is ${url}` };
  return { kind: 'kept', switches: { enabled, off } };
}

/** Beside it, flushed, and then in its place: a reader finds the whole of one or of the other, also after a power cut. */
export async function writeKept(file: string, url: string, { enabled, off }: Followed): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // A name of its own: replicas on one machine write the same file.
  const fresh = `${file}.${randomUUID()}`;
  try {
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ url, enabled, off }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Somebody may have taken it away since it was written. */
export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function damaged(file: string, what: string): Kept {
  return { kind: 'damaged', problem: `${file} ${what}` };
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
