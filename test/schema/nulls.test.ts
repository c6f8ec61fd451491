import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileArguments } from '../../src/wire/schema/compile.js';
import type { JsonObject } from '../../src/wire/value.js';
import { cpuMs } from '../support/cpu.js';

const test = suite('schema/nulls');
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';
const text = { type: 'string' };
const orNull = { anyOf: [text, { type: 'null' }] };

const without = (schema: JsonObject, args: JsonObject): JsonObject =>
  compileArguments('t', schema).withoutNulls(args);

const schemas: [title: string, schema: JsonObject, args: JsonObject, left: JsonObject][] = [
  ['an optional member', { properties: { a: text } }, { a: null, b: 1 }, { b: 1 }],
  ['a member that must not be there', { properties: { a: false } }, { a: null }, {}],
  ['a member of an enum', { properties: { a: { enum: ['x'] } } }, { a: null }, {}],
  ['a constant', { properties: { a: { const: 1 } } }, { a: null }, {}],
  [
    'a nullable that JSON Schema does not know',
    { properties: { a: { ...text, nullable: true } } },
    { a: null },
    {},
  ],
  [
    'a nested member',
    { properties: { a: { properties: { b: text } } } },
    { a: { b: null, c: 1 } },
    { a: { c: 1 } },
  ],
  [
    'a member of an item',
    { properties: { a: { items: { properties: { b: text } } } } },
    { a: [{ b: null }, { b: 'x' }] },
    { a: [{}, { b: 'x' }] },
  ],
  [
    'members of the items of a tuple',
    {
      properties: {
        a: { prefixItems: [{}, { properties: { b: text } }], items: { properties: { c: text } } },
      },
    },
    { a: [{ b: null }, { b: null }, { c: null }] },
    { a: [{ b: null }, {}, {}] },
  ],
  [
    'what a reference leads to',
    {
      $defs: { t: { type: 'object', properties: { n: text, next: { $ref: '#/$defs/t' } } } },
      $ref: '#/$defs/t',
    },
    { n: null, next: { n: null, next: null } },
    { next: {} },
  ],
  [
    'a member of a map',
    {
      additionalProperties: { properties: { b: text } },
      patternProperties: { '^x': { properties: { c: text } } },
    },
    { any: { b: null }, xy: { c: null } },
    { any: {}, xy: {} },
  ],
  [
    'a member of a name of any script',
    { patternProperties: { '^\\p{Lu}': { properties: { c: text } } } },
    { Écrit: { c: null } },
    { Écrit: {} },
  ],
  ['what true does not require', { properties: { a: text }, allOf: [true] }, { a: null }, {}],
  [
    'what draft-07 does not require beside a reference',
    {
      $schema: DRAFT_07,
      definitions: { o: { properties: { b: text } } },
      properties: { a: { $ref: '#/definitions/o', required: ['b'], anyOf: [{ required: ['b'] }] } },
    },
    { a: { b: null } },
    { a: {} },
  ],
  [
    'what allOf adds',
    { properties: { a: {} }, allOf: [{ properties: { a: text, b: text } }] },
    { b: null },
    {},
  ],
  [
    'a member of one of two forms',
    { anyOf: [{ properties: { k: { const: 1 }, a: text } }, { properties: { k: { const: 2 }, b: text } }] },
    { k: 1, a: null, b: null },
    { k: 1 },
  ],
  [
    'the one of two that was not chosen',
    { properties: { a: text, b: text }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 'x', b: null },
    { a: 'x' },
  ],
  [
    'draft-07 with a reference beside which nothing counts',
    {
      $schema: DRAFT_07,
      definitions: { s: text },
      properties: { a: { $ref: '#/definitions/s', type: ['null'] } },
    },
    { a: null },
    {},
  ],
  [
    'a tuple of draft-07',
    { $schema: DRAFT_07, properties: { a: { items: [{ properties: { b: text } }] } } },
    { a: [{ b: null }] },
    { a: [{}] },
  ],
];
for (const [title, schema, args, left] of schemas) {
  test(`null is left out: ${title}`, () => {
    const { check, withoutNulls } = compileArguments('t', schema);
    const sent = structuredClone(args);
    assert.equal(withoutNulls(args), left);
    assert.equal(args, sent, 'what was sent is not changed');
    assert.is(check(withoutNulls(args)), undefined);
  });
}

const kept: [title: string, schema: JsonObject, args: JsonObject][] = [
  ['a required member', { properties: { a: text }, required: ['a'] }, { a: null }],
  ['one that allOf requires', { properties: { a: text }, allOf: [{ required: ['a'] }] }, { a: null }],
  [
    'one that every form requires',
    { properties: { a: text }, oneOf: [{ required: ['a'] }, { required: ['a', 'b'] }] },
    { a: null },
  ],
  [
    'one that one of two schemas requires',
    { properties: { a: { properties: { b: text } } }, allOf: [{ properties: { a: { required: ['b'] } } }] },
    { a: { b: null } },
  ],
  [
    'one that draft-07 lets be null, beside whose reference nothing counts',
    {
      $schema: DRAFT_07,
      definitions: { n: orNull },
      properties: { a: { $ref: '#/definitions/n', enum: ['x'] }, b: text },
    },
    { a: null, b: 1 },
  ],
  [
    'one of a member whose name no pattern matches',
    { properties: { z: text }, patternProperties: { '^x': { properties: { c: text } } } },
    { y: { c: null }, z: 1 },
  ],
  [
    'one whose schema stands elsewhere',
    { properties: { a: { $ref: 'https://json-schema.org/draft/2020-12/schema' }, b: text } },
    { a: null, b: 1 },
  ],
  ['an unknown member', { properties: { a: text }, additionalProperties: false }, { b: null }],
  ['an item', { properties: { a: { type: 'array', items: text } } }, { a: ['x', null] }],
  [
    'a member that may be null, beside one that is wrong',
    { properties: { a: orNull, b: text } },
    { a: null, b: 1 },
  ],
  [
    'a member that some form lets be null',
    { properties: { b: text }, anyOf: [{ properties: { a: text } }, { properties: { a: orNull } }] },
    { a: null, b: 1 },
  ],
  ['a name of every object', { properties: {}, required: ['b'] }, { constructor: null, toString: null }],
];
for (const [title, schema, args] of kept) {
  test(`null stays: ${title}`, () => {
    assert.equal(without(schema, args), args);
    assert.is.not(compileArguments('t', schema).check(args), undefined, 'or the row shows nothing');
  });
}

test('arguments that are valid as they were sent are the same object', () => {
  const schema = { anyOf: [{ properties: { a: text } }, { properties: { a: orNull, b: text } }] };
  for (const args of [{ a: null }, { a: 'x' }, { c: null }, {}]) assert.is(without(schema, args), args);
});
test('arguments without a null member are the same object, even when they are wrong', () => {
  for (const args of [{ a: 1 }, { a: ['x', null] }, { a: { b: [1, { c: 'x' }] } }])
    assert.is(without({ properties: { a: text } }, args), args);
});
test('null that a choice, not and if forbid is left out, and null that they allow stays', () => {
  const member = (schema: JsonObject): JsonObject =>
    without({ properties: { a: schema, z: text } }, { a: null, z: null });
  const conditional = (yes: object, no: object): JsonObject =>
    JSON.parse(`{"if":{"type":"null"},"then":${JSON.stringify(yes)},"else":${JSON.stringify(no)}}`);
  for (const forbids of [
    { anyOf: [text, { type: 'number' }] },
    { oneOf: [{}, {}] },
    { oneOf: [text] },
    { not: {} },
    conditional(text, {}),
  ])
    assert.equal(member(forbids), {}, JSON.stringify(forbids));
  for (const lets of [
    { oneOf: [text, { type: 'null' }] },
    { not: text },
    { type: ['string', 'null'] },
    { const: null },
    { allOf: [orNull, true] },
    { else: text },
    conditional({}, text),
  ])
    assert.equal(member(lets), { a: null }, JSON.stringify(lets));
});
test('10,000 nulls in a schema of many parts take less than a second', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`p${index}`, { $ref: '#/$defs/s' }]),
  );
  const schema = {
    $defs: { s: text, o: { properties } },
    properties: { all: { items: { $ref: '#/$defs/o' } } },
  };
  const item = Object.fromEntries(Object.keys(properties).map((name) => [name, null]));
  const { withoutNulls } = compileArguments('t', schema);
  let left: unknown;
  const ms = cpuMs(() => {
    left = withoutNulls({ all: Array.from({ length: 20 }, () => item) });
  });
  assert.equal(left, { all: Array.from({ length: 20 }, () => ({})) });
  assert.ok(ms < 1_000, `${ms} ms`);
});

test.run();
