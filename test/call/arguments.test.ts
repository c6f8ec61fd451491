/** The words of a command line as the arguments of a call: JSON, files, stdin, and pairs that the input schema types. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../../src/cli/call/arguments.js';
import { kindText } from '../../src/cli/call/kinds.js';

const test = suite('call/arguments');
const folder = mkdtempSync(join(tmpdir(), 'call-arguments-'));
test.after(() => rmSync(folder, { recursive: true }));

const SCHEMA = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    on: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'integer' } },
    filter: { type: 'object' },
    level: { enum: [1, 2, 3] },
    mode: { enum: ['fast', 'slow'] },
    either: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    textOrNumber: { type: ['string', 'number'] },
    named: { $ref: '#/$defs/size' },
  },
  $defs: { size: { type: 'integer' } },
};

const nobody = (): Promise<string> => Promise.reject(new Error('stdin was read'));
const read = (...words: string[]) => readArguments(words, SCHEMA, nobody);

async function problemOf(...words: string[]): Promise<string> {
  try {
    return `accepted ${JSON.stringify(await read(...words))}`;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'no error';
  }
}

test('the schema says what each value becomes', async () => {
  assert.equal(
    await read('text=5', 'count=5', 'ratio=-0.5', 'on=true', 'level=2', 'mode=fast', 'either=null'),
    {
      text: '5',
      count: 5,
      ratio: -0.5,
      on: true,
      level: 2,
      mode: 'fast',
      either: null,
    },
  );
  assert.equal(await read('either=7', 'textOrNumber=7', 'named=7', 'filter={"a":1}'), {
    either: 7,
    textOrNumber: '7',
    named: 7,
    filter: { a: 1 },
  });
});

test('a list takes its name several times, or JSON', async () => {
  assert.equal(await read('tags=a', 'tags=5', 'sizes=1', 'sizes=2'), { tags: ['a', '5'], sizes: [1, 2] });
  assert.equal(await read('tags=["a","b"]'), { tags: ['a', 'b'] });
  assert.is(await problemOf('text=a', 'text=b'), 'WrongUsage: text: expected one value, received two');
});

test('a value keeps = signs, spaces and line breaks, and may be empty', async () => {
  assert.equal(await read('text=a=b  c\nd'), { text: 'a=b  c\nd' });
  assert.equal(await read('text='), { text: '' });
});

test('a value that fits no type stays text, so that the schema check can name it', async () => {
  assert.equal(await read('count=many', 'on=perhaps', 'filter={'), {
    count: 'many',
    on: 'perhaps',
    filter: '{',
  });
  // Reading it as a number would change it.
  assert.equal(await read('count=12345678901234567890'), { count: '12345678901234567890' });
});

test('without a type in the schema a value is JSON if it looks like it, else text', async () => {
  const given = await readArguments(['a=1', 'b=007', 'c=[1]', 'd=null', 'e=x'], undefined, nobody);
  assert.equal(given, { a: 1, b: '007', c: [1], d: null, e: 'x' });
});

test(':= takes JSON whatever the schema says', async () => {
  assert.equal(await read('text:=5', 'tags:=[]'), { text: 5, tags: [] });
  assert.match(
    await problemOf('text:=five'),
    /^WrongUsage: text: expected JSON after :=; the text is not JSON: /,
  );
});

test('JSON, a file and stdin give the whole object, and pairs after it change single members', async () => {
  assert.equal(await read('{"text":"a","count":1}', 'count=2'), { text: 'a', count: 2 });
  const file = join(folder, 'arguments.json');
  writeFileSync(file, '{"text":"from a file"}');
  assert.equal(await read(`@${file}`), { text: 'from a file' });
  assert.equal(await readArguments(['-'], SCHEMA, async () => '{"on":true}'), { on: true });
});

test('mistakes are named', async () => {
  assert.is(await problemOf('[1]'), 'WrongUsage: arguments: expected a JSON object, received an array');
  assert.match(
    await problemOf('{"text":}'),
    /^WrongUsage: arguments: expected a JSON object; the text is not JSON: /,
  );
  assert.match(await problemOf('{"a":1,"a":2}'), /^WrongUsage: arguments: expected a JSON object; /);
  assert.is(
    await problemOf('hello'),
    'WrongUsage: arguments: expected JSON, name=value, @FILE or -, received "hello"',
  );
  assert.is(
    await problemOf('text=a', '{}'),
    'WrongUsage: arguments: expected only name=value after the first word',
  );
  assert.is(await problemOf(`@${folder}/none.json`), `WrongUsage: @${folder}/none.json: no such file`);
  assert.match(await problemOf(`@${folder}`), /cannot be read \(EISDIR\)$/);
});

test('a member may have any name', async () => {
  const args = await readArguments(['__proto__=1', 'constructor=2'], undefined, nobody);
  assert.equal(Object.entries(args), [
    ['__proto__', 1],
    ['constructor', 2],
  ]);
  assert.is(Object.getPrototypeOf(args), Object.prototype);
});

test('a schema in a few words', () => {
  const words = [
    [{ type: 'string', maxLength: 8 }, 'text, at most 8 characters'],
    [{ type: 'integer', minimum: 1, maximum: 9 }, 'integer, at least 1, at most 9'],
    [{ enum: ['a', 1] }, 'one of a, 1'],
    [{ const: 'x' }, 'only x'],
    [{ type: 'array', items: { type: 'number' } }, 'list of number'],
    [{ type: ['string', 'null'] }, 'text or null'],
    [{}, 'anything'],
    [undefined, 'anything'],
  ] as const;
  for (const [schema, expected] of words) assert.is(kindText(schema), expected);
});

test('a schema that refers to itself ends', async () => {
  const schema = { properties: { a: { $ref: '#/properties/a' } } };
  assert.equal(await readArguments(['a=1'], schema, nobody), { a: 1 });
});

test.run();
