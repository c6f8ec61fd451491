/** What plainly-valid.ts lets pass, the meta-schema of each dialect lets pass too. */
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlainlyValid } from '../../src/wire/schema/plainly-valid.js';

const test = suite('schema/plainly-valid');
const options = { strict: false, validateFormats: false };
const judges = [new Ajv(options), new Ajv2020(options)];

const KEYWORDS = [
  ...[
    'title',
    'description',
    'format',
    'pattern',
    '$comment',
    '$schema',
    '$id',
    '$ref',
    '$anchor',
    '$vocabulary',
  ],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'uniqueItems', 'readOnly'],
  ...[
    'items',
    'additionalProperties',
    'contains',
    'propertyNames',
    'not',
    'allOf',
    'anyOf',
    'oneOf',
    'prefixItems',
  ],
  ...[
    'properties',
    'patternProperties',
    'definitions',
    '$defs',
    'dependencies',
    'dependentRequired',
    'default',
  ],
  ...[
    'const',
    'examples',
    'enum',
    'required',
    'type',
    'deprecated',
    'x-own',
    'own',
    '__proto__',
    'constructor',
  ],
];

/** Schemas, and what is nearly one: each keyword with a value that may be meant for another. */
const { schema } = fc.letrec<{ schema: unknown; value: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.boolean(),
    fc.dictionary(fc.constantFrom(...KEYWORDS), tie('value'), { maxKeys: 4 }),
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(0, 1, -1, 0.5, 1e300, true, false, null, '', 'string', 'objekt', 'x'),
    fc.constantFrom<unknown>(
      [],
      ['string'],
      ['string', 'string'],
      ['null', 'objekt'],
      [1, 1],
      [1, '1'],
      [{}, {}],
    ),
    tie('schema'),
    fc.array(tie('schema'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('schema'), { maxKeys: 2 }),
  ),
}));

test('a schema that it passes is valid in both dialects, and compiles unless it refers to something', () => {
  let passed = 0;
  const property = fc.property(schema, (one) => {
    if (!isPlainlyValid(one)) return;
    passed += 1;
    for (const judge of judges) {
      assert.ok(judge.validateSchema(one as object), JSON.stringify(one));
      if (!JSON.stringify(one).includes('"$ref"')) assert.type(judge.compile(one as object), 'function');
    }
  });
  fc.assert(property, { numRuns: 5_000 });
  assert.ok(passed > 500, `${passed} passed`);
});
test('it recognizes a schema as authors write it', () => {
  const properties = {
    name: { type: 'string', minLength: 1, pattern: '^a', examples: ['a'], 'x-mcp-header': 'Name' },
    kinds: { type: ['array', 'null'], items: { enum: ['a', 1, null] }, uniqueItems: true, default: [] },
    size: { anyOf: [{ $ref: '#/$defs/size' }, { const: 'all' }] },
  };
  const $defs = { size: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.5 } };
  assert.ok(
    isPlainlyValid({ type: 'object', properties, required: ['name'], additionalProperties: false, $defs }),
  );
});
test('it recognizes each common keyword with a value of its kind', () => {
  const common: { [keyword: string]: unknown[] } = {
    ...{ title: ['a'], description: ['a'], format: ['date'], $comment: ['a'], $ref: ['#'], pattern: ['^a$'] },
    ...{ minimum: [-1], maximum: [0.5], exclusiveMinimum: [0], exclusiveMaximum: [1e300], multipleOf: [0.1] },
    ...{
      minLength: [0],
      maxLength: [1],
      minItems: [0],
      maxItems: [1],
      minProperties: [0],
      maxProperties: [1],
    },
    ...{ uniqueItems: [true], readOnly: [false] },
    ...{ items: [true, {}], additionalProperties: [false], contains: [{}], propertyNames: [{}], not: [{}] },
    ...{
      allOf: [[{}]],
      anyOf: [[true]],
      oneOf: [[{}, {}]],
      properties: [{ a: {} }],
      definitions: [{}],
      $defs: [{}],
    },
    ...{
      default: [null, {}],
      const: [[]],
      examples: [[], [{}]],
      enum: [['a', 1, null]],
      required: [[], ['a']],
    },
    type: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string', ['integer', 'null']],
  };
  for (const [keyword, values] of Object.entries(common))
    for (const value of values)
      assert.ok(isPlainlyValid({ [keyword]: value }), `${keyword}: ${JSON.stringify(value)}`);
});
test('it recognizes no wrong value, and no keyword that it does not know', () => {
  for (const one of [
    { type: 'objekt' },
    { type: [] },
    { enum: [] },
    { enum: [{}, {}] },
    { required: ['a', 'a'] },
    { required: ['a', 1] },
    { maxLength: -1 },
    { maxLength: '1' },
    { maximum: '1' },
    { minimum: Infinity },
    { multipleOf: '1' },
    { pattern: '(' },
    // Not with the flag u, which ajv sets.
    { pattern: '\\@' },
    { patternProperties: { '(': true } },
    { multipleOf: 0 },
    { allOf: [] },
    { items: [{}] },
    { properties: { a: { items: 7 } } },
    { $id: 'a#b' },
    { title: undefined },
  ])
    assert.not.ok(isPlainlyValid(one), JSON.stringify(one));
});

test.run();
