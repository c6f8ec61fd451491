/**
 * The goals, in one place. A rate is a part of that of the row it is compared with; a p99 is a multiple of it. Node 20 has an
 * older engine, and goals of its own for governed calls.
 */
const OLD = Number(process.versions.node.split('.')[0]) < 22;

export const GOALS = {
  governed: OLD ? 0.55 : 0.7,
  library: 0.85,
  p99: OLD ? 2.5 : 1.5,
  /** Five progress notifications, in the rate of the SDK. */
  progress: 10,
  large: 0.6,
  durable: 0.5,
  signing: 0.97,
  startMs: 120,
  memoryMiB: 120,
  /** A million calls later. */
  moreMiB: 10,
  firstQueryMs: 3_000,
  restartedQueryMs: 400,
  streamKiB: 20,
  listChangeMs: 1_000,
  registryMiB: 250,
  searchMs: 10,
} as const;
