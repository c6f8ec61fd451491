import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InvalidResult, plainCompletions, plainContents, plainPrompt } from '../../src/wire/mcp/plain.js';
import { plainResult } from '../../src/wire/mcp/result.js';

const test = suite('mcp/plain-result');

function said(run: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify(run())}`;
  } catch (error) {
    if (!(error instanceof InvalidResult)) throw error;
    assert.not.match(String(error.stack), '\n', 'the log is one line');
    return error.message;
  }
}
const tool = (returned: unknown): string => said(() => plainResult('t', returned));

test('a good result is accepted unchanged', () => {
  const content = [
    { type: 'text', text: 'x', annotations: { audience: ['user'], priority: 1, lastModified: '2026-01-01' } },
    { type: 'image', data: 'AA==', mimeType: 'image/png' },
    { type: 'audio', data: 'AA==', mimeType: 'audio/wav' },
    { type: 'resource_link', uri: 'file:///a', name: 'a', size: 3 },
    { type: 'resource', resource: { uri: 'file:///a', text: '', mimeType: 'text/plain' } },
    { type: 'resource', resource: { uri: 'file:///a', blob: 'AA==' }, _meta: { a: [1] } },
  ];
  const plain = plainResult('t', { content, structuredContent: { a: [1] }, _meta: { 'x/y': 1 } });
  assert.equal(plain, {
    content,
    structured: '{"a":[1]}',
    value: { a: [1] },
    isError: false,
    _meta: { 'x/y': 1 },
  });
  for (const empty of [{}, { isError: false }, { content: null }, { structuredContent: undefined }])
    assert.equal(plainResult('t', empty).content, undefined);
});
test('an invalid result is refused with a message for its author', () => {
  for (const [returned, message] of [
    [undefined, 't returned nothing; return { content'],
    [null, 't returned null; return { content'],
    ['done', 't returned a string; return { content'],
    [[{ type: 'text', text: 'x' }], 't returned an array; return { content'],
    [() => 1, 't returned a function; return { content'],
    [new Date(0), 't returned a string; return { content'],
    [new Map(), 't returned a value of type Map and neither content nor structuredContent'],
    [new Error('x'), 't returned a value of type Error and neither content nor structuredContent'],
    [
      { text: 'x', n: 1 },
      't returned a value of type Object with "text", "n" and neither content nor structuredContent',
    ],
    [{ content: 'x' }, 't returned a string at /content; return an array of content'],
    [{ content: [null] }, 't returned null at /content/0'],
    [{ content: ['x'] }, 't returned a string at /content/0'],
    [{ content: [{ type: 'json', json: {} }] }, 't returned "json" at /content/0/type'],
    [{ content: [{ text: 'x' }] }, 't returned nothing at /content/0/type'],
    [{ content: [{ type: 'text', text: 42 }] }, 't returned a number at /content/0/text'],
    [{ content: [{ type: 'text' }] }, 't returned nothing at /content/0/text'],
    [{ content: [{ type: 'image', data: 'AA==' }] }, 't returned nothing at /content/0/mimeType'],
    [{ content: [{ type: 'resource_link', uri: 'file:///a' }] }, 't returned nothing at /content/0/name'],
    [{ content: [{ type: 'resource', resource: 'x' }] }, 't returned a string at /content/0/resource'],
    [
      { content: [{ type: 'resource', resource: { uri: 'a' } }] },
      't returned nothing at /content/0/resource/text',
    ],
    [{ content: [{ type: 'text', text: 'x', annotations: { priority: 2 } }] }, 'at /content/0/annotations'],
    [{ content: [{ type: 'text', text: 'x', _meta: 1 }] }, 't returned a number at /content/0/_meta'],
    [{ content: [{ type: 'text', text: 'x', n: [1n] }] }, 't returned a bigint at /content/0/n/0'],
    [{ content: [], isError: 'yes' }, 't returned a string at /isError'],
    [{ content: [], _meta: [] }, 't returned an array at /_meta'],
    [
      { content: [], structuredContent: { a: 1 / 0 } },
      't returned the number Infinity at /structuredContent/a',
    ],
  ] as const)
    assert.match(tool(returned), message);
});
test('every member is read once: a getter cannot say one thing to the check and another to the wire', () => {
  const liar = <T>(first: T, then: T): PropertyDescriptor => {
    let reads = 0;
    return {
      enumerable: true,
      get: () => {
        reads += 1;
        return reads === 1 ? first : then;
      },
    };
  };
  const block = Object.defineProperty({ type: 'text' }, 'text', liar('first', 'then'));
  const inner = Object.defineProperty({}, 'email', liar('first', 'then'));
  const result = Object.defineProperty({ content: [block] }, 'structuredContent', liar(inner, { other: 1 }));
  const { content, structured } = plainResult('t', result);
  assert.equal(content, [{ type: 'text', text: 'first' }]);
  assert.is(structured, '{"email":"first"}');
});
test('a toJSON is used for the result, a block, a resource and a message', () => {
  const as = <T>(value: T) => ({ toJSON: () => value, hidden: 1 });
  const block = { type: 'text', text: 'x' };
  assert.equal(plainResult('t', as({ content: [as(block)] })).content, [block]);
  assert.equal(plainPrompt('p', as({ messages: [as({ role: 'user', content: as(block) })] })), {
    messages: [{ role: 'user', content: block }],
  });
  assert.equal(plainContents('r', [as({ uri: 'a:b', text: 'x' })]), [{ uri: 'a:b', text: 'x' }]);
});
test('prompts, resources and completions have to follow their own rules', () => {
  const prompt = (returned: unknown) => said(() => plainPrompt('prompt p', returned));
  assert.match(prompt(undefined), 'prompt p returned nothing; return { messages');
  assert.match(prompt({}), 'prompt p returned nothing at /messages');
  assert.match(
    prompt({ messages: [{ role: 'system', content: {} }] }),
    'returned "system" at /messages/0/role',
  );
  assert.match(prompt({ messages: [{ role: 1n, content: {} }] }), 'returned a bigint at /messages/0/role');
  assert.match(prompt({ messages: [{ role: 'user', content: 'x' }] }), 'a string at /messages/0/content');
  assert.match(prompt({ messages: [], description: 1 }), 'a number at /description');
  const contents = (returned: unknown) => said(() => plainContents('resource r', returned));
  assert.match(contents(null), 'resource r returned null; return an array');
  assert.match(contents([{ uri: 'a:b' }]), 'resource r returned nothing at /0/text');
  assert.match(contents([{ uri: 'a:b', text: 'x', mimeType: 1 }]), 'a number at /0/mimeType');
  assert.is(contents(undefined), 'accepted: undefined');
  assert.match(
    said(() => plainCompletions('c', ['a', 1])),
    'c returned a number at /1',
  );
  assert.match(
    said(() => plainCompletions('c', 'ab')),
    'c returned a string; return an array of strings',
  );
});

test.run();
