/**
 * A folder of this process's own among the system's temporary files. It goes when the process exits; what a killed process
 * left behind is removed by the next one that starts. Each folder holds the data and a note of whose it is, and only what
 * belongs to no living process is removed.
 */
import { rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { areNeighbors, type Owner, startOf, thisProcess } from '../../cluster/process-owner.js';
import { isRecord } from '../../wire/value.js';

export type PrivateFolder = { path: string; remove(): Promise<void> };

type Kind = 'buckets' | 'postgres';
const NAMES = /^barewire-(buckets|postgres)-\w+$/;
const NOTE = 'owner.json';
/** A process of another container cannot be asked for; it touches its note, and one that stands still this long is dead. */
const TOUCH_MS = 3_600_000;
const STILL_MS = 24 * TOUCH_MS;

let hasCleaned = false;

/** `beforeExit` runs when the process exits with the folder still there. */
export async function makePrivateFolder(
  kind: Kind,
  beforeExit: () => void = () => {},
): Promise<PrivateFolder> {
  const folder = await mkdtemp(join(tmpdir(), `barewire-${kind}-`));
  const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 } as const;
  const atExit = () => {
    beforeExit();
    rmSync(folder, options);
  };
  process.once('exit', atExit);
  const note = join(folder, NOTE);
  const touching = setInterval(() => {
    const now = new Date();
    utimes(note, now, now).catch(() => undefined);
  }, TOUCH_MS).unref();
  const remove = async () => {
    clearInterval(touching);
    await rm(folder, options);
    process.off('exit', atExit);
  };
  try {
    await writeFile(note, JSON.stringify(await thisProcess()), { mode: 0o600 });
    await mkdir(join(folder, 'data'));
  } catch (error) {
    await remove();
    throw error;
  }
  // Nobody waits for it, and what cannot be removed now is for the next start.
  if (!hasCleaned) removeAbandoned(tmpdir()).catch(() => undefined);
  hasCleaned = true;
  return { path: join(folder, 'data'), remove };
}

/** Removes what no living process owns. Without a note of its owner a folder is left alone. */
export async function removeAbandoned(parent: string): Promise<void> {
  const own = await thisProcess();
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    if (NAMES.test(name) && (await isOurs(folder)) && (await isAbandoned(folder, own)))
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Folders of other users are theirs to remove. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid);
}

async function isAbandoned(folder: string, own: Owner): Promise<boolean> {
  const note = join(folder, NOTE);
  const owner = await ownerIn(note);
  if (owner === undefined) return false;
  if (areNeighbors(owner, own)) return (await startOf(owner.pid)) !== owner.started;
  const touched = await lstat(note).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs > STILL_MS;
}

async function ownerIn(note: string): Promise<Owner | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(note, 'utf8'));
    if (!isRecord(value)) return undefined;
    const { pid, host, namespace, started } = value;
    if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
    return { pid, host, namespace: String(namespace), started: String(started) };
  } catch {
    return undefined;
  }
}
