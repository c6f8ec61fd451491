/** Tasks and changes at two endpoints that are one server, over any shared state. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { elicit } from '../../src/index.js';
import type { JsonObject } from '../../src/wire/value.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { ModernPeer } from './modern-peer.js';
import { pair, type ReplicasBench } from './replicas.js';

const FORM = elicit('Go on?', { type: 'object', properties: { yes: { type: 'string' } }, required: ['yes'] });
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

function bench({ open }: ReplicasBench) {
  const stopped: unknown[] = [];
  const asking = toolOf('asking', {
    handler: (_args, { task }) =>
      task(async ({ ask }) => text(JSON.stringify((await ask('go', FORM)).content))),
  });
  const endless = toolOf('endless', {
    handler: (_args, { task }) =>
      task(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              stopped.push(signal.reason);
              reject(signal.reason);
            });
          }),
      ),
  });
  const quick = toolOf('quick', { handler: (_args, { task }) => task(async () => text('done')) });
  return { stopped, both: pair({ open }, { tools: [asking, endless, quick] }) };
}

const peer = new ModernPeer();
const get = (url: string, taskId: string) => peer.ask(url, 'tasks/get', { taskId });
const statusIs = (url: string, taskId: string, status: string) =>
  until(async () => (await get(url, taskId)).status === status, `the task being ${status}`);

export function taskTests(test: Test, open: () => ReplicasBench): void {
  test('a task is asked for at a replica that does not work on it, from its very beginning', async () => {
    const [a, b] = await bench(open()).both;
    const taskId = await peer.task(a.url, 'endless');
    const [here, there] = [await get(a.url, taskId), await get(b.url, taskId)];
    assert.is(there.status, 'working');
    assert.equal(here, there);
    const quick = await peer.task(b.url, 'quick');
    await statusIs(a.url, quick, 'completed');
    assert.equal(((await get(a.url, quick)).result as JsonObject).content, text('done').content);
  });
  test('an answer that reaches the other replica lets the task go on', async () => {
    const [a, b] = await bench(open()).both;
    const taskId = await peer.task(a.url, 'asking');
    await statusIs(b.url, taskId, 'input_required');
    assert.ok((await get(b.url, taskId)).inputRequests);
    const bad = { go: { action: 'accept', content: {} } };
    for (const { url } of [a, b])
      assert.is((await peer.ask(url, 'tasks/update', { taskId, inputResponses: bad })).code, -32602);
    const inputResponses = { go: { action: 'accept', content: { yes: 'from afar' } } };
    await peer.ask(b.url, 'tasks/update', { taskId, inputResponses });
    await statusIs(b.url, taskId, 'completed');
    assert.ok(JSON.stringify(await get(a.url, taskId)).includes('from afar'));
  });
  test('a cancellation at the other replica takes effect at once, and stops the work', async () => {
    const { both, stopped } = bench(open());
    const [a, b] = await both;
    const taskId = await peer.task(a.url, 'endless');
    await peer.ask(b.url, 'tasks/cancel', { taskId });
    for (const { url } of [a, b]) assert.is((await get(url, taskId)).status, 'cancelled');
    await until(() => stopped.length === 1, 'the work being stopped');
    // A task that ends later at the same replica: by then the stopped work has written everything.
    await statusIs(b.url, await peer.task(a.url, 'quick'), 'completed');
    for (const { url } of [a, b]) assert.is((await get(url, taskId)).status, 'cancelled');
  });
  test('a task that has ended stays as it is, no matter who cancels it', async () => {
    const [a, b] = await bench(open()).both;
    const taskId = await peer.task(a.url, 'quick');
    await statusIs(b.url, taskId, 'completed');
    for (const { url } of [a, b]) await peer.ask(url, 'tasks/cancel', { taskId });
    assert.is((await get(a.url, taskId)).status, 'completed');
  });
  test('a listener at the other replica is notified of a task', async () => {
    const [a, b] = await bench(open()).both;
    const taskId = await peer.task(a.url, 'asking');
    const listening = await peer.listen(b.url, { taskIds: [taskId, 'never'] });
    assert.equal((listening.messages[0]?.params as JsonObject | undefined)?.notifications, {
      taskIds: [taskId],
    });
    const other = await peer.task(a.url, 'quick');
    await statusIs(b.url, other, 'completed');
    const inputResponses = { go: { action: 'decline' } };
    await peer.ask(a.url, 'tasks/update', { taskId, inputResponses });
    const told = () => listening.messages.filter(({ method }) => method === 'notifications/tasks');
    await listening.until(() =>
      told().some(({ params }) => (params as JsonObject).status !== 'input_required'),
    );
    assert.ok(told().every(({ params }) => (params as JsonObject).taskId === taskId));
    listening.leave();
  });
  test('a replica that stops fails its tasks, and the other one says so', async () => {
    const [a, b] = await bench(open()).both;
    const taskId = await peer.task(a.url, 'endless');
    await a.close();
    const task = await get(b.url, taskId);
    assert.is(task.status, 'failed');
    assert.ok(JSON.stringify(task.error).includes('the server stopped'));
  });
  test('a task that never existed is unknown at every replica', async () => {
    const [, b] = await bench(open()).both;
    for (const taskId of ['never', 'x'.repeat(1_000)])
      for (const method of ['tasks/get', 'tasks/cancel'])
        assert.is((await peer.ask(b.url, method, { taskId })).code, -32602);
  });
  test('a change at one replica is reported to anyone who listens at the other, once', async () => {
    const [a, b] = await pair(open());
    const listening = await peer.listen(b.url, {
      toolsListChanged: true,
      resourceSubscriptions: ['note://a'],
    });
    a.changed({ kind: 'tools' });
    a.changed({ kind: 'prompts' });
    a.changed({ kind: 'resource', uri: 'note://a' });
    await listening.message('notifications/resources/updated');
    b.changed({ kind: 'tools' });
    b.changed({ kind: 'resource', uri: 'note://a' });
    const count = (what: string) => listening.messages.filter(({ method }) => method === what).length;
    await listening.until(() => count('notifications/resources/updated') === 2);
    await listening.until(() => count('notifications/tools/list_changed') === 2);
    assert.is(listening.messages.length, 5);
    listening.leave();
  });
}
