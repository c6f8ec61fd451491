import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Tasks } from '../../src/cluster/tasks/tasks.js';
import { Changes } from '../../src/wire/mcp/connection.js';
import { Stopped } from '../../src/wire/mcp/request-context.js';
import { createPrompts, createResources } from '../../src/wire/mcp/resources.js';
import { principalKey } from '../../src/wire/principal.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, Clock, errorOf, exchangeOf, principalOf, resultOf, serverOf } from './ask.js';

const test = suite('mcp/listen');

const ID = 'io.modelcontextprotocol/subscriptionId';
const OWNER = principalKey(principalOf());
const CAN = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** Counts its listeners. */
class Counted extends Changes {
  count = 0;
  override listen(listener: Parameters<Changes['listen']>[0]): () => void {
    this.count += 1;
    const end = super.listen(listener);
    return () => {
      this.count -= 1;
      end();
    };
  }
}

function bench(offers: { prompts?: boolean; resources?: boolean } = { prompts: true, resources: true }) {
  const changes = new Counted();
  const tasks = new Tasks({
    after: new Clock().after,
    clock: () => new Date(0),
    newId: () => 'task-1',
    changes,
    errorOf: () => ({ code: 1, message: '' }),
  });
  return {
    ...serverOf([]),
    changes,
    tasks,
    prompts:
      offers.prompts === true ? createPrompts([{ name: 'p', get: () => ({ messages: [] }) }]) : undefined,
    resources:
      offers.resources === true
        ? createResources([], [{ uriTemplate: 'note://{id}', name: 'n', read: () => [] }])
        : undefined,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function listen(
  server: ReturnType<typeof bench>,
  notifications: unknown,
  capabilities: JsonObject = {},
) {
  const { exchange, sent } = exchangeOf('2026-07-28', { capabilities });
  const reply = ask(server, '2026-07-28', 'subscriptions/listen', { notifications }, exchange);
  const stop = (why: 'cancelled' | 'stopping') => exchange.stop(new Stopped(why, why));
  await turn();
  return { exchange, sent, reply, stop };
}
const acknowledged = ({ sent }: Awaited<ReturnType<typeof listen>>) => sent[0]?.params.notifications;
const refused = async (notifications: unknown, can?: JsonObject) =>
  errorOf(await (await listen(bench(), notifications, can)).reply);
const EVERYTHING = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

test('the acknowledgment comes first, and names what will actually be sent', async () => {
  const asked = { ...EVERYTHING, resourceSubscriptions: ['note://a', 'other://b'] };
  const one = await listen(bench(), asked);
  assert.is(one.sent[0]?.method, 'notifications/subscriptions/acknowledged');
  assert.equal(acknowledged(one), { ...EVERYTHING, resourceSubscriptions: ['note://a'] });
  assert.equal(acknowledged(await listen(bench({}), asked)), { toolsListChanged: true });
  assert.equal(acknowledged(await listen(bench(), {})), {});
  assert.equal(acknowledged(await listen(bench(), { toolsListChanged: false, more: 1 })), {});
});
test('of two spellings of one address, the acknowledgment names the one that is used', async () => {
  const server = bench();
  const one = await listen(server, {
    resourceSubscriptions: ['note://a', 'NOTE://a', 'note://b', 'note://b'],
  });
  assert.equal(acknowledged(one), { resourceSubscriptions: ['NOTE://a', 'note://b'] });
  server.changes.emit({ kind: 'resource', uri: 'note://a' });
  assert.is(one.sent[1]?.params.uri, 'NOTE://a');
});
test('exactly what was asked for is sent, each with the id of the request', async () => {
  const server = bench();
  const one = await listen(server, { toolsListChanged: true, resourceSubscriptions: ['note://a'] });
  server.changes.emit({ kind: 'tools' });
  server.changes.emit({ kind: 'prompts' });
  server.changes.emit({ kind: 'resources' });
  server.changes.emit({ kind: 'resource', uri: 'note://b' });
  server.changes.emit({ kind: 'resource', uri: 'note://a' });
  server.changes.emit({ kind: 'task', taskId: 'task-1', task: {} });
  const _meta = { [ID]: 1 };
  assert.equal(one.sent.slice(1), [
    { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta } },
    { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'note://a', _meta } },
  ]);
});
test('a task is reported to those who may read it', async () => {
  const server = bench();
  server.tasks.start(OWNER, { elicitation: {} }, () => new Promise(() => {}));
  const one = await listen(server, { taskIds: ['task-1', 'task-2', 'constructor', 'task-1'] }, CAN);
  assert.equal(acknowledged(one), { taskIds: ['task-1'] });
  server.tasks.cancel(OWNER, 'task-1');
  assert.equal(
    one.sent.slice(1).map(({ method, params }) => [method, params.status]),
    [['notifications/tasks', 'cancelled']],
  );
  const foreign = bench();
  foreign.tasks.start(principalKey(principalOf({ user: 'ann' })), {}, () => new Promise(() => {}));
  assert.equal(acknowledged(await listen(foreign, { taskIds: ['task-1'] }, CAN)), {});
});
test('tasks are sent only to clients that declared the extension', async () => {
  assert.is((await refused({ taskIds: [] })).code, -32021);
});
test('a client that leaves gets nothing more', async () => {
  const server = bench();
  const { sent, stop, reply } = await listen(server, EVERYTHING);
  stop('cancelled');
  await reply;
  server.changes.emit({ kind: 'tools' });
  assert.is(sent.length, 1);
  assert.is(server.changes.count, 0);
});
test('a server that stops ends the listening with its answer', async () => {
  const server = bench();
  const { exchange, stop, reply } = await listen(server, EVERYTHING);
  assert.ok(exchange.isListening);
  stop('stopping');
  const { _meta, resultType } = resultOf(await reply);
  assert.equal([resultType, (_meta as JsonObject)[ID]], ['complete', 1]);
  assert.is(server.changes.count, 0);
});
test('a filter is an object of booleans and short lists of texts', async () => {
  for (const filter of [undefined, null, [], 'tools', true]) assert.is((await refused(filter)).code, -32602);
  for (const name of ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged']) {
    for (const value of [1, 'true', null, {}]) assert.match((await refused({ [name]: value })).message, name);
  }
  for (const name of ['resourceSubscriptions', 'taskIds']) {
    for (const value of ['x', {}, null, [1], [null], Array(1_001).fill('note://a')])
      assert.match((await refused({ [name]: value }, CAN)).message, name);
  }
});
test('a filter of a thousand is served', async () => {
  const uris = Array.from({ length: 1_000 }, (_, index) => `note://${index}`);
  assert.equal(acknowledged(await listen(bench(), { resourceSubscriptions: uris })), {
    resourceSubscriptions: uris,
  });
});
test('names that every object inherits ask for nothing', async () => {
  const server = bench();
  const one = await listen(server, JSON.parse('{"constructor":true,"toString":true,"hasOwnProperty":1}'));
  assert.equal(acknowledged(one), {});
});
test('listening needs a way to notify, and the modern era', async () => {
  const server = bench();
  const { exchange } = exchangeOf('2026-07-28');
  Reflect.deleteProperty(exchange.transport, 'notify');
  const params = { notifications: {} };
  assert.match(
    errorOf(await ask(server, '2026-07-28', 'subscriptions/listen', params, exchange)).message,
    'event-stream',
  );
  assert.is(errorOf(await ask(server, '2025-11-25', 'subscriptions/listen', params)).code, -32601);
});
test('ten thousand listeners that came and went leave none behind', async () => {
  const server = bench();
  for (let count = 0; count < 10_000; count += 1) {
    const { stop, reply } = await listen(server, EVERYTHING);
    stop('cancelled');
    await reply;
  }
  assert.is(server.changes.count, 0);
});

test.run();
