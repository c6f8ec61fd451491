/** The bounds that a server keeps, and their defaults. */
import { getHeapStatistics } from 'node:v8';
import type { BudgetBounds } from '../mcp/budget.js';

/** As much as V8 may use: `--max-old-space-size`, or what it takes the machine to have. */
const HEAP_BYTES = getHeapStatistics().heap_size_limit;
const IN_FLIGHT_BYTES = Math.floor(HEAP_BYTES / 8);
/** A call with small arguments and a small answer takes a fraction of that. */
const IN_FLIGHT_CALLS = Math.min(10_000, Math.ceil(HEAP_BYTES / (256 * 1024)));

/** Every bound is a setting; these are the defaults. Times are milliseconds. */
export const BOUNDS = {
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  jsonDepth: 64,
  /** Members of all objects and items of all arrays in a message; half a million of them would take 100 ms to read. */
  jsonMembers: 20_000,
  batchMessages: 50,
  requestMs: 30_000,
  toolDeadlineMs: 30_000,
  keepAliveMs: 15_000,
  /** How long answers may take to finish once the server is told to stop. */
  drainMs: 5_000,
  pageSize: 100,
  /** Clients that may listen at the same time (`subscriptions/listen`). */
  openStreams: 10_000,
  /** Calls that are being answered, and bytes of bodies and answers in memory; one principal may have a part of them. */
  inFlightCalls: IN_FLIGHT_CALLS,
  inFlightCallsPerPrincipal: Math.ceil(IN_FLIGHT_CALLS / 4),
  inFlightBytes: IN_FLIGHT_BYTES,
  inFlightBytesPerPrincipal: Math.ceil(IN_FLIGHT_BYTES / 2),
  /** Those of one principal, where tokens tell principals apart; a tenth and at least 10 unless given. */
  streamsPerPrincipal: undefined as number | undefined,
  /** When a legacy client that lost its stream may come back. */
  retryMs: 1_000,
  listTtlMs: 60_000,
};

export type Bounds = typeof BOUNDS;

export function budgetBounds(bounds: Bounds): BudgetBounds {
  const { inFlightCalls, inFlightCallsPerPrincipal, inFlightBytes, inFlightBytesPerPrincipal } = bounds;
  return {
    calls: inFlightCalls,
    callsPerPrincipal: inFlightCallsPerPrincipal,
    bytes: inFlightBytes,
    bytesPerPrincipal: inFlightBytesPerPrincipal,
  };
}
