/** What a call asks of a client whose revision is older than the question, checked against the official schema of that revision. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { InputRequest } from '../../src/wire/mcp/definitions.js';
import { elicit, elicitUrl, listRoots, sample } from '../../src/wire/mcp/input.js';
import type { Revision } from '../../src/wire/revisions.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { checkEmitted } from '../support/emitted.js';
import { ask, exchangeOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/older-questions');

const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} };

/** What reaches a client of that revision, and how the call reads its answer. */
async function asked(revision: Revision, question: InputRequest, answer: JsonObject = { action: 'decline' }) {
  const sent: { method: string; params: JsonObject }[] = [];
  const { exchange } = exchangeOf(revision, {
    capabilities: CAPABILITIES,
    request: async (method, params) => {
      sent.push({ method, params });
      return answer;
    },
  });
  const tool = toolOf('t', {
    handler: async (_args, context) => ({
      content: [{ type: 'text', text: JSON.stringify(await context.ask('q', question)) }],
    }),
  });
  const result = resultOf(await ask(serverOf([tool]), revision, 'tools/call', { name: 't' }, exchange));
  for (const message of sent) {
    const verdict = checkEmitted({ revision, message: { jsonrpc: '2.0', id: 's-1', ...message } });
    assert.ok(verdict === 'valid' || verdict === 'skipped', JSON.stringify(verdict));
  }
  return { sent, failed: result.isError === true, text: JSON.stringify(result.content) };
}
const form = (properties: JsonObject): InputRequest => elicit('Which?', { type: 'object', properties });
const fieldsOf = ({ sent }: { sent: { params: JsonObject }[] }): unknown => {
  const schema = sent[0]?.params.requestedSchema;
  return isRecord(schema) ? schema.properties : undefined;
};

const TITLED = {
  type: 'string',
  title: 'Size',
  oneOf: [
    { const: 's', title: 'Small' },
    { const: 'l', title: 'Large' },
  ],
  default: 's',
};

test('2025-06-18 has titles in enumNames, and a default for booleans alone', async () => {
  const question = form({
    size: TITLED,
    count: { type: 'integer', minimum: 1, default: 2 },
    name: { type: 'string', format: 'email', default: 'a@b.example' },
    sure: { type: 'boolean', default: true },
    plain: { type: 'string', enum: ['a', 'b'], default: 'a' },
  });
  const older = await asked('2025-06-18', question, { action: 'accept', content: { size: 'l' } });
  assert.equal(fieldsOf(older), {
    size: { type: 'string', title: 'Size', enum: ['s', 'l'], enumNames: ['Small', 'Large'] },
    count: { type: 'integer', minimum: 1 },
    name: { type: 'string', format: 'email' },
    sure: { type: 'boolean', default: true },
    plain: { type: 'string', enum: ['a', 'b'] },
  });
  assert.not.ok(older.failed);
  const newer = await asked('2025-11-25', question);
  assert.equal(newer.sent[0]?.params, question.params);
});
test('the answer is compared with the question as it was meant', async () => {
  const good = await asked('2025-06-18', form({ size: TITLED }), {
    action: 'accept',
    content: { size: 's' },
  });
  assert.not.ok(good.failed);
  const bad = await asked('2025-06-18', form({ size: TITLED }), { action: 'accept', content: { size: 'x' } });
  assert.ok(bad.failed);
});
test('a mode is left out before there were two', async () => {
  const { params } = form({ a: { type: 'string' } });
  const question: InputRequest = { method: 'elicitation/create', params: { mode: 'form', ...params } };
  assert.equal((await asked('2025-06-18', question)).sent[0]?.params, params);
});
test('a question that a revision cannot express is not asked, and the call fails', async () => {
  const several = { type: 'array', items: { type: 'string', enum: ['a', 'b'] } };
  const tools = { tools: [{ name: 't', inputSchema: { type: 'object' } }] };
  const message = { role: 'user', content: { type: 'text', text: 'Hi' } };
  const cases: [Revision, InputRequest][] = [
    ['2025-06-18', form({ a: several })],
    ['2025-06-18', elicitUrl('Go', 'https://a.example/', 'e-1')],
    ['2025-03-26', form({ a: { type: 'string' } })],
    ['2024-11-05', form({ a: { type: 'string' } })],
    ['2025-06-18', sample({ messages: [message], maxTokens: 1, ...tools })],
    ['2025-03-26', sample({ messages: [message], maxTokens: 1, toolChoice: { mode: 'none' } })],
  ];
  for (const [revision, question] of cases) {
    const { sent, failed, text } = await asked(revision, question);
    assert.equal(sent, [], revision);
    assert.ok(failed);
    assert.match(text, new RegExp(`clients of revision ${revision} cannot answer`));
  }
});
test('a message with several parts becomes several', async () => {
  const text = { type: 'text', text: 'Look:' };
  const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
  const question = sample({ messages: [{ role: 'user', content: [text, image] }], maxTokens: 5 });
  const answer = { role: 'assistant', content: { type: 'text', text: 'ok' }, model: 'm' };
  const messages = async (revision: Revision) =>
    (await asked(revision, question, answer)).sent[0]?.params.messages;
  for (const revision of ['2025-06-18', '2025-03-26', '2024-11-05'] as const)
    assert.equal(await messages(revision), [
      { role: 'user', content: text },
      { role: 'user', content: image },
    ]);
  assert.equal(await messages('2025-11-25'), question.params.messages);
});
test('roots are the same in every revision', async () => {
  for (const revision of ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const)
    assert.is((await asked(revision, listRoots(), { roots: [] })).sent[0]?.method, 'roots/list');
});

test.run();
