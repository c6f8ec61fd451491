/** How often each warning and each error was reported, also where its line was left out or is below the log level. */
import { EVENTS, type EventName } from '../../wire/log.js';

// From zero, because Prometheus sees no increase in a series that begins with its first event.
const counts = new Map<EventName, number>(
  (Object.keys(EVENTS) as EventName[])
    .filter((name) => EVENTS[name].level === 'error' || EVENTS[name].level === 'warn')
    .map((name) => [name, 0]),
);

export const eventCounts: ReadonlyMap<EventName, number> = counts;

export function countEvent(event: EventName): void {
  const count = counts.get(event);
  if (count !== undefined) counts.set(event, count + 1);
}
