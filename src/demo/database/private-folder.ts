/**
 * A private folder of this process in the system's temporary directory. It is removed when the process exits; the folder
 * of a killed process is removed by the next one that starts. Each folder contains the data and a note that names its
 * owner, and only folders of dead processes are removed.
 */
import { rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canSeeEachOther, type Owner, startTimeOf, thisProcess } from '../../cluster/process-owner.js';
import { isRecord } from '../../wire/value.js';

export type PrivateFolder = { path: string; remove(): Promise<void> };

type Kind = 'buckets' | 'postgres';
const NAMES = /^barewire-(buckets|postgres)-\w+$/;
const NOTE = 'owner.json';
/** A process in another container cannot be looked up. It touches its note, and counts as dead when it stops doing so. */
const TOUCH_MS = 3_600_000;
const ABANDONED_MS = 24 * TOUCH_MS;

const CLEAN_AFTER_MS = 2_000;

let hasCleaned = false;

/** `beforeExit` runs when the process exits and the folder still exists. */
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
  // Once the start is over, and in the background: the next one removes what this one cannot.
  if (!hasCleaned) setTimeout(() => removeAbandoned(tmpdir()).catch(() => undefined), CLEAN_AFTER_MS).unref();
  hasCleaned = true;
  return { path: join(folder, 'data'), remove };
}

/** Removes the folders of dead processes. A folder without a note stays. */
export async function removeAbandoned(parent: string): Promise<void> {
  const own = await thisProcess();
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    if (NAMES.test(name) && (await isOurs(folder)) && (await isAbandoned(folder, own)))
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isOurs(folder: string): Promise<boolean> {
  const stats = await lstat(folder).catch(() => undefined);
  return stats?.isDirectory() === true && stats.uid === (process.getuid?.() ?? stats.uid);
}

async function isAbandoned(folder: string, own: Owner): Promise<boolean> {
  const note = join(folder, NOTE);
  const owner = await ownerIn(note);
  if (owner === undefined) return false;
  if (canSeeEachOther(owner, own)) return (await startTimeOf(owner.pid)) !== owner.started;
  const touched = await lstat(note).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs > ABANDONED_MS;
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
