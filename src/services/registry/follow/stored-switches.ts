/**
 * The registry's last answer on this machine's disk, for a start while the registry cannot be reached. A file with other
 * content is damaged or belongs to another server. Then nobody knows what was off, so it must not count as "all on".
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import type { OnError } from '../../../wire/log.js';
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
const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

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

/** Writes an answer when it differs from the one on disk, one write at a time. After a failure it waits longer each time. */
export class SwitchesOnDisk {
  #storedText: string | undefined;
  #writing: Promise<void> | undefined;
  #retryMs = MIN_RETRY_MS;
  #retryAt = 0;

  /** @param current what the file holds now, if it is an answer about this server */
  constructor(
    private readonly file: string,
    private readonly url: string,
    current: ServerSwitches | undefined,
    private readonly onError: OnError,
    private readonly clock: () => Date,
  ) {
    this.#storedText = current && JSON.stringify(current);
  }

  /** Never rejects: a failure is reported, and the next call tries again once the wait is over. */
  async store(switches: ServerSwitches): Promise<void> {
    await this.#writing;
    this.#writing = this.#write(switches);
    return this.#writing;
  }

  async #write(switches: ServerSwitches): Promise<void> {
    const text = JSON.stringify(switches);
    if (text === this.#storedText && (await isStored(this.file))) return;
    const waitMs = this.#retryAt - this.clock().getTime();
    // A longer wait means that the clock was set back.
    if (waitMs > 0 && waitMs <= MAX_RETRY_MS) return;
    try {
      await writeSwitches(this.file, this.url, switches);
      this.#storedText = text;
      [this.#retryMs, this.#retryAt] = [MIN_RETRY_MS, 0];
    } catch (cause) {
      this.#retryAt = this.clock().getTime() + this.#retryMs;
      this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
      const message = 'the switches of the registry cannot be written to disk; the next turn tries again';
      this.onError(new Error(message, { cause }), 'switches.not-stored', { about: this.file });
    }
  }
}

/** Flushes a new file and renames it over the old one: a reader finds a complete file, even after a power cut. */
async function writeSwitches(file: string, url: string, { enabled, off }: ServerSwitches): Promise<void> {
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
async function isStored(file: string): Promise<boolean> {
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
