/**
 * One writer for each replica's files, because two would fork its chain. A process first creates a lock file of its own and then
 * looks for others: when two start together, at least one sees the other. The lock of a killed process is taken over.
 *
 * Whether a process of this machine lives is checked by its id and start time. A process of another machine or container can only
 * be watched: it touches its lock every second, and a lock that nobody touches for a while is dead.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canSeeEachOther, type Owner, startTimeOf, thisProcess } from '../../cluster/process-owner.js';
import { isRecord } from '../../wire/value.js';
import { isMissing, unlessMissing } from './names.js';

/** How long a lock of another machine is watched: several beats. */
const WATCH_MS = 12_000;
const LOOK_EVERY_MS = 1_000;

export class AuditLocked extends Error {
  override readonly name = 'AuditLocked';
}

export type Lock = {
  /** Shows others that this process lives; false when the lock is gone and has to be taken again. */
  beat(now: Date): Promise<boolean>;
  release(): Promise<void>;
};

/** The locks of this process. A lock with its id that is not among them was left behind by an earlier process. */
const ownLocks = new Set<string>();

/** @throws AuditLocked when another process writes there. */
export async function takeLock(
  dir: string,
  replica: string,
  wait: (ms: number) => Promise<void>,
): Promise<Lock> {
  const owner = await thisProcess();
  const prefix = `.lock.${replica}.`;
  const name = `${prefix}${owner.pid}-${randomBytes(6).toString('hex')}`;
  const path = join(dir, name);
  // Renamed when complete, so that no reader sees half of it.
  await writeFile(join(dir, `.new${name}`), JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
  await rename(join(dir, `.new${name}`), path);
  ownLocks.add(path);
  const release = async () => {
    ownLocks.delete(path);
    await rm(path, { force: true });
  };
  try {
    for (const other of await readdir(dir)) {
      if (!other.startsWith(prefix) || other === name) continue;
      if (await isHeld(join(dir, other), owner, wait))
        throw new AuditLocked(`another process writes the audit log of replica ${replica}: see ${other}`);
      await rm(join(dir, other), { force: true });
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    release,
    // A disk that cannot be written now has not taken the lock away.
    beat: (now) =>
      utimes(path, now, now).then(
        () => true,
        (error: unknown) => !isMissing(error),
      ),
  };
}

async function isHeld(path: string, own: Owner, wait: (ms: number) => Promise<void>): Promise<boolean> {
  const text = await unlessMissing(readFile(path, 'utf8'));
  if (text === undefined) return false;
  const owner = readOwner(text);
  if (owner === undefined || !canSeeEachOther(owner, own)) return isTouched(path, wait);
  if (owner.pid === own.pid && own.started === '') return ownLocks.has(path);
  const started = await startTimeOf(owner.pid);
  return started !== undefined && started === owner.started;
}

/** Undefined when the lock is damaged; its process still touches it. */
function readOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || typeof value.pid !== 'number' || typeof value.host !== 'string') return undefined;
    const { pid, host, namespace, started } = value;
    return { pid, host, namespace: String(namespace), started: String(started) };
  } catch {
    return undefined;
  }
}

async function isTouched(path: string, wait: (ms: number) => Promise<void>): Promise<boolean> {
  const touchedAt = async () => (await unlessMissing(stat(path)))?.mtimeMs;
  const first = await touchedAt();
  for (let waited = 0; waited < WATCH_MS; waited += LOOK_EVERY_MS) {
    await wait(LOOK_EVERY_MS);
    const now = await touchedAt();
    if (now === undefined || now !== first) return now !== undefined;
  }
  return false;
}
