/** Schemas as people read them, and examples that schemas accept. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/demo/database/database.js';
import { destructiveTools, readonlyTools } from '../../src/demo/tools/index.js';
import { exampleOf } from '../../src/services/registry/pages/example.js';
import { textLike } from '../../src/services/registry/pages/pattern-text.js';
import { schemaRows } from '../../src/services/registry/pages/schema-rows.js';
import { schemaTable } from '../../src/services/registry/pages/schema-table.js';
import { compileSchema } from '../../src/wire/schema/compile.js';
import { CREATE } from './page-samples.js';

const test = suite('registry/schema-pages');

// Only what they say of themselves is read, and that asks no database.
const NONE = {} as Database;
const now = () => new Date(0);
const TOOLS = [
  ...readonlyTools(NONE, '/', now, { deadlineMs: 1, maxRows: 1 }),
  ...destructiveTools(NONE, now, () => {}),
];

const rows = (schema: object) =>
  schemaRows({ ...schema }).rows.map(({ path, type, presence, limits }) =>
    [path, type, presence, ...limits].join(' | '),
  );

test('a list tells the types of its items also where they are a choice', () => {
  const items = { anyOf: [{ type: 'string' }, { type: 'null' }] };
  assert.match(
    String(rows({ type: 'object', properties: { a: { type: 'array', items } } })[0]),
    'array of string or null',
  );
});
test('each member is a row with its type, whether it is required, and what is asked of it', () => {
  assert.equal(rows(CREATE.inputSchema), [
    'project | string | required | matches ^[A-Z][A-Z0-9]{1,9}$',
    'type | string | required | one of Task, Bug, Incident',
    'summary | string | required | 1 to 255 characters',
    'points | integer | optional | at least 0 | at most 100 | 1 when left out',
    'labels | array of string | optional | at most 10 items',
    'labels[] | string | optional | at most 50 characters',
    'links | array of object | optional',
    'links[].to | string | required',
    'links[].kind | string | optional | one of blocks, relates',
  ]);
});

test('members are found behind references, in all of several forms, and in lists of lists', () => {
  const schema = {
    type: 'object',
    $defs: {
      Place: { type: 'object', properties: { 'post code': { type: 'string' } }, required: ['post code'] },
    },
    allOf: [{ properties: { at: { $ref: '#/$defs/Place' } }, required: ['at'] }],
    properties: {
      who: { anyOf: [{ type: 'string' }, { type: 'object', properties: { id: { type: 'integer' } } }] },
      grid: {
        type: 'array',
        items: { type: 'array', items: { type: 'object', properties: { n: { const: 1 } } } },
      },
      names: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
      far: { $ref: 'https://elsewhere.example/schema' },
      open: true,
    },
  };
  assert.equal(rows(schema), [
    'at | object | required',
    'at["post code"] | string | required',
    'who | string or object | optional',
    'who.id | integer | some',
    'grid | array of array | optional',
    'grid[][].n | number | optional | always 1',
    'names | object | optional',
    'names.* | string or null | optional',
    'far | see https://elsewhere.example/schema | optional',
    'open | any | optional',
  ]);
  assert.equal(rows({ type: 'array', items: { type: 'string' } }), [
    '(the whole value) | array of string | required',
  ]);
});

test('a value that looks like another is quoted, and a long list of values ends', () => {
  const many = Array.from({ length: 25 }, (_, at) => at);
  assert.equal(
    rows({
      type: 'object',
      properties: { a: { enum: ['true', true, '5', 5, '', null] }, b: { enum: many } },
    }),
    [
      'a | string or boolean or number or null | optional | one of "true", true, "5", 5, "", null',
      `b | number | optional | one of ${many.slice(0, 20).join(', ')} and 5 more`,
    ],
  );
});

test('a schema without end has an end on the page, and what makes no sense does no harm', () => {
  const endless = {
    type: 'object',
    properties: { a: { $ref: '#' }, b: { $ref: '#' } },
    anyOf: [{ $ref: '#' }],
    items: { $ref: '#' },
  };
  const { rows: shown, cut } = schemaRows(endless);
  assert.ok(shown.length <= 100 && cut);
  assert.match(schemaTable('t', 'Arguments', endless).text, /There is more/);
  const broad = Array.from({ length: 50 }, () => ({ $ref: '#' }));
  for (const schema of [
    { allOf: broad, anyOf: broad, oneOf: broad, $defs: { a: { allOf: broad } } },
    { $ref: '#' },
    { $ref: '#/%E0%A4%A' },
    {
      type: [1, null],
      properties: [],
      required: 'a',
      enum: {},
      pattern: 5,
      items: [],
      allOf: {},
      minLength: 'x',
    },
    {
      properties: { __proto__: null, constructor: { type: 'string' } },
      required: ['__proto__', 'constructor', 5],
    },
    { type: 'string', minLength: 1e9, pattern: '(a+)+$' },
    { type: 'array', minItems: 1e9, items: { $ref: '#' } },
    { type: 'number', minimum: 1e308, multipleOf: 1e-300 },
  ]) {
    const started = performance.now();
    schemaRows(schema as object as { [key: string]: unknown });
    const example = JSON.stringify(exampleOf(schema as object as { [key: string]: unknown }));
    assert.ok(example.length < 20_000, example.slice(0, 200));
    assert.ok(performance.now() - started < 500);
  }
});

test('a tool without arguments says so', () => {
  assert.match(schemaTable('t', 'Arguments', { type: 'object' }).text, /It takes none\./);
});

const TYPICAL: object[] = [
  CREATE.inputSchema,
  { type: 'object', properties: {} },
  {
    type: 'object',
    properties: { a: { type: 'integer', exclusiveMinimum: 5, maximum: 7 } },
    required: ['a'],
  },
  {
    type: 'object',
    properties: { a: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 } },
    required: ['a'],
  },
  { type: 'object', properties: { a: { type: 'integer', multipleOf: 7, minimum: 10 } }, required: ['a'] },
  { type: 'object', properties: { a: { type: 'integer', maximum: -3 } }, required: ['a'] },
  { type: 'object', properties: { a: { type: 'string', minLength: 30 } }, required: ['a'] },
  { type: 'object', properties: { a: { type: 'string', maxLength: 3 } }, required: ['a'] },
  {
    type: 'object',
    properties: { a: { type: ['null', 'string'] }, b: {}, c: true },
    required: ['a', 'b', 'c', 'd'],
  },
  {
    type: 'object',
    properties: { a: { const: { b: 1 } }, c: { default: [1] }, d: { examples: ['x'] } },
    required: ['a', 'c', 'd'],
  },
  {
    type: 'object',
    properties: { a: { type: 'array', minItems: 2, items: { type: 'boolean' } } },
    required: ['a'],
  },
  {
    type: 'object',
    properties: { a: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], minItems: 2 } },
    required: ['a'],
  },
  {
    type: 'object',
    properties: { a: { oneOf: [{ type: 'string', minLength: 3 }, { type: 'integer' }] } },
    required: ['a'],
  },
  {
    type: 'object',
    anyOf: [{ properties: { a: { type: 'integer' } }, required: ['a'] }, { required: ['b'] }],
  },
  {
    type: 'object',
    allOf: [{ properties: { a: { type: 'string' } }, required: ['a'] }],
    properties: { b: { type: 'integer' } },
    required: ['b'],
  },
  {
    type: 'object',
    $defs: { K: { type: 'string', enum: ['x', 'y'] } },
    properties: { k: { $ref: '#/$defs/K' } },
    required: ['k'],
  },
  {
    type: 'object',
    properties: { node: { $ref: '#/$defs/Node' } },
    required: ['node'],
    $defs: {
      Node: {
        type: 'object',
        properties: { next: { $ref: '#/$defs/Node' }, id: { type: 'integer' } },
        required: ['id'],
      },
    },
  },
  {
    type: 'object',
    properties: { at: { type: 'string', format: 'date-time' }, mail: { type: 'string', format: 'email' } },
    required: ['at', 'mail'],
  },
];

test('an example is accepted by the schema that it was made from', () => {
  for (const [at, schema] of TYPICAL.entries()) {
    const example = exampleOf({ ...schema });
    assert.equal(
      compileSchema(`schema ${at}`, schema)(example),
      undefined,
      `${at}: ${JSON.stringify(example)}`,
    );
  }
});

test('of every tool here there is an example that it would take', () => {
  for (const { name, inputSchema } of TOOLS) {
    const example = exampleOf(inputSchema);
    assert.equal(compileSchema(name, inputSchema)(example), undefined, `${name}: ${JSON.stringify(example)}`);
  }
});

test('a text is made that a pattern accepts, of the length that is asked for', () => {
  for (const pattern of [
    '^[A-Z]+-\\d+$',
    '^INC-[0-9]{1,9}$',
    '^(dev|prod)-(eu|us)\\.[a-z]{2,}$',
    '^[^\\u0000]*$',
    '^[^@\\u0000-\\u0020\\u007F]+@[^@\\u0000-\\u0020\\u007F]+$',
    '^(?:[a-f0-9]{8})-[\\w.-]+?/?$',
    '^[\\]\\-x]+$',
    '^[^\\w]\\s\\S\\D\\W$',
    '^\\d{4}-\\d{2}-\\d{2}$',
    'abc',
    '^$|^a$',
  ]) {
    for (const least of [0, 12]) {
      const text = textLike(pattern, least);
      assert.ok(text !== undefined && new RegExp(pattern, 'u').test(text), `${pattern}: ${text}`);
      if (/[+*]|,\}/.test(pattern.replace('+?', ''))) assert.ok(text.length >= least, `${pattern}: ${text}`);
    }
  }
});

test('a pattern that says more than is read gives nothing, and none is ever run', () => {
  for (const pattern of [
    '(?=a)b',
    '\\bword',
    '\\p{L}',
    '(a)\\1',
    '[',
    '(',
    ')',
    '*',
    'a{9999}',
    '('.repeat(5_000),
    '[a-z',
  ])
    assert.is(textLike(pattern), undefined, pattern.slice(0, 20));
  const started = performance.now();
  textLike(`^${'(a*)*'.repeat(1_000)}$`, 100);
  textLike('(x+x+)+y', 200);
  assert.ok(performance.now() - started < 200);
});

test.run();
