/** What a legacy client is asked in the middle of a call: the question, its answer, and what happens to both when the call ends. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '../../src/wire/mcp/definitions.js';
import { elicit, Pending } from '../../src/wire/mcp/input.js';
import { Stopped } from '../../src/wire/mcp/request-context.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, exchangeOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/asking');

const FORM = elicit('Go on?', {
  type: 'object',
  properties: { yes: { type: 'boolean' } },
  required: ['yes'],
});
const YES = { action: 'accept', content: { yes: true } };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const signal = (): AbortSignal => new AbortController().signal;

/** A call that asks, on a connection that carries its questions. */
function calling(handler: Parameters<typeof toolOf>[1], capabilities: JsonObject = { elicitation: {} }) {
  const pending = new Pending();
  const asked: { id: string; method: string }[] = [];
  const { exchange, clock } = exchangeOf('2025-11-25', {
    capabilities,
    request: (method, params, until) =>
      pending.ask(method, params, until, (message) => asked.push(message as (typeof asked)[number])),
  });
  const reply = ask(serverOf([toolOf('t', handler)]), '2025-11-25', 'tools/call', { name: 't' }, exchange);
  const answer = (index: number, result: JsonObject): boolean =>
    pending.settle({ kind: 'answer', id: asked[index]?.id ?? '', result });
  return { exchange, clock, asked, pending, reply, answer };
}
const textOf = (result: JsonObject): string => JSON.stringify(result.content);

test('a question goes to the client, and the call goes on with the answer', async () => {
  const { asked, answer, reply } = calling({
    handler: async (_args, context) => ({ structuredContent: await context.ask('go', FORM) }),
  });
  await turn();
  assert.equal(asked, [{ jsonrpc: '2.0', id: 'server-1', ...FORM }]);
  assert.ok(answer(0, YES));
  assert.equal(resultOf(await reply).structuredContent, YES);
});
test('an invalid answer and a refusal reach the model', async () => {
  const handler = {
    handler: async (
      _args: unknown,
      context: { ask: (key: string, request: typeof FORM) => Promise<JsonObject> },
    ) => ({ structuredContent: await context.ask('go', FORM) }),
  };
  const bad = calling(handler);
  await turn();
  bad.answer(0, { action: 'accept', content: {} });
  assert.match(textOf(resultOf(await bad.reply)), /elicitation\/create/);
  const refused = calling(handler);
  await turn();
  refused.pending.settle({ kind: 'answer', id: 'server-1', error: { code: -1, message: 'not now' } });
  assert.match(textOf(resultOf(await refused.reply)), /the client refused: .*not now/);
});
test('a refusal whose message is not text does no harm', async () => {
  for (const message of [{ toString: 1, valueOf: 1 }, null, 7, [], undefined]) {
    const pending = new Pending();
    const asked = pending.ask('roots/list', {}, signal(), () => {});
    assert.ok(pending.settle({ kind: 'answer', id: 'server-1', error: { message } }));
    const error = await asked.catch((reason: unknown) => reason);
    assert.ok(error instanceof ToolError && error.message.includes('the client refused'));
  }
});
test('nothing is asked of a client that did not declare it, or that cannot be reached', async () => {
  const handler = {
    handler: async (
      _args: unknown,
      context: { ask: (key: string, request: typeof FORM) => Promise<JsonObject> },
    ) => ({ structuredContent: await context.ask('go', FORM) }),
  };
  const { asked, reply } = calling(handler, { sampling: {} });
  assert.match(
    textOf(resultOf(await reply)),
    /this call asks .*can show its user a form, and this one does not declare the capability elicitation/,
  );
  assert.equal(asked, []);
  const alone = await ask(serverOf([toolOf('t', handler)]), '2025-11-25', 'tools/call', { name: 't' });
  assert.match(textOf(resultOf(alone)), /needs a session and text.event-stream/);
});
test('an answer is accepted once, and one without a question is not accepted', () => {
  const pending = new Pending();
  void pending.ask('roots/list', {}, signal(), () => {});
  for (const id of ['server-2', 'server-0', 'constructor', 1, 'SERVER-1'])
    assert.not.ok(pending.settle({ kind: 'answer', id, result: {} }), String(id));
  assert.ok(pending.settle({ kind: 'answer', id: 'server-1', result: { roots: [] } }));
  assert.not.ok(pending.settle({ kind: 'answer', id: 'server-1', result: { roots: [] } }));
});
test("two connections use the same ids and never each other's answers", async () => {
  const [ann, bob] = [new Pending(), new Pending()];
  const asked = [
    ann.ask('roots/list', {}, signal(), () => {}),
    bob.ask('roots/list', {}, signal(), () => {}),
  ];
  ann.settle({ kind: 'answer', id: 'server-1', result: { of: 'ann' } });
  assert.not.ok(ann.settle({ kind: 'answer', id: 'server-1', result: { of: 'ann again' } }));
  bob.settle({ kind: 'answer', id: 'server-1', result: { of: 'bob' } });
  assert.equal(await Promise.all(asked), [{ of: 'ann' }, { of: 'bob' }]);
});
test('an answer that comes after the call was cancelled has no effect', async () => {
  const done: string[] = [];
  const { exchange, asked, answer, reply } = calling({
    async handler(_args, context) {
      const { action } = await context.ask('go', FORM);
      done.push(String(action));
      return {};
    },
  });
  await turn();
  exchange.stop(new Stopped('cancelled', 'enough'));
  await reply;
  assert.equal(
    asked.map(({ method }) => method),
    ['elicitation/create', 'notifications/cancelled'],
  );
  assert.not.ok(answer(0, YES));
  await turn();
  assert.equal(done, []);
});
test('a call that was stopped before it asks sends no question', async () => {
  const outcomes: unknown[] = [];
  const { exchange, asked, reply } = calling({
    async handler(_args, context) {
      await turn();
      await turn();
      outcomes.push(await context.ask('go', FORM).catch((reason: unknown) => reason));
      return {};
    },
  });
  await turn();
  exchange.stop(new Stopped('cancelled', 'enough'));
  await reply;
  await turn();
  await turn();
  assert.equal(asked, []);
  assert.instance(outcomes[0], Stopped);
});
test('while a person thinks, the deadline of the tool is paused; then it starts again', async () => {
  const { clock, answer, reply } = calling({
    handler: async (_args, context) => ({ structuredContent: await context.ask('go', FORM) }),
  });
  const waits = (): number[] => [...clock.timers].map(({ ms }) => ms);
  await turn();
  assert.equal(waits(), [600_000]);
  answer(0, YES);
  await turn();
  assert.equal(resultOf(await reply).structuredContent, YES);
  assert.equal(waits(), []);
});
test('the deadline is paused as long as any of several questions is open', async () => {
  const { clock, answer, reply } = calling({
    handler: async (_args, context) => ({
      structuredContent: await context.askAll({ one: FORM, two: FORM }),
    }),
  });
  const waits = (): number[] => [...clock.timers].map(({ ms }) => ms);
  await turn();
  assert.equal(waits(), [600_000]);
  answer(0, YES);
  await turn();
  assert.equal(waits(), [600_000]);
  answer(1, YES);
  assert.equal(resultOf(await reply).structuredContent, { one: YES, two: YES });
  assert.equal(waits(), []);
});
test('nobody waits for a person forever', async () => {
  const { clock, reply, answer } = calling({
    handler: async (_args, context) => ({ structuredContent: await context.ask('go', FORM) }),
  });
  await turn();
  clock.strike();
  const result = resultOf(await reply);
  assert.equal([result.isError, textOf(result).includes('600000 ms')], [true, true]);
  assert.not.ok(answer(0, YES));
});
test('when the connection ends, so do its questions', async () => {
  const { pending, reply } = calling({
    handler: async (_args, context) => ({ structuredContent: await context.ask('go', FORM) }),
  });
  await turn();
  pending.end();
  assert.match(textOf(resultOf(await reply)), /the client has left/);
});

test.run();
