import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, type ContentBlock, type Prompt } from '../../src/wire/mcp/definitions.js';
import { createPrompts } from '../../src/wire/mcp/resources.js';
import type { Revision } from '../../src/wire/revisions.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, errorOf, resultOf, serverOf } from './ask.js';

const test = suite('mcp/prompts');

const say = (text: string) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
});
const sound: ContentBlock = { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' };

const PROMPTS: Prompt[] = [
  {
    name: 'greet',
    title: 'Greet',
    description: 'Says hello',
    arguments: [{ name: 'who', required: true, complete: () => ['Ann'] }, { name: 'how' }],
    get: (args) => say(JSON.stringify(args)),
  },
  {
    name: 'odd',
    arguments: [{ name: 'constructor', required: true }],
    get: (args) => say(String(args.constructor)),
  },
  {
    name: 'sounds',
    description: 'A sound',
    get: () => ({ description: 'd', messages: [{ role: 'assistant', content: sound }] }),
  },
  {
    name: 'picky',
    get: () => {
      throw new ArgumentError('arguments/id: there is no such thing');
    },
  },
  {
    name: 'broken',
    get: () => {
      throw new Error('secret in /etc');
    },
  },
];
const bench = (settings = {}) => ({ ...serverOf([], settings), prompts: createPrompts(PROMPTS) });
const get = (params: JsonObject, revision: Revision = '2026-07-28', server = bench()) =>
  ask(server, revision, 'prompts/get', params);
const said = (result: JsonObject): JsonObject => {
  const [first] = result.messages as { content: JsonObject }[];
  return first?.content ?? {};
};

test('the list shows names, words and arguments, and no code', async () => {
  const result = resultOf(await ask(bench(), '2026-07-28', 'prompts/list'));
  const [greet, , sounds] = result.prompts as JsonObject[];
  assert.equal(greet, {
    name: 'greet',
    title: 'Greet',
    description: 'Says hello',
    arguments: [{ name: 'who', required: true }, { name: 'how' }],
  });
  assert.equal(sounds, { name: 'sounds', description: 'A sound' });
  assert.equal([result.ttlMs, result.cacheScope], [60_000, 'private']);
  const legacy = resultOf(await ask(bench(), '2025-11-25', 'prompts/list'));
  assert.equal([legacy.ttlMs, legacy.cacheScope, legacy.resultType], [undefined, undefined, undefined]);
});
test('the list comes in pages', async () => {
  const server = { ...serverOf([], { pageSize: 2 }), prompts: createPrompts(PROMPTS) };
  const names: unknown[] = [];
  let cursor: unknown;
  do {
    const page = resultOf(
      await ask(server, '2025-11-25', 'prompts/list', cursor === undefined ? {} : { cursor }),
    );
    names.push((page.prompts as JsonObject[]).map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  assert.equal(names, [['greet', 'odd'], ['sounds', 'picky'], ['broken']]);
  assert.is(
    errorOf(await ask(server, '2025-11-25', 'prompts/list', { cursor: btoa('tools:2') })).code,
    -32602,
  );
});
test('a prompt gets its arguments, including those that it did not declare', async () => {
  const result = resultOf(await get({ name: 'greet', arguments: { who: 'Ann', more: 'x' } }));
  assert.equal(said(result), { type: 'text', text: '{"who":"Ann","more":"x"}' });
});
test('required arguments have to be there, and missing ones are named', async () => {
  for (const args of [undefined, {}, { how: 'loud' }]) {
    const { code, message } = errorOf(await get({ name: 'greet', ...(args && { arguments: args }) }));
    assert.is(code, -32602);
    assert.match(message, /greet needs the arguments who/);
  }
});
test('a required argument named constructor is missing until somebody sends it', async () => {
  assert.match(errorOf(await get({ name: 'odd' })).message, /needs the arguments constructor/);
  assert.is(said(resultOf(await get({ name: 'odd', arguments: { constructor: 'sent' } }))).text, 'sent');
});
test('an argument named __proto__ reaches the prompt like any other', async () => {
  const given = JSON.parse('{"who":"Ann","__proto__":"x"}') as JsonObject;
  const { text } = said(resultOf(await get({ name: 'greet', arguments: given })));
  assert.is(text, '{"who":"Ann","__proto__":"x"}');
});

test('arguments are texts in an object', async () => {
  for (const args of ['who', [], 1])
    assert.is(errorOf(await get({ name: 'greet', arguments: args })).code, -32602);
  for (const who of [1, null, true, {}, ['Ann']])
    assert.match(
      errorOf(await get({ name: 'greet', arguments: { who } })).message,
      /arguments\/who must be a string/,
    );
});
test('null for an argument that a prompt does not require is read as left out, unless arguments are strict', async () => {
  const args = { who: 'Ann', how: null };
  assert.is(said(resultOf(await get({ name: 'greet', arguments: args }))).text, '{"who":"Ann"}');
  assert.match(
    errorOf(await get({ name: 'greet', arguments: null })).message,
    /greet needs the arguments who/,
  );
  const strict = bench({ strictArguments: true });
  const refused = errorOf(await get({ name: 'greet', arguments: args }, '2026-07-28', strict));
  assert.match(refused.message, 'params.arguments/how must be a string, received null');
  const none = errorOf(await get({ name: 'greet', arguments: null }, '2026-07-28', strict));
  assert.match(none.message, 'params.arguments must be an object, received null');
});
test('a name that is no prompt is refused', async () => {
  for (const name of [undefined, null, 1, 'constructor', '__proto__', 'toString', '', 'Greet'])
    assert.match(errorOf(await get({ name })).message, /no such prompt/);
});
test('two prompts of one name cannot be served', () => {
  const twice = [...PROMPTS, { name: 'greet', get: () => say('') }];
  assert.throws(() => createPrompts(twice), /the name is taken/);
});
test('a prompt without its function is refused at registration', () => {
  const bare = (parts: object): Prompt => Object.assign({ name: 'p', get: () => say('') }, parts);
  const completing = bare({ arguments: [{ name: 'a', complete: ['x'] }] });
  assert.throws(
    () => createPrompts([bare({ get: 'x' })]),
    /prompt p: get must be a function, received a string/,
  );
  assert.throws(
    () => createPrompts([completing]),
    /prompt p: complete of a must be a function, received an array/,
  );
});
test('content that a revision does not know becomes text', async () => {
  assert.equal(said(resultOf(await get({ name: 'sounds' }, '2025-03-26'))), sound);
  assert.equal(said(resultOf(await get({ name: 'sounds' }, '2024-11-05'))), {
    type: 'text',
    text: '(audio, audio/wav)',
  });
});
test("a prompt's own refusal reaches the caller in its own words; one that throws says nothing of why", async () => {
  const refused = errorOf(await get({ name: 'picky' }));
  assert.equal([refused.code, refused.message.includes('there is no such thing')], [-32602, true]);
  const server = bench();
  const broken = errorOf(await get({ name: 'broken' }, '2026-07-28', server));
  assert.is(broken.code, -32603);
  assert.not.match(broken.message, 'secret');
  assert.is(server.errors.length, 1);
});
test('a server without prompts has none of their methods', async () => {
  for (const method of ['prompts/list', 'prompts/get'])
    assert.is(errorOf(await ask(serverOf([]), '2026-07-28', method, { name: 'greet' })).code, -32601);
});

test.run();
