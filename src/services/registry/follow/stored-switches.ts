/**
 * The registry's last answer on this machine's disk, for a start while the registry cannot be reached. A file with other
 * content is damaged or belongs to another server. Then nobody knows what was off, so it must not count as "all on".
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';
import { syncFolder } from '../sync-folder.js';

/** The registry's switches for one server. */
export type ServerSwitches = { enabled: boolean; off: readonly string[] };

/** `none`: nothing was stored yet. `foreign`: stored for another server, or for this one before its URL changed. */
export type StoredSwitches =
  | { kind: 'none' }
  | { kind: 'kept'; switches: ServerSwitches }
  | { kind: 'damaged' | 'foreign'; problem: string };

const MAX_CHARACTERS = 256 * 1024;

/** Never rejects. */
export async function readStoredSwitches(file: string, url: string): Promise<StoredSwitches> {
  const damaged = (problem: string): StoredSwitches => ({ kind: 'damaged', problem: `${file} ${problem}` });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? { kind: 'none' } : damaged(`cannot be read: ${reasonOf(error)}`);
  }
  if (text.length > MAX_CHARACTERS) return damaged(`has more than ${MAX_CHARACTERS} characters`);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    return damaged(`is damaged: ${reasonOf(error)}`);
  }
  const { url: owner, enabled, off } = isRecord(value) ? value : ({} as JsonObject);
  if (typeof owner !== 'string' || typeof enabled !== 'boolean' || !isNames(off))
    return damaged(`is damaged: expected {"url", "enabled", "off"}, received ${preview(value)}`);
  if (owner === url) return { kind: 'kept', switches: { enabled, off } };
  return { kind: 'foreign', problem: `${file} holds the switches of ${owner}, and this server is ${url}` };
}

/** Flushes a new file and renames it over the old one: a reader finds a complete file, even after a power cut. */
export async function storeSwitches(
  file: string,
  url: string,
  { enabled, off }: ServerSwitches,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Replicas on one machine write the same file, so each uses a temporary name of its own.
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ url, enabled, off }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(file));
}

/** False when somebody has deleted the file since it was written. */
export async function isStored(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
