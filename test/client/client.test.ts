/** The client and the server of this project with each other, in both eras; then lists, tools, rounds and tasks of faulty servers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Client, connectHttp } from '../../src/client/index.js';
import { createEndpoint, defineTool, elicit, sample } from '../../src/index.js';
import { FAULTS } from '../../src/wire/fault.js';
import type { JsonObject } from '../../src/wire/value.js';
import {
  closeAll,
  closeLater,
  error,
  failure,
  modern,
  OPTIONS,
  type Reply,
  result,
  type Served,
} from './servers.js';

const test = suite('client/client');
test.after(closeAll);

const common = { scope: 'x', destructive: false, description: 'A tool.' };
const NAME = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const tools = [
  defineTool({
    ...common,
    name: 'add',
    title: 'Add',
    inputSchema: { type: 'object', properties: { a: { type: 'integer', 'x-mcp-header': 'A' } } },
    outputSchema: { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] },
    handler: ({ a }) => ({ structuredContent: { sum: Number(a) + 1 } }),
  }),
  defineTool({
    ...common,
    name: 'ask',
    title: 'Ask',
    inputSchema: { type: 'object' },
    handler: async (_, { ask, progress }) => {
      progress(1, 2, 'half');
      const first = await ask('who', elicit('Who?', NAME));
      const second = await ask('more', sample({ messages: [], maxTokens: 1 }));
      return { content: [{ type: 'text', text: JSON.stringify([first, second]) }] };
    },
  }),
];

async function ownServer(): Promise<URL> {
  const endpoint = createEndpoint({
    name: 'own',
    version: '1',
    tools,
    sessions: { most: 10, idleMs: 60_000 },
  });
  const url = await endpoint.listen(0);
  closeLater(() => endpoint.close());
  return new URL(url);
}

async function connect(url: URL, options = {}): Promise<Client> {
  const client = await connectHttp(url, { ...OPTIONS, ...options });
  closeLater(() => client.close());
  return client;
}

async function all(list: AsyncIterable<JsonObject>): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  for await (const item of list) items.push(item);
  return items;
}

const handlers = {
  'elicitation/create': async ({ message }: JsonObject) => ({ action: 'accept', content: { name: message } }),
  'sampling/createMessage': async () => ({
    role: 'assistant',
    model: 'm',
    content: { type: 'text', text: 'hi' },
  }),
};

for (const revision of ['2026-07-28', '2025-11-25', '2025-06-18'] as const) {
  test(`a whole conversation in ${revision}`, async () => {
    const client = await connect(await ownServer(), { revision, handlers });
    assert.is(client.revision, revision);
    const names = (await all(client.list('tools/list'))).map(({ name }) => name);
    assert.equal(names, ['add', 'ask']);
    assert.equal((await client.callTool('add', { a: 41 })).structuredContent, { sum: 42 });
    const seen: unknown[] = [];
    const asked = await client.callTool('ask', {}, { onProgress: (progress) => seen.push(progress) });
    const [{ text }] = asked.content as [{ text: string }];
    assert.equal(JSON.parse(text), [
      { action: 'accept', content: { name: 'Who?' } },
      { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } },
    ]);
    assert.ok(seen.length > 0);
    assert.equal(seen[0], { progress: 1, total: 2, message: 'half' });
    const unknown = await failure(client.request('no/such'));
    assert.equal([unknown.kind, unknown.code], ['rpc', FAULTS.methodNotFound.code]);
    await client.close();
    assert.is((await failure(client.request('tools/list'))).kind, 'cancelled');
  });
}

/** A modern server with these tools, and its answer to a call. */
function withTools(list: object[], call: (message: JsonObject) => Reply = (message) => result(message, {})) {
  return modern(({ message }) =>
    message.method === 'tools/list' ? result(message, { tools: list }) : call(message),
  );
}
const sent = ({ received }: Served, method: string) =>
  received
    .filter(({ message }) => message.method === method)
    .map(({ message }) => message.params as JsonObject);

test('a list is read to its end, whatever its cursors are', async () => {
  const pages: { [cursor: string]: object } = {
    undefined: { prompts: [{ name: 'a' }], nextCursor: '' },
    '': { prompts: [], nextCursor: 'x' },
    x: { prompts: [{ name: 'b' }] },
  };
  const server = await modern(({ message }) =>
    result(message, pages[String((message.params as JsonObject).cursor)] ?? {}),
  );
  const client = await connect(server.url);
  assert.equal(await all(client.list('prompts/list')), [{ name: 'a' }, { name: 'b' }]);
  const endless = await modern(({ message }) => result(message, { resources: [], nextCursor: 'again' }));
  const found = await failure(all((await connect(endless.url)).list('resources/list')));
  assert.match(found.message, 'resources/list has no end: page 2 leads to "again"');
  const none = await failure(all((await connect(server.url)).list('resources/templates/list')));
  assert.match(none.message, 'has no list of objects as "resourceTemplates"');
});

test('arguments travel in headers too, where a schema says so', async () => {
  const schema = (header: string) => ({
    type: 'object',
    properties: {
      a: { type: 'string', 'x-mcp-header': header },
      n: { type: 'integer', 'x-mcp-header': 'N' },
    },
  });
  const warnings: string[] = [];
  const list = [
    { name: 'Grüße', inputSchema: schema('A') },
    { name: 'bad', inputSchema: schema('a b') },
  ];
  const server = await withTools(list);
  const client = await connect(server.url, { onWarning: (warning: string) => warnings.push(warning) });
  await client.callTool('Grüße', { a: ' ü', n: null });
  const headers = server.received.at(-1)?.headers ?? {};
  assert.is(headers['mcp-name'], `=?base64?${Buffer.from('Grüße').toString('base64')}?=`);
  assert.is(headers['mcp-param-a'], `=?base64?${Buffer.from(' ü').toString('base64')}?=`);
  assert.is(headers['mcp-param-n'], undefined);
  assert.equal(
    (await all(client.list('tools/list'))).map(({ name }) => name),
    ['Grüße'],
  );
  assert.is(warnings.length, 1);
  assert.match(warnings[0] ?? '', 'tool bad: /a: "x-mcp-header" must be a header token');
  assert.is((await failure(client.callTool('bad'))).kind, 'usage');
  assert.is((await failure(client.callTool('Grüße', { n: 2 ** 60 }))).kind, 'usage');
  assert.is(sent(server, 'tools/call').length, 1);
});

test('after a header mismatch the client reads the tools again', async () => {
  let header = 'Old';
  const server = await modern(({ message, headers }) => {
    const inputSchema = { type: 'object', properties: { a: { type: 'string', 'x-mcp-header': header } } };
    if (message.method === 'tools/list') return result(message, { tools: [{ name: 't', inputSchema }] });
    header = 'New';
    return headers['mcp-param-new'] === 'x'
      ? result(message, { done: true })
      : error(message, FAULTS.headerMismatch.code, undefined, 400);
  });
  const client = await connect(server.url);
  assert.equal(await client.callTool('t', { a: 'x' }), { done: true });
  assert.is(sent(server, 'tools/list').length, 2);
});

test('a result must match the output schema of its tool', async () => {
  const outputSchema = { type: 'object', properties: { n: { type: 'integer' } } };
  const remote = { type: 'object', properties: { n: { $ref: 'http://127.0.0.1:1/schema.json' } } };
  const list = [
    { name: 'good', outputSchema },
    { name: 'remote', outputSchema: remote },
  ];
  let answer: object = {};
  const server = await withTools(list, (message) => result(message, answer));
  const client = await connect(server.url);
  const rows: [name: string, answer: object, problem: string][] = [
    ['good', { structuredContent: { n: 'x' } }, '/n: expected integer'],
    ['good', { content: [] }, 'it has no structuredContent'],
    ['remote', { structuredContent: { n: 1 } }, 'not a usable schema'],
  ];
  for (const [name, given, problem] of rows) {
    answer = given;
    const found = await failure(client.callTool(name));
    assert.is(found.kind, 'output');
    assert.match(found.message, problem);
    assert.equal(found.result, given);
  }
  answer = { isError: true, content: [] };
  assert.equal(await client.callTool('good'), answer);
});

test('a round returns the state byte for byte, or none, under a new id', async () => {
  const question = { method: 'elicitation/create', params: { message: 'Who?', requestedSchema: NAME } };
  const rounds = [
    { resultType: 'input_required', inputRequests: { who: question }, requestState: ' {"a": 1}\u00e9' },
    { resultType: 'input_required', requestState: 'second' },
    { resultType: 'input_required', inputRequests: { again: question } },
    { content: [] },
  ];
  const server = await withTools([], (message) => result(message, rounds.shift() ?? {}));
  const client = await connect(server.url, { handlers });
  assert.equal(await client.callTool('t', { a: 1 }), { content: [] });
  const calls = sent(server, 'tools/call');
  const answer = { action: 'accept', content: { name: 'Who?' } };
  assert.equal(
    calls.map(({ inputResponses, requestState }) => [inputResponses, requestState]),
    [
      [undefined, undefined],
      [{ who: answer }, ' {"a": 1}\u00e9'],
      [undefined, 'second'],
      [{ again: answer }, undefined],
    ],
  );
  assert.ok(calls.every(({ arguments: args }) => JSON.stringify(args) === '{"a":1}'));
  const ids = server.received.map(({ message }) => message.id);
  assert.is(new Set(ids).size, ids.length);
});

test('a round that asks for something that the client does not offer, or that never ends, fails', async () => {
  const ask = (method: string, params = {}) => ({
    resultType: 'input_required',
    inputRequests: { q: { method, params } },
  });
  const rows: [answer: object, problem: string][] = [
    [ask('roots/list'), 'in a way that this client does not offer'],
    [ask('sampling/createMessage', { tools: [] }), 'in a way that this client does not offer'],
    [ask('tools/call'), '"tools/call", which is no request that it may send'],
    [{ resultType: 'input_required', inputRequests: { q: 1 } }, 'nothing, which is no request'],
    [{ resultType: 'input_required', requestState: 'x' }, 'asked for input 20 times'],
    [{ resultType: 'strange' }, 'tools/call has a result of the type "strange"'],
  ];
  for (const [answer, problem] of rows) {
    const server = await withTools([], (message) => result(message, answer));
    const found = await failure((await connect(server.url, { handlers })).callTool('t'));
    assert.is(found.kind, 'protocol');
    assert.match(found.message, problem);
  }
  const misplaced = await modern(({ message }) => result(message, ask('roots/list')));
  assert.match(
    (await failure((await connect(misplaced.url)).request('prompts/list'))).message,
    'input_required',
  );
});

test('an answer that does not fit its question is not sent', async () => {
  const question = { method: 'elicitation/create', params: { message: 'Who?', requestedSchema: NAME } };
  const server = await withTools([], (message) =>
    result(message, { resultType: 'input_required', inputRequests: { q: question } }),
  );
  const wrong = { 'elicitation/create': async () => ({ action: 'accept', content: { name: 7 } }) };
  const found = await failure((await connect(server.url, { handlers: wrong })).callTool('t'));
  assert.is(found.kind, 'usage');
  assert.match(found.message, '/name: expected string');
  assert.is(sent(server, 'tools/call').length, 1);
});

/** A server whose call becomes a task with these states, one for each poll. */
function withTask(states: JsonObject[]): Promise<Served> {
  const task = { taskId: 'task-1', pollIntervalMs: 1 };
  return withTools([], (message) => {
    if (message.method === 'tools/call')
      return result(message, { ...task, resultType: 'task', status: 'working' });
    if (message.method !== 'tasks/get') return result(message, {});
    return result(message, { ...task, ...(states.length > 1 ? states.shift() : states[0]) });
  });
}

test('a task is followed to its end, and asks each question once', async () => {
  const question = { method: 'elicitation/create', params: { message: 'Sure?', requestedSchema: NAME } };
  const asks = { status: 'input_required', inputRequests: { sure: question } };
  const server = await withTask([
    { status: 'working', statusMessage: 'half' },
    asks,
    asks,
    { status: 'completed', result: { content: [] } },
  ]);
  const states: unknown[] = [];
  const client = await connect(server.url, { handlers });
  const done = await client.callTool(
    't',
    {},
    { onTask: ({ status, statusMessage }) => states.push([status, statusMessage]) },
  );
  assert.equal(done, { content: [] });
  assert.equal(states, [
    ['working', undefined],
    ['working', 'half'],
    ['input_required', undefined],
    ['completed', undefined],
  ]);
  const updates = sent(server, 'tasks/update');
  assert.is(updates.length, 1);
  assert.equal(updates[0]?.inputResponses, { sure: { action: 'accept', content: { name: 'Sure?' } } });
  const polls = server.received.filter(({ message }) => message.method === 'tasks/get');
  assert.ok(polls.every(({ headers }) => headers['mcp-name'] === 'task-1'));
});

test('a task that fails, is cancelled or makes no sense ends the call', async () => {
  const end = async (state: JsonObject) => {
    const { kind, code } = await failure((await connect((await withTask([state])).url)).callTool('t'));
    return [kind, code];
  };
  assert.equal(await end({ status: 'failed', error: { code: -32_603, message: 'no' } }), ['rpc', -32_603]);
  assert.equal(await end({ status: 'cancelled' }), ['cancelled', undefined]);
  assert.equal(await end({ status: 'completed' }), ['protocol', undefined]);
  assert.equal(await end({ status: 'sleeping' }), ['protocol', undefined]);
});

test('giving up a task cancels it by its own method', async () => {
  const stop = new AbortController();
  const server = await withTask([{ status: 'working', statusMessage: 'on and on' }]);
  const client = await connect(server.url);
  const onTask = ({ statusMessage }: JsonObject): void => {
    if (statusMessage !== undefined) stop.abort();
  };
  const gone = await failure(client.callTool('t', {}, { signal: stop.signal, onTask }));
  assert.equal([gone.kind, gone.message], ['cancelled', 'the task was cancelled']);
  assert.equal(
    sent(server, 'tasks/cancel').map(({ taskId }) => taskId),
    ['task-1'],
  );
  assert.equal(sent(server, 'notifications/cancelled'), []);
});

test.run();
