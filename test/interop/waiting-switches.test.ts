/** Calls that wait for a person while the operator's file or the registry switches their tool off, as `node dist/server.js` runs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Running, start } from '../../src/app/app.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { ModernPeer } from '../endpoint/modern-peer.js';
import { ApproverPerson } from '../support/approver.js';
import { freePort } from '../support/free-port.js';
import { tokenFor } from '../support/person.js';
import { until } from '../support/until.js';

const test = suite('interop/waiting-switches');

/** A registry's answer to the server that follows it. */
const ON = { enabled: true, tools: {} };
let followed: { enabled: boolean; tools: { [tool: string]: string } } = ON;
const registry = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(followed));
});

let folder = '';
let switches = '';
let destructiveUrl = '';
let peer: ModernPeer;
let approver: ApproverPerson;
const running: Running[] = [];

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waiting-switches-'));
  switches = join(folder, 'switches.json');
  await writeFile(switches, '{"disabled": []}');
  const [registryPort, destructivePort] = [await freePort(), await freePort()];
  await new Promise<void>((resolve) => registry.listen(registryPort, '127.0.0.1', resolve));
  destructiveUrl = `http://localhost:${destructivePort}/mcp`;
  const common = { stateHome: folder, destructiveUrl };
  const lone = await start({ ...common, only: 'authserver', authserverPort: 0 });
  running.push(lone);
  const issuer = lone.addresses.authserver ?? '';
  const registryUrl = `http://127.0.0.1:${registryPort}`;
  const follows = { registryUrl, switches, issuers: [issuer] };
  running.push(await start({ ...common, ...follows, only: 'destructive', destructivePort }));
  const token = await tokenFor({ issuer, resource: destructiveUrl, scope: 'jira:write' });
  peer = new ModernPeer({ authorization: `Bearer ${token}` });
  approver = new ApproverPerson(new URL(destructiveUrl).origin, issuer);
  // Creating the demo data may take longer than the wait for a call.
  const ready = () => fetch(new URL('/readyz', destructiveUrl)).then(({ ok }) => ok);
  await until(ready, 'a server that is ready', 120_000);
});
test.after(async () => {
  for (const one of running.reverse()) await one.close();
  registry.close();
  await rm(folder, { recursive: true, force: true });
});

const issueOf = (summary: string): JsonObject => ({ project: 'OPS', type: 'Task', summary });
const taskOf = (taskId: string): Promise<JsonObject> => peer.ask(destructiveUrl, 'tasks/get', { taskId });

async function listed(): Promise<boolean> {
  const { tools } = await peer.ask(destructiveUrl, 'tools/list');
  return Array.isArray(tools) && tools.some(({ name }: JsonObject) => name === 'jira.create');
}

/** The page of a call that waits as a task. */
async function waiting(summary: string): Promise<{ taskId: string; page: string }> {
  const taskId = await peer.task(destructiveUrl, 'jira.create', issueOf(summary));
  let page = '';
  await until(async () => {
    const { inputRequests } = await taskOf(taskId);
    const [asked]: unknown[] = isRecord(inputRequests) ? Object.values(inputRequests) : [];
    page = /"url":"([^"]+)"/.exec(JSON.stringify(asked ?? ''))?.[1] ?? '';
    return page !== '';
  });
  return { taskId, page };
}

const turnFile = (disabled: string[]) => writeFile(switches, JSON.stringify({ disabled }));
const turnRegistry = (next: typeof followed) => async (): Promise<void> => {
  followed = next;
};

for (const [title, off, on] of [
  ['by the file of switches', () => turnFile(['jira.create']), () => turnFile([])],
  ['by the registry', turnRegistry({ enabled: true, tools: { 'jira.create': 'off' } }), turnRegistry(ON)],
  [
    'by a quarantine',
    turnRegistry({ enabled: true, tools: { 'jira.create': 'quarantined' } }),
    turnRegistry(ON),
  ],
  ['with its whole server', turnRegistry({ enabled: false, tools: {} }), turnRegistry(ON)],
] as const) {
  test(`a call that is switched off ${title} while it waits does not run when a person approves it`, async () => {
    const summary = `Switched off ${title}`;
    const { taskId, page } = await waiting(summary);
    try {
      await off();
      await until(async () => !(await listed()));
      await approver.decide(page);
      let task: JsonObject = {};
      await until(async () => {
        task = await taskOf(taskId);
        return task.status === 'failed' || task.status === 'completed';
      });
      assert.is(task.status, 'failed', JSON.stringify(task));
      assert.match(JSON.stringify(task.error), /no such tool: jira\.create/);
    } finally {
      await on();
      await until(listed);
    }
    // Nothing was created, and the approval was left: the same call runs now.
    const found = await peer.ask(destructiveUrl, 'tools/call', {
      name: 'jira.create',
      arguments: issueOf(summary),
    });
    assert.match(JSON.stringify(found.structuredContent), summary);
  });
}

test.run();
