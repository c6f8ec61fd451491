/**
 * One writer for one replica's files: two would fork its chain. Whoever wants to write announces itself with a lock
 * file of its own and then looks for others: of two that start together at least one sees the other, and a lock left
 * by a killed process can be taken over without a moment in which two believe they did.
 *
 * A process of this machine is asked for by its id and start time. One of another machine, or of another container, can
 * only be watched: it touches its lock every few seconds, and one that stands still for a while is dead.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canSeeEachOther, type Owner, startTimeOf, thisProcess } from '../../cluster/process-owner.js';
import { isRecord } from '../../wire/value.js';
import { isMissing } from './names.js';

/** How long a lock of another machine may stand still: several beats. */
const STILL_MS = 12_000;
const LOOK_EVERY_MS = 1_000;

export class AuditLocked extends Error {
  override readonly name = 'AuditLocked';
}

export type Lock = {
  /** Says that this process lives; false when the lock is gone and has to be taken again. */
  beat(now: Date): Promise<boolean>;
  release(): Promise<void>;
};

/** The locks of this process: one that carries its id and is not here is a leftover of an earlier process. */
const held = new Set<string>();

/** @throws AuditLocked when another process writes there. */
export async function takeLock(
  dir: string,
  replica: string,
  wait: (ms: number) => Promise<void>,
): Promise<Lock> {
  const own = await thisProcess();
  const prefix = `.lock.${replica}.`;
  const path = join(dir, `${prefix}${own.pid}-${randomBytes(6).toString('hex')}`);
  // A reader sees the whole of it or nothing: the unfinished one has another prefix.
  const unfinished = join(dir, `.new${path.slice(dir.length + 1)}`);
  await writeFile(unfinished, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
  await rename(unfinished, path);
  held.add(path);
  const release = async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
  try {
    for (const name of await readdir(dir)) {
      const other = join(dir, name);
      if (!name.startsWith(prefix) || other === path) continue;
      if (await isHeld(other, own, wait)) {
        throw new AuditLocked(`another process writes the audit log of replica ${replica}: see ${name}`);
      }
      await rm(other, { force: true });
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    release,
    async beat(now) {
      try {
        await utimes(path, now, now);
        return true;
      } catch (error) {
        // A disk that cannot be written now has not taken the lock away.
        return !isMissing(error);
      }
    },
  };
}

async function isHeld(path: string, own: Owner, wait: (ms: number) => Promise<void>): Promise<boolean> {
  const owner = await ownerOf(path);
  if (owner === undefined) return false;
  if (!canSeeEachOther(owner, own)) return beats(path, wait);
  if (owner.pid === own.pid && own.started === '') return held.has(path);
  const started = await startTimeOf(owner.pid);
  return started !== undefined && started === owner.started;
}

/** Undefined when it is gone meanwhile. */
async function ownerOf(path: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const stranger = { pid: 0, host: '', namespace: '', started: '' };
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return stranger;
    const { pid, host, namespace, started } = value;
    if (typeof pid !== 'number' || typeof host !== 'string') return stranger;
    return { pid, host, namespace: String(namespace), started: String(started) };
  } catch {
    return stranger; // damaged: whoever holds it still beats
  }
}

async function beats(path: string, wait: (ms: number) => Promise<void>): Promise<boolean> {
  const touched = async () => {
    try {
      return (await stat(path)).mtimeMs;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  const first = await touched();
  for (let waited = 0; waited < STILL_MS; waited += LOOK_EVERY_MS) {
    await wait(LOOK_EVERY_MS);
    const now = await touched();
    if (now === undefined) return false;
    if (now !== first) return true;
  }
  return false;
}
