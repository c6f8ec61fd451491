/** The rules, the dashboard and the runbook name what the code has: alerts, metrics and events. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificateMetrics } from '../src/app/certificate.js';
import { SERVER_ERRORS } from '../src/app/operations.js';
import { type GovernedServers, openGoverned } from '../src/app/theatre/governed.js';
import { EVENTS } from '../src/wire/log.js';
import { freePort } from './support/free-port.js';
import { checkMetrics, promtool } from './support/promtool.js';

const test = suite('monitoring');
const app = new URL('../src/app/', import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(`monitoring/${name}`, app));
const [rules, ruleTests, dashboard, prometheus] = [
  'alerts.yml',
  'alerts_test.yml',
  'dashboard.json',
  'prometheus.yml',
].map((name) => readFileSync(pathOf(name), 'utf8')) as [string, string, string, string];
const runbook = readFileSync(new URL('RUNBOOK.md', app), 'utf8');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

let governed: GovernedServers;
let exposed: { [service: string]: string };
let families: Set<string>;
test.before(async () => {
  const metricsPort = await freePort();
  governed = await openGoverned({ metricsPort });
  const read = async (service: string): Promise<[string, string]> => {
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics/${service}`);
    return [service, await response.text()];
  };
  exposed = Object.fromEntries(await Promise.all(['readonly', 'destructive', 'registry'].map(read)));
  // Only a server with TLS has a certificate.
  const all = [...Object.values(exposed), certificateMetrics(undefined)].join('');
  families = new Set([...all.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name));
});
test.after(() => governed.close());

test('promtool finds nothing wrong in what each service exposes', () => {
  for (const text of Object.values(exposed)) checkMetrics(text);
});

test('every metric that a rule or a panel reads is exposed', () => {
  const named = `${rules}${ruleTests}${dashboard}`.matchAll(
    /(?<![\w:])(?:mcp|barewire|db|nodejs|process|registry)_\w+(?=[{[)\\ ]|$)/gm,
  );
  // Labels follow a bracket or a comma, and hold no metric.
  const labels = /^(mcp_(method_name|protocol_version)|db_(namespace|operation_name|system_name))$/;
  const read = [...new Set([...named].map(([name]) => name.replace(/_(bucket|sum|count)$/, '')))];
  assert.ok(read.length > 20, read.join());
  assert.equal(
    read.filter((name) => !families.has(name) && !labels.test(name)),
    [],
  );
});

test('the rules and their tests pass, and so does the configuration for Prometheus', () => {
  promtool(['check', 'rules', pathOf('alerts.yml')]);
  promtool(['test', 'rules', pathOf('alerts_test.yml')]);
  promtool(['check', 'config', pathOf('prometheus.yml')]);
  promtool(['check', 'config', pathOf('prometheus-compose.yml')]);
});

test('each alert is shown to fire', () => {
  const shown = new Set([...ruleTests.matchAll(/alertname="(\w+)"/g)].map(([, name]) => name));
  assert.equal([...shown].sort(), alerts.toSorted());
});

test('the rules and the command slo agree on what counts as unanswered', () => {
  const patterns = [...rules.matchAll(/error_type=~"([-\d|]+)"/g)].map(([, pattern]) => pattern);
  assert.equal(new Set(patterns), new Set([SERVER_ERRORS.join('|')]));
});

test('each job scrapes a path that is served', () => {
  const services = [...prometheus.matchAll(/metrics_path: \/metrics\/(\w+)/g)].map(([, name = '']) => name);
  assert.equal(services, Object.keys(exposed));
  assert.ok(Object.values(exposed).every((text) => text.startsWith('# HELP')));
});

test('the runbook has each alert and each event of level error, and no other', () => {
  const headings = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  assert.equal(headings, alerts);
  const rows = [...runbook.matchAll(/^\| `([\w.-]+)` \|/gm)].map(([, name]) => name);
  const errors = Object.entries(EVENTS).filter(([, { level }]) => level === 'error');
  assert.equal(
    rows,
    errors.map(([name]) => name),
  );
  for (const part of runbook.split(/^### /m).slice(1))
    for (const question of ['Means.', 'Users see.', 'Do.'])
      assert.ok(part.includes(`- **${question}**`), `${part.slice(0, 30)} lacks ${question}`);
});

test('the table of failures names events, metrics and alerts that exist', () => {
  const table = /^## Failures$(.*?)^## /ms.exec(runbook)?.[1] ?? '';
  const rows = [...table.matchAll(/^\| (\w[^|]*) \| ([^|]*) \| `(\w+)` \| ([^|]*) \|$/gm)];
  assert.is(rows.length, 8);
  for (const [, failure, events = '', metric = '', linked = ''] of rows) {
    for (const [, event = ''] of events.matchAll(/`([\w.-]+)`/g))
      assert.ok(event in EVENTS, `${failure}: ${event}`);
    for (const [, alert = ''] of linked.matchAll(/\[(\w+)\]/g)) assert.ok(alerts.includes(alert), alert);
    assert.ok(families.has(metric), metric);
  }
});

test.run();
