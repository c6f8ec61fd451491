/** Two callers on one server, both with valid tokens: neither can see what belongs to the other. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { elicit } from '../../src/index.js';
import { dial, held, legacy, MODERN, requestText } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { bearing, call, closeGuarded, type Guarded, guarded, startIssuer } from './guarded.js';

const test = suite('endpoint/principals');
test.after(closeGuarded);

const sessions = { most: 10, idleMs: 10_000 };
const TASKS = 'io.modelcontextprotocol/tasks';

type Bench = Guarded & {
  /** A token of another issuer that is accepted too, with the same claims. */
  rival: string;
};

async function rivalled(given: Parameters<typeof guarded>[0]): Promise<Bench> {
  const [one, other] = [await startIssuer(), await startIssuer()];
  const issuers = [one, other].map(({ issuer }) => ({ issuer, tenant: 'acme' }));
  const bench = await guarded(given, { issuers }, one);
  return { ...bench, rival: other.sign(bench.claims({ iss: other.issuer })) };
}

/** Others who may hold a good token of the same server: each differs from ada in one thing. */
function others({ token, rival }: Bench): [name: string, token: string][] {
  return [
    ['another user', token({ sub: 'bob' })],
    ['another client of the same user', token({ client_id: 'other' })],
    ['the same user of another tenant', token({ tenant: 'other' })],
    ['the same user of a tenant that another issuer gives the same name', rival],
  ];
}

const initialize = legacy('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'c', version: '1' },
});

test('a session is unknown to anybody except the caller who opened it, and goes on untouched', async () => {
  const bench = await rivalled({ sessions });
  const { url, post, token } = bench;
  const opened = await post(token(), initialize);
  const id = opened.headers.get('mcp-session-id') ?? '';
  assert.ok(id !== '');
  const headers = { 'mcp-session-id': id };
  for (const [name, theirs] of others(bench)) {
    const unknown = await post(theirs, legacy('ping'), { 'mcp-session-id': 'never-was' });
    const foreign = await post(theirs, legacy('ping'), headers);
    assert.equal([foreign.status, foreign.text], [404, unknown.text], name);
    for (const body of [`[${legacy('ping')}]`, { jsonrpc: '2.0', method: 'notifications/initialized' }]) {
      const theirAnswer = await post(theirs, body, headers);
      const unknownAnswer = await post(theirs, body, { 'mcp-session-id': 'never-was' });
      assert.equal([theirAnswer.status, theirAnswer.text], [unknownAnswer.status, unknownAnswer.text], name);
    }
    for (const [method, accept] of [
      ['GET', 'text/event-stream'],
      ['DELETE', '*/*'],
    ] as const) {
      const response = await fetch(url, { method, headers: { ...headers, ...bearing(theirs), accept } });
      assert.is(response.status, 404, `${method} by ${name}`);
      await response.body?.cancel();
    }
  }
  assert.is((await post('', legacy('ping'), headers)).status, 401);
  assert.is((await post(token(), legacy('ping'), headers)).status, 200);
});
test('the same name at two issuers is two people', async () => {
  const [one, other] = [await startIssuer(), await startIssuer()];
  const issuers = [one, other].map(({ issuer }) => ({ issuer, tenant: 'acme' }));
  const { post, token, claims } = await guarded({ sessions }, { issuers }, one);
  const id = (await post(token(), initialize)).headers.get('mcp-session-id') ?? '';
  const theirs = other.sign(claims({ iss: other.issuer }));
  assert.is((await post(theirs, legacy('ping'))).status, 400);
  assert.is((await post(theirs, legacy('ping'), { 'mcp-session-id': id })).status, 404);
  assert.is((await post(token(), legacy('ping'), { 'mcp-session-id': id })).status, 200);
  assert.is((await post(one.sign(claims({ iss: other.issuer })), legacy('ping'))).status, 401);
});
test('a session outlives the token that opened it, for the same caller with a new one', async () => {
  const { post, token } = await guarded({ sessions, tools: [toolOf('t')] });
  const id = (await post(token({ scope: '' }), initialize)).headers.get('mcp-session-id') ?? '';
  const headers = { 'mcp-session-id': id };
  assert.is((await post(token({ scope: '' }), call('t', 1), headers)).status, 403);
  assert.is((await post(token(), call('t', 2), headers)).status, 200);
  assert.is((await post(token({ scope: '' }), call('t', 3), headers)).status, 403);
});
test('an answer to a question of one caller is not taken from another', async () => {
  const form = elicit('Go on?', { type: 'object', properties: {} });
  const asking = toolOf('asking', {
    handler: async (_args, { ask }) => ({ structuredContent: await ask('go', form) }),
  });
  const bench = await rivalled({ sessions, tools: [asking] });
  const { url, post, token } = bench;
  const capable = initialize.replace('"capabilities":{}', '"capabilities":{"elicitation":{}}');
  const id = (await post(token(), capable)).headers.get('mcp-session-id') ?? '';
  const headers = { 'mcp-session-id': id };
  const stream = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      ...bearing(token()),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: call('asking'),
  });
  const reader = textOf(stream);
  const question = JSON.parse(
    /data: (\{.*"elicitation\/create".*\})/.exec(await reader('elicitation/create'))?.[1] ?? '',
  );
  const answer = { jsonrpc: '2.0', id: question.id, result: { action: 'decline' } };
  for (const [name, theirs] of others(bench)) {
    assert.is((await post(theirs, answer, headers)).status, 404, name);
  }
  assert.is((await post(token(), answer, headers)).status, 202);
  assert.match(await reader('"result"'), '"action":"decline"');
});
test('a call is cancelled only by the caller who made it, with a session or without', async () => {
  for (const given of [{}, { sessions }]) {
    const one = held();
    const bench = await rivalled({ ...given, tools: [one.tool] });
    const { port, post, token } = bench;
    const opened = 'sessions' in given ? await post(token(), initialize) : undefined;
    const id = opened?.headers.get('mcp-session-id') ?? undefined;
    const headers: { [name: string]: string } = id === undefined ? {} : { 'mcp-session-id': id };
    const sent = { ...headers, ...bearing(token()), accept: 'application/json', connection: 'close' };
    const wire = dial(port).send(requestText({ body: call('held', 7), headers: sent }));
    const signal = await one.started;
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
    for (const [name, theirs] of others(bench)) {
      assert.is((await post(theirs, cancel, headers)).status, id === undefined ? 202 : 404);
      assert.not.ok(signal.aborted, name);
    }
    assert.is((await post(token(), cancel, headers)).status, 202);
    assert.match(await wire.toEnd(), '"code":499');
    assert.ok(signal.aborted);
    one.letGo();
  }
});
test('two callers with the same request id each stop their own call', async () => {
  const [ada, bob] = [held('ada'), held('bob')];
  const { port, post, token } = await guarded({ tools: [ada.tool, bob.tool] });
  const tokens = { ada: token(), bob: token({ sub: 'bob' }) };
  const wires = (['ada', 'bob'] as const).map((name) =>
    dial(port).send(
      requestText({ body: call(name, 1), headers: { ...bearing(tokens[name]), connection: 'close' } }),
    ),
  );
  const signals = await Promise.all([ada.started, bob.started]);
  await post(tokens.bob, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  assert.equal(
    signals.map(({ aborted }) => aborted),
    [false, true],
  );
  ada.letGo();
  bob.letGo();
  assert.match((await wires[0]?.toEnd()) ?? '', 'let go');
});

const modern = (method: string, params: object, more: object = {}): [object, { [name: string]: string }] => {
  const name =
    'name' in params ? String(params.name) : 'taskId' in params ? String(params.taskId) : undefined;
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method };
  const clientCapabilities = { elicitation: {}, extensions: { [TASKS]: {} } };
  const _meta = { ...MODERN, 'io.modelcontextprotocol/clientCapabilities': clientCapabilities };
  return [
    { jsonrpc: '2.0', id: 1, method, params: { ...params, ...more, _meta } },
    name === undefined ? headers : { ...headers, 'mcp-name': name },
  ];
};

test('a task is unknown to anybody except the caller who started it', async () => {
  const slow = toolOf('slow', {
    handler: (_args, { task }) =>
      task(
        ({ signal }) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve({ structuredContent: {} })),
          ),
      ),
  });
  const bench = await rivalled({ tools: [slow], tasks: true });
  const { post, token } = bench;
  const started = await post(token(), ...modern('tools/call', { name: 'slow' }));
  const taskId = String(started.body.result?.taskId);
  for (const [name, theirs] of others(bench)) {
    for (const [method, more] of [
      ['tasks/get', {}],
      ['tasks/update', { inputResponses: {} }],
      ['tasks/cancel', {}],
    ] as const) {
      const foreign = await post(theirs, ...modern(method, { taskId }, more));
      const unknown = await post(theirs, ...modern(method, { taskId: 'never-was' }, more));
      assert.is(foreign.body.error?.code, -32602, `${method} by ${name}`);
      assert.is(foreign.text.replace(taskId, 'never-was'), unknown.text);
    }
  }
  const mine = await post(token(), ...modern('tasks/get', { taskId }));
  assert.is(mine.body.result?.status, 'working');
  await post(token(), ...modern('tasks/cancel', { taskId }));
  assert.is((await post(token(), ...modern('tasks/get', { taskId }))).body.result?.status, 'cancelled');
});
test('the sealed state of a question is worthless to anybody else', async () => {
  const form = elicit('Your name?', {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
  });
  const asking = toolOf('asking', {
    handler: async (_args, { ask }) => ({ structuredContent: await ask('name', form) }),
  });
  const bench = await rivalled({ tools: [asking] });
  const { post, token } = bench;
  const first = await post(token(), ...modern('tools/call', { name: 'asking' }));
  const requestState = first.body.result?.requestState;
  assert.type(requestState, 'string');
  const retry = { requestState, inputResponses: { name: { action: 'accept', content: { name: 'Ada' } } } };
  for (const [name, theirs] of others(bench)) {
    const refused = await post(theirs, ...modern('tools/call', { name: 'asking' }, retry));
    assert.is(refused.body.error?.code, -32602, name);
    assert.match(
      refused.body.error?.message ?? '',
      'requestState was changed, is too old, or belongs to another',
    );
  }
  const done = await post(
    token({ jti: 'another token' }),
    ...modern('tools/call', { name: 'asking' }, retry),
  );
  assert.equal(done.body.result?.structuredContent, { action: 'accept', content: { name: 'Ada' } });
});

test('requestState that one server sealed is refused by a server with the same name and keys and another URL', async () => {
  const form = elicit('Your name?', { type: 'object', properties: { name: { type: 'string' } } });
  const asking = toolOf('asking', {
    handler: async (_args, { ask }) => ({ structuredContent: await ask('name', form) }),
  });
  const issuer = await startIssuer();
  const shared = { tools: [asking], sealingKeys: [Buffer.alloc(32, 7)] };
  const at = (host: string) => guarded({ ...shared, url: `https://${host}/mcp` }, {}, issuer);
  const [staging, replica] = [await at('staging.example.com'), await at('staging.example.com')];
  // Identified by its own address, with a free port.
  const others = [await at('tools.example.com'), await guarded(shared, {}, issuer)];
  const first = await staging.post(staging.token(), ...modern('tools/call', { name: 'asking' }));
  const requestState = first.body.result?.requestState;
  assert.type(requestState, 'string');
  const retry = { requestState, inputResponses: { name: { action: 'accept', content: { name: 'Ada' } } } };
  for (const other of others) {
    const refused = await other.post(other.token(), ...modern('tools/call', { name: 'asking' }, retry));
    assert.is(refused.body.error?.code, -32602, other.resource);
    assert.match(
      refused.body.error?.message ?? '',
      'requestState was changed, is too old, or belongs to another',
    );
  }
  const done = await replica.post(replica.token(), ...modern('tools/call', { name: 'asking' }, retry));
  assert.equal(done.body.result?.structuredContent, { action: 'accept', content: { name: 'Ada' } });
});

/** Reads on until a text has come, and gives everything so far. */
function textOf(response: Response): (until: string) => Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async (until) => {
    while (!text.includes(until)) {
      const part = await reader?.read();
      if (part === undefined || part.done) throw new Error(`ended with ${text}`);
      text += part.value;
    }
    return text;
  };
}

test.run();
