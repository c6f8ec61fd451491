/** The registry's gauges, in the text format of Prometheus. */
import { serverState } from './entry.js';
import type { Site } from './site.js';

export function metricsText({ repository, service, events }: Site): string {
  const states: { [state: string]: number } = { on: 0, off: 0, quarantined: 0, pending: 0 };
  const findings: { [severity: string]: number } = { error: 0, warning: 0, info: 0 };
  for (const entry of repository.entries.all()) {
    increment(states, serverState(entry));
    for (const { severity } of entry.findings) increment(findings, severity);
  }
  return [
    labelled('registry_servers', 'state', states),
    labelled('registry_findings', 'severity', findings),
    gauge('registry_checks_running', service.busy.running),
    gauge('registry_checks_waiting', service.busy.waiting),
    gauge('registry_listeners', events.count),
    gauge('process_resident_memory_bytes', process.memoryUsage.rss()),
    gauge('process_uptime_seconds', process.uptime()),
  ].join('');
}

function increment(counts: { [key: string]: number }, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function gauge(name: string, value: number): string {
  return `# TYPE ${name} gauge\n${name} ${value}\n`;
}

function labelled(name: string, label: string, counts: { [value: string]: number }): string {
  const lines = Object.entries(counts).map(([value, count]) => `${name}{${label}="${value}"} ${count}\n`);
  return `# TYPE ${name} gauge\n${lines.join('')}`;
}
