/** What stands at this moment, in the text that Prometheus reads. */
import { serverState } from './entry.js';
import type { Site } from './site.js';

export function metricsText({ repository, service, events }: Site): string {
  const states = new Map<string, number>([
    ['on', 0],
    ['off', 0],
    ['quarantined', 0],
    ['pending', 0],
  ]);
  const findings = new Map<string, number>([
    ['error', 0],
    ['warning', 0],
    ['info', 0],
  ]);
  for (const entry of repository.entries.all()) {
    const state = serverState(entry);
    states.set(state, (states.get(state) ?? 0) + 1);
    for (const { severity } of entry.findings) findings.set(severity, (findings.get(severity) ?? 0) + 1);
  }
  const gauges: [name: string, value: number][] = [
    ...[...states].map(([state, value]): [string, number] => [`registry_servers{state="${state}"}`, value]),
    ...[...findings].map(([severity, value]): [string, number] => [
      `registry_findings{severity="${severity}"}`,
      value,
    ]),
    ['registry_checks_running', service.busy.running],
    ['registry_checks_waiting', service.busy.waiting],
    ['registry_listeners', events.count],
    ['process_resident_memory_bytes', process.memoryUsage.rss()],
    ['process_uptime_seconds', process.uptime()],
  ];
  const named = (text: string) => text.replace(/\{.*/, '');
  let last = '';
  return gauges
    .map(([name, value]) => {
      const type = named(name) === last ? '' : `# TYPE ${named(name)} gauge\n`;
      last = named(name);
      return `${type}${name} ${value}\n`;
    })
    .join('');
}
