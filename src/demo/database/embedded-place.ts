/**
 * Where an embedded database lives: a private directory that goes with the process, filled with a copy of the prepared
 * data, or built in place where no cache can be written. What takes long or goes wrong is said in one line.
 */

import type { Task } from './embedded-worker.js';
import { type Build, cacheFolder, prepare } from './prepared.js';
import { makePrivateFolder } from './private-folder.js';

export type Place = {
  /** What the first thread is started with: it fills the directory unless that was built in place. */
  task: Task;
  remove(): Promise<void>;
};

export type PlaceOptions = {
  cacheHome: string | undefined;
  build: Build;
  /** Runs when the process exits with the place still there. */
  beforeRemoval: () => void;
  onNotice: (line: string) => void;
};

export async function makePlace({ cacheHome, build, beforeRemoval, onNotice }: PlaceOptions): Promise<Place> {
  const { path: directory, remove } = await makePrivateFolder('postgres', beforeRemoval);
  const cache = cacheFolder(cacheHome);
  let began: number | undefined;
  const told: Build = (where) => {
    began = performance.now();
    onNotice('preparing the demo data, which takes some seconds');
    return build(where);
  };
  const tellReady = () => {
    if (began === undefined) return;
    onNotice(`the demo data is ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  };
  try {
    const from = await prepare(cache, told);
    tellReady();
    return { task: { directory, fill: { from } }, remove };
  } catch (error) {
    // No home to write to, as in many containers: do without a cache.
    const why = error instanceof Error ? error.message : String(error);
    onNotice(
      `the demo data cannot be kept in ${cache}, so each start prepares it again (--cache-home): ${why}`,
    );
  }
  try {
    await told(directory);
    tellReady();
    return { task: { directory }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
