import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { InputRequest } from '../../src/wire/mcp/definitions.js';
import {
  answerProblem,
  capabilityFor,
  elicit,
  elicitUrl,
  listRoots,
  mayAsk,
  sample,
} from '../../src/wire/mcp/input.js';
import type { JsonObject } from '../../src/wire/value.js';
import { heapUsed } from '../support/heap.js';
import { until } from '../support/until.js';

const test = suite('mcp/input');

const FORM = elicit('Who?', { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] });
const PAGE = elicitUrl('Sign in', 'https://example.com/in', 'e-1');
const WORDS = sample({ messages: [], maxTokens: 10 });
const WITH_TOOLS = sample({ messages: [], maxTokens: 10, tools: [] });

test('a form is a flat object of primitives and multi-select enums; nothing else is sent', () => {
  for (const part of [
    { type: 'string' },
    { type: 'integer' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', items: { type: 'string', enum: ['a'] } },
  ]) {
    assert.is(elicit('?', { type: 'object', properties: { part } }).method, 'elicitation/create');
  }
  for (const part of [
    { type: 'object', properties: {} },
    { type: 'array' },
    { type: 'null' },
    {},
    true,
    'string',
  ])
    assert.throws(() => elicit('?', { type: 'object', properties: { part } }), /\/properties\/part must be/);
  for (const schema of [{}, { type: 'object' }, { type: 'string', properties: {} }])
    assert.throws(() => elicit('?', schema), /expected type "object" with "properties"/);
});
test('a page needs a URL, and carries its mode and id', () => {
  assert.equal(PAGE.params, {
    mode: 'url',
    message: 'Sign in',
    url: 'https://example.com/in',
    elicitationId: 'e-1',
  });
  assert.throws(() => elicitUrl('?', 'not a URL', 'e'), /Invalid URL/);
});

const ASKED: [what: string, request: InputRequest, may: JsonObject[], mayNot: JsonObject[]][] = [
  [
    'a form',
    FORM,
    [{ elicitation: {} }, { elicitation: { form: {} } }, { elicitation: { form: {}, url: {} } }],
    [{}, { elicitation: { url: {} } }, { elicitation: true }, { sampling: {}, roots: {} }],
  ],
  [
    'a page',
    PAGE,
    [{ elicitation: { url: {} } }, { elicitation: { form: {}, url: {} } }],
    [{}, { elicitation: {} }, { elicitation: { form: {} } }, { elicitation: { url: true } }],
  ],
  [
    'a completion',
    WORDS,
    [{ sampling: {} }, { sampling: { tools: {} } }],
    [{}, { elicitation: {} }, { sampling: [] }],
  ],
  [
    'a completion with tools',
    WITH_TOOLS,
    [{ sampling: { tools: {} } }],
    [{}, { sampling: {} }, { sampling: { tools: 1 } }],
  ],
  [
    'roots',
    listRoots(),
    [{ roots: {} }, { roots: { listChanged: true } }],
    [{}, { sampling: {} }, { roots: null }],
  ],
];
for (const [what, request, may, mayNot] of ASKED) {
  test(`${what} is asked of clients that declared it, and of no other`, () => {
    for (const declared of may) assert.ok(mayAsk(request, declared), JSON.stringify(declared));
    for (const declared of mayNot) assert.not.ok(mayAsk(request, declared), JSON.stringify(declared));
    assert.ok(mayAsk(request, capabilityFor(request)));
  });
}

test('an accepted form contains the requested fields', () => {
  assert.is(answerProblem(FORM, { action: 'accept', content: { name: 'Ann' } }), undefined);
  for (const content of [undefined, null, {}, { name: 1 }, [], 'Ann'])
    assert.type(answerProblem(FORM, { action: 'accept', content }), 'string', JSON.stringify(content));
});
test('a field that the form does not name may be there, but inherited ones do not count', () => {
  const odd = elicit('?', {
    type: 'object',
    properties: { constructor: { type: 'string' } },
    required: ['constructor'],
  });
  assert.type(answerProblem(odd, { action: 'accept', content: {} }), 'string');
  assert.is(answerProblem(odd, { action: 'accept', content: { constructor: 'me', more: 1 } }), undefined);
});
test('a form that was declined or cancelled needs no content', () => {
  for (const action of ['decline', 'cancel']) assert.is(answerProblem(FORM, { action }), undefined);
});
test('an action is accept, decline or cancel', () => {
  for (const action of [undefined, null, '', 'Accept', 'ok', 1, {}, ['accept']])
    assert.match(
      answerProblem(FORM, { action, content: { name: 'Ann' } }) ?? '',
      /accept, decline or cancel/,
    );
});
test('a page that was accepted comes back without content', () => {
  assert.is(answerProblem(PAGE, { action: 'accept' }), undefined);
  assert.type(answerProblem(PAGE, { action: 'yes' }), 'string');
});
test('a completion is said by the assistant and has content', () => {
  const content = { type: 'text', text: 'Paris' };
  assert.is(answerProblem(WORDS, { role: 'assistant', content, model: 'm' }), undefined);
  assert.is(answerProblem(WORDS, { role: 'assistant', content: [content] }), undefined);
  for (const answer of [
    {},
    { role: 'user', content },
    { role: 'assistant' },
    { role: 'assistant', content: 'Paris' },
  ])
    assert.type(answerProblem(WORDS, answer), 'string');
});
test('roots are an array', () => {
  assert.is(answerProblem(listRoots(), { roots: [] }), undefined);
  for (const roots of [undefined, null, {}, 'file:///'])
    assert.match(answerProblem(listRoots(), { roots }) ?? '', /"roots" to be an array/);
});
test('an answer is an object', () => {
  for (const answer of [undefined, null, 1, 'accept', [], true])
    assert.match(answerProblem(FORM, answer) ?? '', /expected an object/);
});
test('checking answers leaves nothing behind, however many there are', async () => {
  const check = (count: number): void => {
    for (let left = count; left > 0; left -= 1) {
      const asked = elicit('Who?', { type: 'object', properties: { name: { type: 'string' } } });
      assert.is(answerProblem(asked, { action: 'accept', content: { name: 'Ann' } }), undefined);
    }
  };
  check(300);
  const before = await heapUsed();
  check(2_000);
  let each = 0;
  await until(
    async () => {
      each = ((await heapUsed()) - before) / 2_000;
      return each < 1_000;
    },
    () => `${Math.round(each)} bytes stay of each`,
  );
});

test.run();
