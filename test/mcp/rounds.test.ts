import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fault } from '../../src/wire/fault.js';
import type { Request } from '../../src/wire/jsonrpc/message.js';
import type { Tool } from '../../src/wire/mcp/definitions.js';
import { elicit, listRoots, sample } from '../../src/wire/mcp/input.js';
import { InputRequired, InputRounds } from '../../src/wire/mcp/input-rounds.js';
import { createSealer, readSealingKeys } from '../../src/wire/server/sealer.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, errorOf, exchangeOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/rounds');

const form = (name: string) =>
  elicit(`${name}?`, { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] });
const accept = (content: JsonObject) => ({ action: 'accept', content });
const CAN = { elicitation: {}, sampling: {}, roots: {} };

let runs = 0;
const TOOLS: Tool[] = [
  toolOf('two', {
    inputSchema: { type: 'object', properties: { n: { type: 'integer' } } },
    async handler(_args, { ask: put }) {
      runs += 1;
      const first = await put('first', form('name'));
      const second = await put('second', form('color'));
      return { structuredContent: { first: first.content, second: second.content } };
    },
  }),
  toolOf('both', {
    async handler(_args, { askAll }) {
      return {
        structuredContent: await askAll({
          a: form('a'),
          b: sample({ messages: [], maxTokens: 1 }),
          c: listRoots(),
        }),
      };
    },
  }),
  toolOf('again', {
    async handler(_args, { ask: put }) {
      const first = await put('name', form('name'));
      const second = await put('name', form('name'));
      return { structuredContent: { first: first.content, second: second.content } };
    },
  }),
  toolOf('approval', {
    handler: async (_args, { ask: put }) => ({
      structuredContent: await put('approval', elicit('Sure?', { type: 'object', properties: {} })),
    }),
  }),
  toolOf('constructor', {
    handler: async (_args, { ask: put }) => ({
      structuredContent: await put('constructor', form('constructor')),
    }),
  }),
  toolOf('idle'),
];
const bench = serverOf(TOOLS);

const call = (name: string, more: JsonObject = {}, capabilities: JsonObject = CAN, server = bench) =>
  ask(
    server,
    '2026-07-28',
    'tools/call',
    { name, ...more },
    exchangeOf('2026-07-28', { capabilities }).exchange,
  );
const asked = (result: JsonObject): string[] => Object.keys((result.inputRequests as JsonObject) ?? {});

test('a call that asks ends with its question, and its retry with the answer goes on', async () => {
  runs = 0;
  const one = resultOf(await call('two'));
  assert.equal([one.resultType, asked(one)], ['input_required', ['first']]);
  assert.equal((one.inputRequests as JsonObject).first, form('name'));
  const two = resultOf(
    await call('two', { inputResponses: { first: accept({ name: 'Ann' }) }, requestState: one.requestState }),
  );
  assert.equal([two.resultType, asked(two)], ['input_required', ['second']]);
  const three = resultOf(
    await call('two', {
      inputResponses: { second: accept({ color: 'red' }) },
      requestState: two.requestState,
    }),
  );
  assert.equal(three.structuredContent, { first: { name: 'Ann' }, second: { color: 'red' } });
  assert.is(runs, 3);
});
test('one answer never counts for two questions, even if a tool asks both under one key', async () => {
  const one = resultOf(await call('again'));
  assert.equal(asked(one), ['name']);
  const inputResponses = { name: accept({ name: 'Ann' }) };
  const two = resultOf(await call('again', { inputResponses, requestState: one.requestState }));
  assert.equal(asked(two), ['name-2']);
  const three = resultOf(
    await call('again', {
      inputResponses: { 'name-2': accept({ name: 'Bob' }) },
      requestState: two.requestState,
    }),
  );
  assert.equal(three.structuredContent, { first: { name: 'Ann' }, second: { name: 'Bob' } });
});
test('the answer to an approval answers no question of a tool', async () => {
  const approvals = { run: () => Promise.reject(new Error('nobody is asked')) };
  const inputResponses = { approval: accept({}) };
  const one = resultOf(await call('approval', { inputResponses }, CAN, { ...bench, approvals }));
  assert.equal(asked(one), ['approval-2']);
  assert.equal(resultOf(await call('approval', { inputResponses })).structuredContent, accept({}));
});
test('the answers so far are in the state, and only there: without it the call begins again', async () => {
  const again = resultOf(await call('two', { inputResponses: { second: accept({ color: 'red' }) } }));
  assert.equal(asked(again), ['first']);
});
test('several questions are put at once, and asked again only where the answer was bad', async () => {
  const one = resultOf(await call('both'));
  assert.equal(asked(one), ['a', 'b', 'c']);
  const inputResponses = { a: accept({ a: 'x' }), b: { role: 'user' }, c: { roots: [] } };
  const two = resultOf(await call('both', { inputResponses, requestState: one.requestState }));
  assert.equal(asked(two), ['b']);
  const b = { role: 'assistant', content: { type: 'text', text: 'hi' } };
  const three = resultOf(await call('both', { inputResponses: { b }, requestState: two.requestState }));
  assert.equal(three.structuredContent, { a: accept({ a: 'x' }), b, c: { roots: [] } });
});
test('an answer that does not fit its form is asked for again', async () => {
  for (const bad of [accept({}), accept({ name: 1 }), {}, null, 'Ann', [], { action: 'accept' }]) {
    const result = resultOf(await call('two', { inputResponses: { first: bad } }));
    assert.equal([result.resultType, asked(result)], ['input_required', ['first']], JSON.stringify(bad));
  }
});
test('a question may be called constructor: no inherited member answers it', async () => {
  const one = resultOf(await call('constructor'));
  assert.equal(asked(one), ['constructor']);
  const answer = accept({ constructor: 'me' });
  const two = resultOf(
    await call('constructor', { inputResponses: { constructor: answer }, requestState: one.requestState }),
  );
  assert.equal(two.structuredContent, answer);
});
test('nothing is asked of a client that did not declare it', async () => {
  for (const can of [{}, { sampling: {} }, { elicitation: { url: {} } }]) {
    const { code, data } = errorOf(await call('two', {}, can));
    assert.equal([code, data], [-32021, { requiredCapabilities: { elicitation: {} } }]);
  }
  const { code, data } = errorOf(await call('both', {}, { elicitation: {}, roots: {} }));
  assert.equal([code, data], [-32021, { requiredCapabilities: { sampling: {} } }]);
});

test('a state is valid for its own request only: name, arguments and method', async () => {
  const { requestState } = resultOf(await call('two', { arguments: { n: 1 } }));
  assert.is(resultOf(await call('two', { arguments: { n: 1 }, requestState })).resultType, 'input_required');
  for (const [name, more] of [
    ['two', {}],
    ['two', { arguments: { n: 2 } }],
    ['both', { arguments: { n: 1 } }],
    ['idle', { arguments: { n: 1 } }],
  ] as const) {
    const { code, message } = errorOf(await call(name, { ...more, requestState }));
    assert.equal([code, /belongs to another request/.test(message)], [-32602, true]);
  }
});
test('the order of the parameters and their _meta may change between rounds', async () => {
  const one = resultOf(await call('two', { arguments: { n: 1 }, _meta: { progressToken: 1 } }));
  const two = resultOf(
    await call('two', { _meta: { progressToken: 2 }, arguments: { n: 1 }, requestState: one.requestState }),
  );
  assert.is(two.resultType, 'input_required');
});
test('a state of another server, a changed one, and one that is not text are refused', async () => {
  const { requestState } = resultOf(await call('two'));
  const foreign = resultOf(await call('two', {}, CAN, serverOf(TOOLS))).requestState;
  const text = String(requestState);
  const swapped = `${text.slice(0, 40)}${text[40] === 'A' ? 'B' : 'A'}${text.slice(41)}`;
  for (const state of [foreign, swapped, '', 'e30', text.slice(1), null, 1, {}, []]) {
    assert.is(errorOf(await call('two', { requestState: state })).code, -32602);
  }
  assert.is(resultOf(await call('two', { requestState })).resultType, 'input_required');
});
test('state and answers are checked even for a call that asks nothing', async () => {
  assert.is(errorOf(await call('idle', { requestState: 'made up' })).code, -32602);
  for (const inputResponses of [null, [], 'x', 1])
    assert.is(errorOf(await call('idle', { inputResponses })).code, -32602);
  assert.is(resultOf(await call('idle', { inputResponses: { more: {} } })).resultType, 'complete');
});
test('replicas with the same keys take up the states of each other, until their time is over', async () => {
  let now = Date.parse('2026-08-01T12:00:00Z');
  const keys = readSealingKeys([]);
  const replica = () => ({ ...serverOf(TOOLS), sealer: createSealer(keys, () => new Date(now)) });
  const [here, there] = [replica(), replica()];
  const one = resultOf(await call('two', { inputResponses: { first: accept({ name: 'Ann' }) } }, CAN, here));
  now += 15 * 60_000;
  const more = { requestState: one.requestState, inputResponses: { second: accept({ color: 'red' }) } };
  assert.is(resultOf(await call('two', more, CAN, there)).resultType, 'complete');
  now += 1;
  assert.match(errorOf(await call('two', more, CAN, there)).message, /too old/);
});
async function roundsOf(...given: Parameters<typeof InputRounds.of>): Promise<InputRounds> {
  const rounds = await InputRounds.of(...given);
  if (rounds instanceof Fault) throw rounds;
  return rounds;
}

test('the state of one principal is worthless to another', async () => {
  const sealer = createSealer(readSealingKeys([]), () => new Date());
  const request = (params: JsonObject): Request => ({ kind: 'request', id: 1, method: 'tools/call', params });
  const anns = await roundsOf(
    request({ name: 't', inputResponses: { a: accept({ a: 'hers' }) } }),
    'ann',
    CAN,
    sealer,
  );
  await anns.ask('a', form('a'));
  const { requestState } = await anns.result();
  const hers = await roundsOf(request({ name: 't', requestState }), 'ann', CAN, sealer);
  assert.equal(await hers.ask('a', form('a')), accept({ a: 'hers' }));
  try {
    await roundsOf(request({ name: 't', requestState }), 'bob', CAN, sealer);
    assert.unreachable();
  } catch (error) {
    assert.is(error instanceof Fault && error.name, 'invalidParams');
  }
});
test('a question that is never answered is thrown as such', async () => {
  const sealer = createSealer(readSealingKeys([]), () => new Date());
  const rounds = await roundsOf({ kind: 'request', id: 1, method: 'x', params: {} }, '', CAN, sealer);
  try {
    await rounds.ask('a', form('a'));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputRequired);
  }
  assert.equal(asked(await rounds.result()), ['a']);
});
test('the state does not grow with answers that nobody asked for', async () => {
  const junk = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`junk-${index}`, { text: 'x'.repeat(100) }]),
  );
  const plain = resultOf(await call('two', { inputResponses: { first: accept({ name: 'Ann' }) } }));
  const stuffed = resultOf(
    await call('two', { inputResponses: { first: accept({ name: 'Ann' }), ...junk } }),
  );
  assert.is(String(stuffed.requestState).length, String(plain.requestState).length);
});

test.run();
