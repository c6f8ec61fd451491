/**
 * Where an embedded database lives: a private directory that goes with the process, filled with a copy of the prepared
 * data, or built in place where no cache can be written.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from './embedded-worker.js';
import { type Build, prepare } from './prepared.js';

export type Place = {
  /** What the first thread is started with: it fills the directory unless that was built in place. */
  task: Task;
  remove(): Promise<void>;
};

/** `beforeRemoval` runs when the process exits with the place still there. */
export async function makePlace(
  cacheHome: string | undefined,
  build: Build,
  beforeRemoval: () => void,
): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'barewire-postgres-'));
  const atExit = () => {
    beforeRemoval();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  };
  process.once('exit', atExit);
  const remove = async () => {
    await rm(directory, { recursive: true, force: true });
    process.off('exit', atExit);
  };
  try {
    return { task: { directory, fill: { from: await prepare(cacheHome, build) } }, remove };
  } catch {
    // No home to write to, as in many containers: do without a cache.
    await build(directory);
    return { task: { directory }, remove };
  }
}
