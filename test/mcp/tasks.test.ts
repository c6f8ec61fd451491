import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Tasks } from '../../src/cluster/tasks/tasks.js';
import { Fault } from '../../src/wire/fault.js';
import { type Change, Changes } from '../../src/wire/mcp/connection.js';
import { ToolError } from '../../src/wire/mcp/definitions.js';
import { elicit } from '../../src/wire/mcp/input.js';
import type { TaskWork } from '../../src/wire/mcp/task-store.js';
import type { JsonObject } from '../../src/wire/value.js';
import { anyReader, ask, Clock, errorOf, exchangeOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/tasks');

const CAN = { elicitation: {} };
const FORM = elicit('Go on?', {
  type: 'object',
  properties: { yes: { type: 'boolean' } },
  required: ['yes'],
});
const YES = { action: 'accept', content: { yes: true } };
const never: TaskWork = () => new Promise(() => {});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function tasksOf() {
  const clock = new Clock();
  const changes = new Changes();
  const told: { status: unknown; taskId: unknown }[] = [];
  const unexpected: unknown[] = [];
  changes.listen((change: Change) => {
    if (change.kind === 'task') told.push({ status: change.task.status, taskId: change.taskId });
  });
  let [now, made] = [Date.parse('2026-08-01T12:00:00Z'), 0];
  const tasks = new Tasks({
    after: clock.after,
    clock: () => new Date(now),
    newId: () => {
      made += 1;
      return `task-${made}`;
    },
    changes,
    maxKept: 3_000,
    errorOf(error) {
      unexpected.push(error);
      return { code: -1, message: String(error) };
    },
  });
  const start = (work: TaskWork, principal = 'ann', can: JsonObject = CAN): string =>
    String(given(tasks.start(principal, can, work)).task.taskId);
  return { tasks, start, clock, told, unexpected, pass: (ms: number) => (now += ms) };
}

/** The value, unless it is a refusal. */
function given<T>(value: T | Fault): T {
  if (value instanceof Fault) throw value;
  return value;
}

function refusal(run: () => unknown): Fault {
  try {
    given(run());
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('not refused');
}

test('a task can be requested before its work has first paused', async () => {
  const { tasks } = tasksOf();
  let seen: JsonObject = {};
  const { task } = given(
    tasks.start('ann', CAN, async () => {
      seen = given(tasks.get(anyReader('ann'), 'task-1'));
      return {};
    }),
  );
  assert.equal(seen, task);
  assert.equal(task, {
    taskId: 'task-1',
    status: 'working',
    createdAt: '2026-08-01T12:00:00.000Z',
    lastUpdatedAt: '2026-08-01T12:00:00.000Z',
    ttlMs: 3_600_000,
    pollIntervalMs: 1_000,
  });
});
test('work that ends gives its task a result, and says when', async () => {
  const { tasks, start, told, pass } = tasksOf();
  const id = start(async () => {
    await turn();
    return { content: [] };
  });
  pass(2_000);
  await turn();
  await turn();
  const { status, result, lastUpdatedAt, createdAt } = given(tasks.get(anyReader('ann'), id));
  assert.equal([status, result], ['completed', { content: [] }]);
  assert.equal([createdAt, lastUpdatedAt], ['2026-08-01T12:00:00.000Z', '2026-08-01T12:00:02.000Z']);
  assert.equal(told, [{ status: 'completed', taskId: id }]);
});
test('the oldest outcomes make room for newer ones, and running work is kept', async () => {
  const { tasks, start } = tasksOf();
  const working = start(never);
  const done = [1, 2, 3, 4].map(() => start(async () => ({ text: 'x'.repeat(1_000) })));
  await turn();
  const known = [working, ...done].map((id) => tasks.has(anyReader('ann'), id));
  assert.equal(known, [true, false, false, true, true]);
  const large = start(async () => ({ text: 'x'.repeat(10_000) }));
  await turn();
  assert.is(
    given(tasks.get(anyReader('ann'), large)).status,
    'completed',
    'the newest is kept, whatever its size',
  );
});
test('work that fails gives its task an error', async () => {
  const { tasks, start, unexpected } = tasksOf();
  const id = start(async () => {
    throw new Error('broken');
  });
  await turn();
  const { status, statusMessage, error } = given(tasks.get(anyReader('ann'), id));
  assert.equal([status, error], ['failed', { code: -1, message: 'Error: broken' }]);
  assert.is(statusMessage, 'Error: broken');
  assert.is(unexpected.length, 1);
});
test('nobody else can read, answer or cancel a task', async () => {
  const { tasks, start } = tasksOf();
  const id = start(async ({ ask: put }) => put('go', FORM));
  for (const foreign of ['bob', '', 'ann ', 'Ann']) {
    const refused = [
      refusal(() => tasks.get(anyReader(foreign), id)),
      refusal(() => tasks.update(anyReader(foreign), id, { go: YES })),
      refusal(() => tasks.cancel(foreign, id)),
    ];
    const unknown = refusal(() => tasks.get(anyReader(foreign), 'task-9'));
    for (const { name, message } of refused) {
      assert.is(name, 'invalidParams');
      assert.is(message, unknown.message.replace('task-9', id));
    }
    assert.is(tasks.has(anyReader(foreign), id), false);
  }
  assert.is(given(tasks.get(anyReader('ann'), id)).status, 'input_required');
  assert.is(tasks.has(anyReader('ann'), id), true);
});
test('a task id is a text that was issued', () => {
  const { tasks } = tasksOf();
  for (const id of [undefined, null, 1, {}, [], '', 'constructor', '__proto__'])
    assert.is(refusal(() => tasks.get(anyReader('ann'), id)).name, 'invalidParams');
});
test('a question waits in the task until a valid answer comes', async () => {
  const { tasks, start, told } = tasksOf();
  const id = start(async ({ ask: put }) => ({ answered: await put('go', FORM) }));
  assert.equal(given(tasks.get(anyReader('ann'), id)).inputRequests, { go: FORM });
  for (const bad of [{}, { action: 'accept' }, { action: 'accept', content: { yes: 1 } }, 'accept', null]) {
    // With an acknowledgment, the client would wait for a task that waits for it.
    const { name, message } = refusal(() => tasks.update(anyReader('ann'), id, { go: bad, unknown: 1 }));
    assert.is(name, 'invalidParams');
    assert.match(message, /^Invalid params: params\.inputResponses\/go: /);
    assert.is(given(tasks.get(anyReader('ann'), id)).status, 'input_required');
  }
  tasks.update(anyReader('ann'), id, { go: YES });
  assert.is(given(tasks.get(anyReader('ann'), id)).inputRequests, undefined);
  await turn();
  assert.equal(given(tasks.get(anyReader('ann'), id)).result, { answered: YES });
  assert.equal(
    told.map(({ status }) => status),
    ['input_required', 'working', 'completed'],
  );
});
test('two questions are put at once and may be answered one by one', async () => {
  const { tasks, start } = tasksOf();
  const id = start(async ({ askAll }) => askAll({ one: FORM, two: FORM }));
  assert.equal(Object.keys(given(tasks.get(anyReader('ann'), id)).inputRequests ?? {}), ['one', 'two']);
  tasks.update(anyReader('ann'), id, { two: { action: 'decline' } });
  assert.equal(given(tasks.get(anyReader('ann'), id)).inputRequests, { one: FORM });
  tasks.update(anyReader('ann'), id, { one: YES });
  await turn();
  assert.equal(given(tasks.get(anyReader('ann'), id)).result, { one: YES, two: { action: 'decline' } });
});
test('a key stands for one question: another question gets a key of its own, at the same time or later', async () => {
  const { tasks, start } = tasksOf();
  const asked = (id: string): string[] =>
    Object.keys(given(tasks.get(anyReader('ann'), id)).inputRequests ?? {});
  const id = start(async ({ ask: put }) => {
    const both = await Promise.all([put('go', FORM), put('go', FORM)]);
    return { answers: [...both, await put('go', FORM)] };
  });
  assert.equal(asked(id), ['go', 'go-2']);
  tasks.update(anyReader('ann'), id, { 'go-2': { action: 'decline' }, go: YES });
  await turn();
  assert.equal(asked(id), ['go-3']);
  tasks.update(anyReader('ann'), id, { go: YES, 'go-2': YES });
  assert.equal(asked(id), ['go-3']);
  tasks.update(anyReader('ann'), id, { 'go-3': YES });
  await turn();
  assert.equal(given(tasks.get(anyReader('ann'), id)).result, {
    answers: [YES, { action: 'decline' }, YES],
  });
});
test('answers to questions that nobody asked are ignored, whatever their names', async () => {
  const { tasks, start } = tasksOf();
  const id = start(async ({ ask: put }) => put('go', FORM));
  tasks.update(anyReader('ann'), id, { stay: YES, constructor: YES, toString: YES, hasOwnProperty: YES });
  const { status, inputRequests } = given(tasks.get(anyReader('ann'), id));
  assert.equal([status, inputRequests], ['input_required', { go: FORM }]);
  tasks.update(anyReader('ann'), id, { go: YES });
  tasks.update(anyReader('ann'), id, { go: { action: 'decline' } });
  await turn();
  assert.equal(given(tasks.get(anyReader('ann'), id)).result, YES);
});
test('a question may be called constructor', async () => {
  const { tasks, start } = tasksOf();
  const id = start(async ({ ask: put }) => put('constructor', FORM));
  assert.equal(Object.keys(given(tasks.get(anyReader('ann'), id)).inputRequests ?? {}), ['constructor']);
  tasks.update(anyReader('ann'), id, { constructor: YES });
  await turn();
  assert.equal(given(tasks.get(anyReader('ann'), id)).result, YES);
});
test('nothing is asked that the client did not declare', async () => {
  const { tasks, start, unexpected } = tasksOf();
  const id = start(async ({ ask: put }) => put('go', FORM), 'ann', { roots: {} });
  await turn();
  assert.is(given(tasks.get(anyReader('ann'), id)).status, 'failed');
  assert.is(unexpected[0] instanceof Fault && unexpected[0].name, 'missingCapability');
});
test('cancelling notifies the work, ends its questions, and is not reported as a failure', async () => {
  const { tasks, start, told, unexpected } = tasksOf();
  let reason: unknown;
  const id = start(async ({ ask: put, signal }) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason;
    });
    return put('go', FORM);
  });
  tasks.cancel('ann', id);
  assert.match(String(reason), 'the task was cancelled');
  await turn();
  const { status, inputRequests, result, error } = given(tasks.get(anyReader('ann'), id));
  assert.equal([status, inputRequests, result, error], ['cancelled', undefined, undefined, undefined]);
  assert.equal(
    told.map((one) => one.status),
    ['input_required', 'cancelled'],
  );
  assert.equal(unexpected, []);
});
test('work that ignores its signal changes nothing any more: not by its result, its failure or a question', async () => {
  for (const end of ['result', 'failure', 'question'] as const) {
    const { tasks, start, told, unexpected } = tasksOf();
    let go = (): void => {};
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    let outcome: unknown;
    const id = start(async ({ ask: put }) => {
      await gone;
      if (end === 'failure') throw new Error('late');
      if (end === 'question') outcome = await put('late', FORM).catch((error: unknown) => String(error));
      return { late: true };
    });
    tasks.cancel('ann', id);
    go();
    await turn();
    assert.equal(told, [{ status: 'cancelled', taskId: id }], end);
    assert.is(given(tasks.get(anyReader('ann'), id)).status, 'cancelled', end);
    assert.equal(unexpected, [], end);
    if (end === 'question') assert.match(String(outcome), 'over');
  }
});
test('a task that is over is not cancelled any more', async () => {
  const { tasks, start } = tasksOf();
  const id = start(async () => ({ content: [] }));
  await turn();
  tasks.cancel('ann', id);
  assert.is(given(tasks.get(anyReader('ann'), id)).status, 'completed');
});
test('a task is forgotten when its time is over, and its work is aborted', async () => {
  const { tasks, start, clock, told } = tasksOf();
  let stopped = false;
  const id = start(async ({ signal }) => {
    signal.addEventListener('abort', () => {
      stopped = true;
    });
    return never({} as Parameters<TaskWork>[0]);
  });
  assert.equal(
    [...clock.timers].map(({ ms }) => ms),
    [3_600_000],
  );
  clock.strike();
  assert.is(refusal(() => tasks.get(anyReader('ann'), id)).name, 'invalidParams');
  assert.ok(stopped);
  assert.equal(told, [{ status: 'failed', taskId: id }]);
});
test('tasks are capped; when the time of one is over there is room again', () => {
  const { start, clock } = tasksOf();
  for (let count = 0; count < 10_000; count += 1) start(never, `principal-${count % 10}`);
  assert.is(refusal(() => start(never)).name, 'busy');
  assert.is(refusal(() => start(never, 'bob')).name, 'busy');
  clock.strike();
  assert.is(start(never), 'task-10001');
});

const WITH = { extensions: { 'io.modelcontextprotocol/tasks': {} }, ...CAN };
const job = toolOf('job', {
  handler: (_args, { task }) => task(async () => ({ content: [{ type: 'text', text: 'done' }] })),
});
const sulky = toolOf('sulky', {
  handler: (_args, { task }) =>
    task(async () => {
      throw new ToolError('no paper');
    }),
});

async function called(name: string, capabilities: JsonObject) {
  const { tasks } = tasksOf();
  const server = { ...serverOf([job, sulky]), tasks };
  const talk = (method: string, params: JsonObject, can = capabilities) =>
    ask(server, '2026-07-28', method, params, exchangeOf('2026-07-28', { capabilities: can }).exchange);
  return { talk, result: resultOf(await talk('tools/call', { name })) };
}

test('a call becomes a task only for a client with the extension; any other waits for the same outcome', async () => {
  const { result, talk } = await called('job', WITH);
  assert.equal([result.resultType, result.status], ['task', 'working']);
  await turn();
  const later = resultOf(await talk('tasks/get', { taskId: result.taskId }));
  assert.is(later.status, 'completed');
  assert.equal((later.result as JsonObject).content, [{ type: 'text', text: 'done' }]);
  for (const can of [CAN, { extensions: {} }, { extensions: { 'io.modelcontextprotocol/tasks': true } }]) {
    const waited = (await called('job', can)).result;
    assert.equal([waited.resultType, waited.content], ['complete', [{ type: 'text', text: 'done' }]]);
  }
});
test("a tool's own failure is a result of the task", async () => {
  const { result, talk } = await called('sulky', WITH);
  await turn();
  const later = resultOf(await talk('tasks/get', { taskId: result.taskId }));
  assert.equal([later.status, (later.result as JsonObject).isError], ['completed', true]);
});
test('the methods of tasks are refused to a client without the extension', async () => {
  const { result, talk } = await called('job', WITH);
  const params = { taskId: result.taskId, inputResponses: {} };
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
    const { code, data } = errorOf(await talk(method, params, CAN));
    assert.is(code, -32021);
    assert.equal(data, {
      requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } },
    });
    assert.is(resultOf(await talk(method, params)).resultType, 'complete');
  }
});

test('a principal keeps its share of tasks: its own oldest result makes room, work in progress does not', async () => {
  const { tasks, start } = tasksOf();
  const finished = start(async () => ({ done: true }));
  await turn();
  for (let count = 1; count < 1_000; count += 1) start(never);
  const other = start(async () => ({ done: true }), 'bob');
  await turn();
  start(never);
  assert.is(tasks.has(anyReader('ann'), finished), false);
  const refused = refusal(() => start(never));
  assert.is(refused.name, 'quotaSpent');
  assert.match(
    refused.message,
    'you have 1000 of 10000 tasks, which is the share of one caller (--tasks-per-principal)',
  );
  assert.is(
    given(tasks.get(anyReader('bob'), other)).status,
    'completed',
    'the result of another principal is kept',
  );
  start(never, 'bob');
});
test('a task keeps no more of its client than a bounded set of capabilities', () => {
  const { start } = tasksOf();
  const refused = refusal(() => start(never, 'ann', { experimental: { ['x'.repeat(20_000)]: {} } }));
  assert.is(refused.name, 'invalidParams');
  assert.match(refused.message, /clientCapabilities"\] may have at most 16384 characters/);
});

test.run();
