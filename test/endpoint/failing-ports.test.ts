/** A part that other wings plug into the wire fails: every request still gets exactly one answer, and the server goes on. */
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTasks } from '../../src/cluster/join-replicas.js';
import { BOUNDS, serveStdio } from '../../src/wire/index.js';
import { Changes } from '../../src/wire/mcp/connection.js';
import type { Policy } from '../../src/wire/mcp/mcp-server.js';
import type { TaskStore } from '../../src/wire/mcp/task-store.js';
import { createServer, type ServerOptions } from '../../src/wire/server/create-server.js';
import { createHttpEndpoint, type HttpOptions } from '../../src/wire/server/endpoint.js';
import type { Speaker } from '../../src/wire/stdio/conversation.js';
import { legacy, MODERN, raw, requestText, statusOf } from '../http/wire.js';
import { principalOf, toolOf } from '../mcp/ask.js';
import { turn, until } from '../support/until.js';

const test = suite('endpoint/failing-ports');

type Message = {
  id?: unknown;
  error?: { code: number };
  result?: { isError?: boolean; taskId?: string; status?: string };
  method?: string;
};

const BROKEN = 'the port is broken';
const broken = (): never => {
  throw new Error(BROKEN);
};
const brokenLater = async (): Promise<never> => broken();

const WAYS = [broken, brokenLater];

const allowing = { allow: true, reason: 'ok' };
function policyWith(parts: Partial<Policy>): Policy {
  return {
    needs: () => ['bench:read'],
    access: () => ({ scopes: ['bench:read'] }),
    call: () => allowing,
    use: () => allowing,
    ...parts,
  };
}

const TASKS_EXTENSION = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const DECLARED = { ...MODERN, 'io.modelcontextprotocol/clientCapabilities': TASKS_EXTENSION };

function tasksWith(parts: Partial<TaskStore>): TaskStore {
  return {
    start: broken,
    checkRoom: () => undefined,
    get: () => ({}),
    update: () => undefined,
    cancel: () => undefined,
    has: () => true,
    follow: () => () => {},
    close: async () => {},
    ...parts,
  };
}

type AuditPort = NonNullable<ServerOptions['audit']>;
function auditWith(parts: Partial<AuditPort>): AuditPort {
  return {
    intent: async () => undefined,
    outcome: (_call, reply) => reply,
    taskEnded: async () => undefined,
    rejected: async () => {},
    close: async () => {},
    ...parts,
  };
}

const call = (name: string, id: unknown = 7, meta: object = MODERN): string =>
  legacy('tools/call', { name, _meta: meta }, id);
const task = (method: string, params: object = {}): string =>
  legacy(method, { taskId: 'x', ...params, _meta: DECLARED }, 7);

/** Each with a request that meets it. */
const PORTS = WAYS.flatMap((way): [string, Partial<ServerOptions>, string][] => [
  ['policy.call', { policy: policyWith({ call: way }) }, call('t')],
  ['policy.closed', { policy: policyWith({ closed: broken }) }, call('t')],
  ['policy.needs', { policy: policyWith({ needs: broken }) }, call('t')],
  ['policy.access', { policy: policyWith({ access: broken }) }, legacy('tools/list', { _meta: MODERN }, 7)],
  [
    'approvals.run',
    {
      policy: policyWith({ call: () => ({ allow: false, reason: 'a person', approvable: true }) }),
      approvals: { run: way },
    },
    call('t'),
  ],
  ['audit.intent', { audit: auditWith({ intent: way }) }, call('changes')],
  ['audit.outcome', { audit: auditWith({ outcome: way }) }, call('t')],
  [
    'audit.rejected',
    { audit: auditWith({ rejected: way }) },
    legacy('tools/list', { _meta: { ...MODERN, progressToken: {} } }, 7),
  ],
  ['spans', { spans: way }, call('t')],
  [
    'sealer.open',
    { sealer: { open: way, seal: async () => '' } },
    legacy('tools/call', { name: 't', requestState: 'x', _meta: MODERN }, 7),
  ],
  ['tasks.start', { tasks: tasksWith({ start: way }) }, call('background', 7, DECLARED)],
  ['tasks.get', { tasks: tasksWith({ get: way }) }, task('tasks/get')],
  ['tasks.update', { tasks: tasksWith({ update: way }) }, task('tasks/update', { inputResponses: {} })],
  ['tasks.cancel', { tasks: tasksWith({ cancel: way }) }, task('tasks/cancel')],
  [
    'tasks.has',
    { tasks: tasksWith({ has: way }) },
    task('subscriptions/listen', { notifications: { taskIds: ['x'] } }),
  ],
  [
    'tasks.follow',
    { tasks: tasksWith({ follow: broken }) },
    task('subscriptions/listen', { notifications: { taskIds: ['x'] } }),
  ],
]);

const TOOLS = [
  toolOf('t'),
  toolOf('changes', { destructive: true }),
  toolOf('background', { handler: (_args, { task }) => task(async () => ({ content: [] })) }),
];

type Talk = { say(...lines: string[]): void; heard: Message[]; errors: unknown[]; end(): Promise<void> };

function talk(options: Partial<ServerOptions>, speaker?: Speaker): Talk {
  const input = new PassThrough();
  const output = new PassThrough();
  const errors: unknown[] = [];
  const server = createServer({
    name: 'bench',
    version: '1',
    tools: TOOLS,
    onError: (error) => errors.push(error),
    ...options,
  });
  const done = serveStdio(server, input, output, BOUNDS, speaker);
  const heard: Message[] = [];
  output.setEncoding('utf8').on('data', (chunk: string) => {
    for (const line of chunk.split('\n').filter(Boolean)) heard.push(JSON.parse(line));
  });
  return {
    heard,
    errors,
    say: (...lines) => void input.write(lines.map((line) => `${line}\n`).join('')),
    async end() {
      input.end();
      await done;
      await turn();
    },
  };
}

/** A port that fails within a tool's handler fails the tool. */
const failureOf = ({ error, result }: Message): boolean => error?.code === -32603 || result?.isError === true;
const answersTo = (id: unknown, heard: readonly Message[]): Message[] =>
  heard.filter((message) => message.id === id && message.method === undefined);

test('on stdio each request gets one answer, whatever port fails, and the next request is served', async () => {
  for (const [name, options, request] of PORTS) {
    const { say, heard, errors, end } = talk(options);
    say(request);
    await until(() => answersTo(7, heard).length > 0, `an answer after ${name} failed`);
    // The id may be used again: the failed request is over.
    say(request, legacy('server/discover', { _meta: MODERN }, 8));
    await until(() => answersTo(7, heard).length > 1, `another answer after ${name} failed`);
    await end();
    assert.equal(answersTo(7, heard).map(failureOf), [true, true], name);
    assert.is(answersTo(8, heard).length, 1, name);
    assert.ok(errors.length > 0, name);
    assert.not.ok(JSON.stringify(heard).includes(BROKEN), name);
  }
});

test('on stdio a speaker that fails costs its own request alone, and requests keep their order', async () => {
  for (const fail of WAYS) {
    let times = 0;
    const speaker: Speaker = () => {
      times += 1;
      return times === 2 ? fail() : turn().then(() => principalOf({ scopes: ['bench:read'] }));
    };
    const { say, heard, errors, end } = talk({}, speaker);
    say(call('t', 1), call('t', 2), call('t', 3));
    await until(() => heard.length === 3, 'three answers');
    await end();
    assert.equal(
      [1, 2, 3].map((id) => answersTo(id, heard).map(({ error }) => error?.code)),
      [[undefined], [-32603], [undefined]],
    );
    assert.is(errors.length, 1);
  }
});

test('on stdio a batch has an answer for each of its requests', async () => {
  const { say, heard, end } = talk({
    policy: policyWith({ call: broken }),
    audit: auditWith({ rejected: brokenLater }),
  });
  say(
    legacy('initialize', {
      protocolVersion: '2025-03-26',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    }),
    `[${legacy('ping', undefined, 1)},${call('t', 2, {})},${legacy('ping', undefined, 3)},${legacy('initialize', {}, 4)},{"jsonrpc":"2.0","id":5,"method":6}]`,
  );
  await until(() => heard.length === 2, 'the batch');
  await end();
  const [, batch] = heard;
  assert.equal(
    (batch as unknown as Message[]).map(({ id, error }) => [id, error?.code]),
    [
      [1, undefined],
      [2, -32603],
      [3, undefined],
      [4, -32600],
      [5, -32600],
    ],
  );
});

test('on stdio initialize that fails settles nothing', async () => {
  let fails = true;
  const { say, heard, end } = talk({
    audit: auditWith({ outcome: (_call, reply) => (fails ? broken() : reply) }),
  });
  const hello = (id: number): string =>
    legacy(
      'initialize',
      { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
      id,
    );
  say(hello(1));
  await until(() => heard.length === 1, 'the failure');
  fails = false;
  // A batch is accepted only after a handshake that settled 2025-03-26.
  say(`[${legacy('ping', undefined, 2)}]`);
  await until(() => heard.length === 2, 'the refusal');
  await end();
  assert.equal(
    heard.map(({ error }) => error?.code),
    [-32603, -32600],
  );
});

const opened: { close(): Promise<void> }[] = [];
test.after(async () => {
  await Promise.all(opened.map((endpoint) => endpoint.close()));
});

async function serve(options: Partial<HttpOptions>): Promise<{ port: number; errors: string[] }> {
  const errors: string[] = [];
  const endpoint = createHttpEndpoint({
    name: 'bench',
    version: '1',
    tools: TOOLS,
    bounds: { drainMs: 100 },
    onError: (error, event) => errors.push(`${event}: ${error}`),
    ...options,
  });
  opened.push(endpoint);
  return { port: Number(new URL(await endpoint.listen(0)).port), errors };
}

/** The HTTP status and the messages of one POST, whether they come as JSON or as a stream. */
async function post(
  port: number,
  body: string,
  headers: { [name: string]: string } = {},
): Promise<[number, Message[]]> {
  const { method, params } = JSON.parse(body);
  const modern = params?._meta !== undefined;
  const mirrored: { [name: string]: string } = modern
    ? {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        'mcp-name': params.name ?? params.taskId ?? '',
      }
    : {};
  const text = await raw(
    port,
    requestText({ headers: { connection: 'close', ...mirrored, ...headers }, body }),
  );
  const content = text.slice(text.indexOf('\r\n\r\n'));
  const messages = content.match(/\{"jsonrpc".*\}/g) ?? [];
  return [statusOf(text), messages.map((message) => JSON.parse(message))];
}

test('over HTTP the answer has the id of its request, as JSON and on a stream', async () => {
  for (const accept of ['application/json, text/event-stream', 'text/event-stream']) {
    for (const [name, options, request] of PORTS) {
      const { port, errors } = await serve(options);
      const [status, messages] = await post(port, request, { accept });
      const answers = answersTo(7, messages);
      assert.equal(answers.map(failureOf), [true], `${name}, ${accept}`);
      assert.ok(status === 500 || status === 200, name);
      assert.ok(errors.length > 0, name);
      assert.not.ok(JSON.stringify(messages).includes(BROKEN), name);
    }
  }
});

test('over HTTP a legacy request is answered in band, and a batch has an answer for each of its requests', async () => {
  const { port } = await serve({
    policy: policyWith({ call: () => ({ allow: true, reason: 'ok' }) }),
    audit: auditWith({
      outcome: (given, reply) => (given.request.method === 'tools/call' ? broken() : reply),
    }),
  });
  const [status, [answer]] = await post(port, legacy('tools/call', { name: 't' }, 7));
  assert.equal([status, answer?.id, answer?.error?.code], [200, 7, -32603]);
  const batch = `[${legacy('ping', undefined, 1)},${legacy('tools/call', { name: 't' }, 2)},${legacy('ping', undefined, 3)}]`;
  const text = await raw(
    port,
    requestText({ headers: { connection: 'close', accept: 'application/json' }, body: batch }),
  );
  const answers: Message[] = JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
  assert.is(statusOf(text), 200);
  assert.equal(
    answers.map(({ id, error }) => [id, error?.code]),
    [
      [1, undefined],
      [2, -32603],
      [3, undefined],
    ],
  );
});

test('over HTTP an answer that cannot be recorded is refused on the stream that has begun', async () => {
  const talks = toolOf('talks', {
    handler: async (_args, { progress }) => {
      progress(1);
      return { content: [] };
    },
  });
  const { port } = await serve({ tools: [talks], audit: auditWith({ outcome: brokenLater }) });
  const body = legacy('tools/call', { name: 'talks', _meta: { ...MODERN, progressToken: 'p' } }, 7);
  const [status, messages] = await post(port, body, { accept: 'text/event-stream' });
  assert.is(status, 200);
  assert.equal(
    messages.map(({ method, error }) => method ?? error?.code),
    ['notifications/progress', -32603],
  );
});

test('over HTTP sessions, tokens and observers that fail cost their request an answer of 500, and no more', async () => {
  const nothing = (): void => {};
  for (const way of WAYS) {
    const sessions = {
      count: 0,
      ...{ open: way, of: way, peek: brokenLater, listens: way, end: way },
      ...{ endStreams: nothing, endAll: nothing },
    };
    const { port } = await serve({ sessions: () => sessions });
    const [status, [answer]] = await post(port, legacy('tools/list', {}, 7));
    assert.equal([status, answer?.id, answer?.error?.code], [200, 7, -32603]);
    const tokens = { resource: 'x', authenticate: way, insufficient: broken, ready: async () => {} };
    const guarded = await serve({ tokens: () => tokens });
    assert.is((await post(guarded.port, call('t')))[0], 500);
    assert.is((await post(guarded.port, call('t')))[0], 500);
  }
  const watched = await serve({ watch: broken });
  assert.is((await post(watched.port, call('t')))[0], 500);
  assert.match(watched.errors[0] ?? '', /^http\.request-failed: /);
});

test('a task ends even when the policy cannot say which scopes its result is bound to', async () => {
  const changes = new Changes();
  const errors: unknown[] = [];
  const tasks = openTasks({ changes }, (error) => errors.push(error), undefined);
  const { say, heard, end } = talk({
    changes,
    tasks,
    policy: policyWith({ boundTo: broken }),
  });
  say(call('background', 7, DECLARED));
  await until(() => heard.length === 1, 'the task');
  const taskId = heard[0]?.result?.taskId;
  const statuses = (): unknown[] => answersTo(8, heard).map(({ result }) => result?.status);
  // Asked again until it is over.
  await until(() => {
    say(legacy('tasks/get', { taskId, _meta: DECLARED }, 8));
    return statuses().includes('completed');
  }, 'the task to end');
  await end();
  assert.equal(errors, []);
});

test.run();
