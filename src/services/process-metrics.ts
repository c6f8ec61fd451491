/** What every process shows of itself: memory, event loop, clock. The names are those of prom-client, which dashboards for Node expect. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { now } from '../wire/clock.js';
import { family } from './exposition.js';

export function processMetrics(): string {
  const { p99, max } = eventLoopLag();
  const { used_heap_size: usedBytes, heap_size_limit: limit } = getHeapStatistics();
  return [
    family('gauge', 'process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    family('gauge', 'process_uptime_seconds', 'Time since the start.', process.uptime()),
    family('gauge', 'nodejs_heap_size_used_bytes', 'Heap of V8 in use.', usedBytes),
    family('gauge', 'nodejs_heap_size_limit_bytes', 'The most heap that V8 takes.', limit),
    family(
      'gauge',
      'nodejs_eventloop_lag_p99_seconds',
      `Lag of the event loop, 99th percentile ${LATELY}`,
      p99,
    ),
    family('gauge', 'nodejs_eventloop_lag_max_seconds', `Longest lag of the event loop ${LATELY}`, max),
    family(
      'gauge',
      'barewire_clock_seconds',
      'The clock of this process as Unix time, to compare with that of Prometheus.',
      now().getTime() / 1_000,
    ),
  ].join('');
}

const RESOLUTION_MS = 20;
/** Several scrapers, and the two servers of a process, read the same window. */
const WINDOW_MS = 10_000;
const LATELY = 'in the last 10 to 20 seconds.';

let delays: IntervalHistogram | undefined;
let since = 0;
let last = { p99: 0, max: 0 };

/** Measured from the first scrape on, because the timer behind it wakes the process. */
function eventLoopLag(): typeof last {
  if (delays === undefined) {
    delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delays.enable();
    since = performance.now();
  }
  const current = { p99: lagOf(delays.percentile(99)), max: lagOf(delays.max) };
  if (performance.now() - since > WINDOW_MS) {
    last = current;
    delays.reset();
    since = performance.now();
    return last;
  }
  return { p99: Math.max(last.p99, current.p99), max: Math.max(last.max, current.max) };
}

/** The timer measures from tick to tick, in nanoseconds. Before its first tick there is no maximum yet. */
function lagOf(nanoseconds: number): number {
  const lag = nanoseconds / 1e9 - RESOLUTION_MS / 1e3;
  return Number.isFinite(lag) && lag < 1e6 ? Math.max(0, lag) : 0;
}
