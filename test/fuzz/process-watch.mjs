/**
 * Loaded into a server under test with `--import` and `--expose-gc`. On each message from its parent it says how much memory is in use,
 * and the longest time that its main thread worked without taking a turn of the event loop since the message before.
 */
import { existsSync, readFileSync } from 'node:fs';

const TICK_MS = 10;
const SCHEDULED = `/proc/self/task/${process.pid}/schedstat`;
let longestMs = existsSync(SCHEDULED) ? 0 : Number.NaN;

/** CPU time of the main thread in ms, which only Linux tells. Wall-clock time would count what a busy machine takes from this process. */
function cpuMs() {
  if (!existsSync(SCHEDULED)) return Number.NaN;
  const [ns = '0'] = readFileSync(SCHEDULED, 'utf8').split(' ');
  return Number(ns) / 1e6;
}

let last = cpuMs();
setInterval(() => {
  const now = cpuMs();
  // Turns shorter than a tick add up to a tick at most.
  longestMs = Math.max(longestMs, now - last - TICK_MS);
  last = now;
}, TICK_MS).unref();

process.on('message', () => {
  for (let turn = 0; turn < 3; turn += 1) globalThis.gc?.();
  last = cpuMs();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ heapUsed, external, longestMs });
  // NaN stays NaN.
  longestMs *= 0;
});
process.channel?.unref();
