/** Arguments that are made up fit their schema, as its validator sees it. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { argumentsFor } from '../../src/cli/check/generate.js';

const test = suite('check/generate');
const ajv = new Ajv2020({ strict: false, validateFormats: false });

const object = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});
const fitting: [name: string, schema: object, expected: object][] = [
  ['nothing required', object({ a: { type: 'string' } }, []), {}],
  ['no properties', { type: 'object' }, {}],
  ['a string', object({ a: { type: 'string' } }), { a: 'example' }],
  ['a long string', object({ a: { type: 'string', minLength: 9 } }), { a: 'examplexx' }],
  ['a short string', object({ a: { type: 'string', maxLength: 2 } }), { a: 'ex' }],
  ['a date', object({ a: { type: 'string', format: 'date' } }), { a: '2026-01-01' }],
  ['numbers', object({ a: { type: 'integer' }, b: { type: 'number' } }), { a: 1, b: 1 }],
  ['a number from 5', object({ a: { type: 'integer', minimum: 5 } }), { a: 5 }],
  ['a number above 5', object({ a: { type: 'integer', exclusiveMinimum: 5 } }), { a: 6 }],
  ['a number up to -3', object({ a: { type: 'integer', maximum: -3 } }), { a: -3 }],
  ['a multiple of 10', object({ a: { type: 'integer', multipleOf: 10 } }), { a: 10 }],
  ['a boolean', object({ a: { type: 'boolean' } }), { a: false }],
  ['a choice', object({ a: { enum: ['x', 'y'] } }), { a: 'x' }],
  ['a constant', object({ a: { const: 7 } }), { a: 7 }],
  ['a default', object({ a: { type: 'string', default: 'd' } }), { a: 'd' }],
  ['an example', object({ a: { type: 'string', pattern: '^e$', examples: ['e'] } }), { a: 'e' }],
  ['a list', object({ a: { type: 'array', items: { type: 'string' } } }), { a: [] }],
  ['a list of two', object({ a: { type: 'array', minItems: 2, items: { type: 'integer' } } }), { a: [1, 1] }],
  ['an object inside', object({ a: object({ b: { type: 'null' } }) }), { a: { b: null } }],
  [
    'one of several',
    object({ a: { anyOf: [{ type: 'string', pattern: 'x' }, { type: 'integer' }] } }),
    { a: 1 },
  ],
  ['several types', object({ a: { type: ['string', 'null'] } }), { a: 'example' }],
  ['all of several', object({ a: { allOf: [{ type: 'integer' }, { minimum: 4 }] } }), { a: 4 }],
  ['a reference', { ...object({ a: { $ref: '#/$defs/n' } }), $defs: { n: { type: 'integer' } } }, { a: 1 }],
];
for (const [name, schema, expected] of fitting)
  test(`${name} is made up`, () => {
    const made = argumentsFor(schema);
    assert.equal(made, expected);
    assert.ok(ajv.validate(schema, made), ajv.errorsText());
  });

const hopeless: [name: string, schema: unknown][] = [
  ['a pattern', object({ a: { type: 'string', pattern: '^[a-z]{3}$' } })],
  ['no schema', null],
  ['what refers to itself', { ...object({ a: { $ref: '#' } }) }],
  ['another document', object({ a: { $ref: 'https://example.com/schema' } })],
  ['an impossible number', object({ a: { type: 'integer', minimum: 5, maximum: 4 } })],
  ['a type that does not exist', object({ a: { type: 'thing' } })],
  ['a very long list', object({ a: { type: 'array', minItems: 1e9 } })],
  ['a very long text', object({ a: { type: 'string', minLength: 1e9 } })],
];
for (const [name, schema] of hopeless)
  test(`${name} is left alone`, () => {
    assert.is(argumentsFor(schema), undefined);
  });

test.run();
