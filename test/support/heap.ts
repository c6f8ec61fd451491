/** The size of the heap after a collection. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turn } from './until.js';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Bytes. Anyone who compares two of them waits with `until`: what has just ended may need another collection. */
export async function heapUsed(): Promise<number> {
  if (typeof collect !== 'function') throw new Error('there is no gc to call');
  await turn();
  collect();
  return process.memoryUsage().heapUsed;
}
