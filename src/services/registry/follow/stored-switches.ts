/**
 * The registry's last answer on this machine's disk, for a start while the registry is unreachable. Any other content of the file
 * is damaged or belongs to another server. Nobody then knows what was off, so it must not count as "all on".
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';

/** The registry's switches for one server. */
export type ServerSwitches = { enabled: boolean; off: readonly string[] };

/** `none`: nothing was ever kept. `foreign`: kept for another server, or for this one before its URL changed. */
export type StoredSwitches =
  | { kind: 'none' }
  | { kind: 'kept'; switches: ServerSwitches }
  | { kind: 'damaged' | 'foreign'; problem: string };

const MAX_CHARACTERS = 256 * 1024;

/** Reads the kept answer for the server with that URL. Never rejects. */
export async function readStoredSwitches(file: string, url: string): Promise<StoredSwitches> {
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

/**
 * Writes a new file, flushes it, then renames it over the old one: a reader always finds one complete file, even after a power
 * cut.
 */
export async function storeSwitches(
  file: string,
  url: string,
  { enabled, off }: ServerSwitches,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // A temporary name of its own, because replicas on one machine write the same file.
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

/** Somebody may have deleted the file since it was written. */
export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function damaged(file: string, what: string): StoredSwitches {
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
