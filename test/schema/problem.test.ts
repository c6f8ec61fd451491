import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileSchema } from '../../src/wire/schema/compile.js';
import { problemText } from '../../src/wire/schema/problem.js';

const test = suite('schema/problem');

function said(schema: object, value: unknown): string {
  const problem = compileSchema('t', schema)(value);
  return problem === undefined ? 'fits' : problemText(problem);
}
const whole = (text: string): string => `(the whole value): ${text}`;

const wordings: [schema: object, value: unknown, text: string][] = [
  [{ type: 'string' }, 1, whole('expected string, received number 1')],
  [{ type: ['string', 'null'] }, true, whole('expected string, null, received boolean true')],
  [{ enum: ['a', 1, null] }, 'b', whole('expected one of a, 1, null, received string "b"')],
  [{ const: { a: 1 } }, {}, whole('expected {"a":1}, received an object')],
  [{ minLength: 2 }, 'a', whole('expected at least 2 characters, received string "a"')],
  [{ maxLength: 1 }, 'ab', whole('expected at most 1 characters, received string "ab"')],
  [{ minItems: 1 }, [], whole('expected at least 1 items, received an array of 0')],
  [{ maxItems: 1 }, [1, 2], whole('expected at most 1 items, received an array of 2')],
  [{ minimum: 5 }, 4, whole('expected a number >= 5, received number 4')],
  [{ maximum: 5 }, 6, whole('expected a number <= 5, received number 6')],
  [{ exclusiveMinimum: 5 }, 5, whole('expected a number > 5, received number 5')],
  [{ exclusiveMaximum: 5 }, 5, whole('expected a number < 5, received number 5')],
  [{ pattern: '^a+$' }, 'b', whole('expected text that matches ^a+$, received string "b"')],
  [
    { multipleOf: 5 },
    7,
    whole('expected what "multipleOf" asks for (must be multiple of 5), received number 7'),
  ],
  [{ type: 'object' }, null, whole('expected object, received null')],
];
for (const [schema, value, text] of wordings) {
  test(`"${Object.keys(schema)[0]}" (${JSON.stringify(Object.values(schema)[0])}) is told as: ${text}`, () =>
    assert.is(said(schema, value), text));
}

test('a missing member is named by its pointer', () => {
  const schema = { properties: { a: { required: ['b/c~d'] } } };
  assert.is(said(schema, { a: {} }), '/a/b~1c~0d: expected a value, received nothing');
});
test('a member too many is named, beside the known ones', () => {
  const schema = { properties: { a: {}, b: {} }, additionalProperties: false };
  assert.is(said(schema, { c: 1 }), '/c: expected no such member (known: a, b), received "c"');
  assert.is(said({ unevaluatedProperties: false }, { c: 1 }), '/c: expected no such member, received "c"');
});
test('a member that must not be there is refused at its place', () => {
  assert.match(said({ properties: { a: false } }, { a: 1 }), /^\/a: expected what "false schema" asks for/);
});
test('a place within an array is a pointer too', () => {
  assert.is(
    said({ items: { properties: { n: { type: 'integer' } } } }, [{ n: 1 }, { n: 1.5 }]),
    '/1/n: expected integer, received number 1.5',
  );
});
test('a long value and a long list are cut short', () => {
  assert.ok(said({ type: 'number' }, 'x'.repeat(10_000)).length < 150);
  assert.match(said({ enum: Array.from({ length: 30 }, (_, i) => i) }, 'x'), '18, 19, …');
});

test.run();
