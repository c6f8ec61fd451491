/**
 * What an operator sees when something that the servers need is away: each failure is logged under its event and counted in its metric,
 * and the alert fires on it, as the runbook's table of failures says. Certificates and clocks are in failures-of-time.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { start } from '../../src/app/app.js';
import { readSamples } from '../../src/services/exposition.js';
import { modernCall } from '../http/wire.js';
import { assertAlerts, type Scrape } from '../support/alerts.js';
import { freePort } from '../support/free-port.js';
import { type Guarded, startGoverned } from '../support/governed.js';
import { until } from '../support/until.js';

const test = suite('process/failures');
const folder = mkdtempSync(join(tmpdir(), 'failures-test-'));
const endings: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true })];
test.after(async () => {
  for (const end of endings.toReversed()) await end();
});

/** What the server exposes after each of a few calls. */
async function scrapesAfter(address: string, fail: () => Promise<unknown>): Promise<Scrape[]> {
  const scrapes: Scrape[] = [];
  for (let minute = 0; minute < 4; minute += 1) {
    await fail();
    scrapes.push({ text: await (await fetch(address)).text(), atMs: Date.now() });
  }
  return scrapes;
}

/** The sum of the samples with these labels. */
async function metric(
  address: string,
  name: string,
  labels: { [name: string]: string } = {},
): Promise<number> {
  const samples = readSamples(await (await fetch(address)).text());
  const wanted = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  assert.ok(wanted.length > 0, `${name} ${JSON.stringify(labels)} is not there`);
  return wanted.reduce((sum, { value }) => sum + value, 0);
}

const logged = (address: string, event: string): Promise<number> =>
  metric(address, 'barewire_log_events_total', { event });

async function call(
  { url, token }: Guarded,
  tool: string,
  args: object,
): Promise<{ status: number; text: string }> {
  const sent = modernCall(tool, {}, 1, args);
  const headers = {
    ...sent.headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: sent.body,
  });
  return { status: response.status, text: await response.text() };
}

test('an issuer, a registry and a disk that are away are logged and counted', async () => {
  const [away, metricsPort] = [await freePort(), await freePort()];
  const notAFolder = join(folder, 'file');
  writeFileSync(notAFolder, '');
  const running = await start({
    ...{ only: 'readonly', readonlyPort: 0, metricsPort, stateHome: folder, auditDir: notAFolder },
    ...{ issuers: [`http://127.0.0.1:${away}`], registryUrl: `http://127.0.0.1:${away}` },
  });
  endings.push(() => running.close());
  const address = `http://127.0.0.1:${metricsPort}/metrics/readonly`;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256', typ: 'at+jwt', kid: 'k' })}.${part({ iss: `http://127.0.0.1:${away}` })}.AA`;
  const url = new URL(running.addresses.readonly ?? '');
  const fail = async () => assert.is((await call({ url, token }, 's3.list', {})).status, 503);
  await fail();
  assert.is(await metric(address, 'mcp_authorization_refused_total', { reason: 'unreachable' }), 1);
  assert.is(await metric(address, 'barewire_registry_answers'), 0);
  assert.is(await metric(address, 'barewire_audit_healthy'), 0);
  for (const event of ['auth.issuer-unreachable', 'switches.registry-unreachable', 'audit.unwritable'])
    assert.ok((await logged(address, event)) > 0, event);
  const alerts = { BarewireIssuerAway: true, BarewireRegistryAway: true, BarewireAuditUnwritable: true };
  assertAlerts(await scrapesAfter(address, fail), { ...alerts, BarewireClockOff: false }, 4);
});

test('a database, a shared state and an OPA that are away are logged and counted', async () => {
  const [away, metricsPort] = [await freePort(), await freePort()];
  // Allows reads, and requires a person for writes.
  const opa = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const reads = text.includes('"tool":"postgres.readonly"');
      const result = { allow: reads, reason: 'as it is', ...(reads ? {} : { rule: 'approval-fresh' }) };
      response
        .writeHead(200, { 'content-type': 'application/json', connection: 'close' })
        .end(JSON.stringify({ result }));
    });
  });
  await new Promise<void>((resolve) => opa.listen(0, '127.0.0.1', resolve));
  const stopOpa = (): Promise<void> => new Promise((resolve) => opa.close(() => resolve()));
  endings.push(stopOpa);
  const governed = await startGoverned({
    ...{
      metricsPort,
      policy: 'opa',
      opaUrl: `http://127.0.0.1:${(opa.address() as AddressInfo).port}`,
      opaMs: 10_000,
    },
    // Otherwise the shared state is asked first.
    quota: { all: 0, tools: {} },
    databaseUrl: `postgres://nobody@127.0.0.1:${away}/none`,
  });
  endings.push(() => governed.close());
  const of = (name: string): string => `http://127.0.0.1:${metricsPort}/metrics/${name}`;

  const select = () => call(governed.readonly, 'postgres.readonly', { sql: 'select 1' });
  const read = await select();
  assert.match(read.text, 'the database cannot be reached', read.text);
  const count = 'db_client_operation_duration_seconds_count';
  assert.ok(
    (await metric(of('readonly'), count, { db_namespace: 'demo', error_type: 'DatabaseUnreachable' })) > 0,
  );
  assert.ok((await logged(of('readonly'), 'database.unreachable')) > 0);

  assertAlerts(await scrapesAfter(of('readonly'), select), { BarewireDatabaseAway: true }, 4);

  const create = () =>
    call(governed.destructive, 'jira.create', { project: 'OPS', type: 'Task', summary: 'x' });
  const write = await create();
  assert.is(write.status, 503, write.text);
  assert.ok(
    (await metric(of('destructive'), count, { db_namespace: 'barewire', error_type: 'StateUnavailable' })) >
      0,
  );

  assertAlerts(await scrapesAfter(of('destructive'), create), { BarewireStateAway: true }, 4);

  await stopOpa();
  assert.is((await select()).status, 503);
  await until(
    async () =>
      (await metric(of('readonly'), 'barewire_opa_decision_duration_seconds_count', {
        error_type: 'unreachable',
      })) > 0,
    'the failure is counted',
  );
  assert.ok((await logged(of('readonly'), 'policy.unavailable')) > 0);
  assertAlerts(await scrapesAfter(of('readonly'), select), { BarewireOpaAway: true }, 4);
});

test.run();
