/**
 * Counts of requests that were refused before anybody knew who sent them, for one minute: what a record of kind `summary`
 * holds. It stands for the refusals that have no record of their own.
 */
import { isRecord } from '../../wire/value.js';

/** `count` requests were refused for a reason; `recorded` of them have a record of their own. */
export type RefusalCount = { count: number; recorded: number };

/** `from` and `to` are RFC 3339. Reasons are words of a short list. */
export type RefusalSummary = { from: string; to: string; reasons: { [reason: string]: RefusalCount } };

export function isSummary(value: unknown): value is RefusalSummary {
  if (!isRecord(value) || typeof value.from !== 'string' || typeof value.to !== 'string') return false;
  return isRecord(value.reasons) && Object.values(value.reasons).every(isCount);
}

function isCount(value: unknown): value is RefusalCount {
  return isRecord(value) && typeof value.count === 'number' && typeof value.recorded === 'number';
}

/** How many refusals the record stands for. */
export function unrecordedIn({ reasons }: RefusalSummary): number {
  return Object.values(reasons).reduce((sum, { count, recorded }) => sum + count - recorded, 0);
}

export function summaryText({ from, to, reasons }: RefusalSummary): string {
  const parts = Object.entries(reasons).map(
    ([reason, { count, recorded }]) => `${reason}=${count} (${recorded} recorded)`,
  );
  return `${from}..${to} ${parts.join(' ')}`;
}
