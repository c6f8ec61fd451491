/** What went wrong in this process, for its metrics. */
import { family } from '../../services/exposition.js';
import { EVENTS } from '../../wire/log.js';
import { eventCounts } from './event-counts.js';
import { strayErrors } from './stray-errors.js';

export function logMetrics(): string {
  const samples = [...eventCounts].map(
    ([event, count]) => [{ event, level: EVENTS[event].level }, count] as const,
  );
  return [
    family('counter', 'process_stray_errors_total', 'Errors that nobody caught.', strayErrors.count),
    family('counter', 'barewire_log_events_total', 'Warnings and errors that were reported.', samples),
  ].join('');
}
