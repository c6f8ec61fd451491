/** The registry's gauges, in the text format of Prometheus. */
import { family } from '../exposition.js';
import { processMetrics } from '../process-metrics.js';
import { serverState } from './entry.js';
import type { Site } from './site.js';

export function metricsText({ repository, service, events, collect }: Site): string {
  const states: { [state: string]: number } = { on: 0, off: 0, quarantined: 0, pending: 0 };
  const findings: { [severity: string]: number } = { error: 0, warning: 0, info: 0 };
  for (const entry of repository.entries.all()) {
    increment(states, serverState(entry));
    for (const { severity } of entry.findings) increment(findings, severity);
  }
  const { running, waiting } = service.busy;
  return [
    family('gauge', 'registry_servers', 'Servers by state.', byLabel('state', states)),
    family(
      'gauge',
      'registry_findings',
      'Findings of the last checks by severity.',
      byLabel('severity', findings),
    ),
    family('gauge', 'registry_checks_running', 'Checks of servers that run now.', running),
    family('gauge', 'registry_checks_waiting', 'Checks of servers that wait for their turn.', waiting),
    family('gauge', 'registry_listeners', 'Open streams of pages that show changes.', events.count),
    processMetrics(),
    collect(),
  ].join('');
}

function increment(counts: { [key: string]: number }, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function byLabel(label: string, counts: { [value: string]: number }) {
  return Object.entries(counts).map(([value, count]) => [{ [label]: value }, count] as const);
}
