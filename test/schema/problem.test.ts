import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileSchema } from '../../src/wire/schema/compile.js';
import { describeProblem, problemText } from '../../src/wire/schema/problem.js';

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
  [{ maximum: 5 }, Infinity, whole('expected a number <= 5, received number Infinity')],
  [{ type: 'object' }, undefined, whole('expected object, received nothing')],
  [
    { anyOf: [{ type: 'string' }, { type: 'string', minLength: 1 }, { type: 'null' }] },
    1,
    whole('expected string or null, received number 1'),
  ],
];
for (const [schema, value, text] of wordings) {
  test(`"${Object.keys(schema)[0]}" (${JSON.stringify(Object.values(schema)[0])}) is reported as: ${text}`, () =>
    assert.is(said(schema, value), text));
}

test('a missing member is named by its pointer', () => {
  const schema = { properties: { a: { required: ['b/c~d'] } } };
  assert.is(said(schema, { a: {} }), '/a/b~1c~0d: expected a value, received nothing');
});
test('an unexpected member is named, with the known ones', () => {
  const schema = { properties: { a: {}, b: {} }, additionalProperties: false };
  assert.is(said(schema, { c: 1 }), '/c: expected no such member (known: a, b), received "c"');
  assert.is(said({ unevaluatedProperties: false }, { c: 1 }), '/c: expected no such member, received "c"');
});
test('a forbidden member is refused at its place', () => {
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
test('a choice names what each branch expects, and where', () => {
  const either = { anyOf: [{ required: ['a'] }, { required: ['b'] }] };
  assert.is(said(either, {}), whole('expected /a: a value or /b: a value, received an object'));
  const filter = { oneOf: [{ properties: { a: { type: 'string' } } }, { type: 'null' }] };
  assert.is(said({ items: filter }, [{ a: 1 }]), '/0: expected /0/a: string or null, received an object');
  const nested = { anyOf: [{ oneOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'boolean' }] };
  assert.is(said(nested, 1), whole('expected string or null or boolean, received number 1'));
});
test('checking ends at the first problem', () => {
  const schema = { anyOf: [{ type: 'number' }, { type: 'null' }], minLength: 2 };
  assert.is(said(schema, 'a'), whole('expected number or null, received string "a"'));
});
test('a value that matches two branches of oneOf is not compared with a third', () => {
  const schema = { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'integer' }] };
  assert.is(
    said(schema, 5),
    whole('expected what "oneOf" asks for (must match exactly one schema in oneOf), received number 5'),
  );
  assert.is(
    said({ anyOf: [{ oneOf: [{}, {}] }] }, 5),
    whole('expected what "oneOf" asks for (must match exactly one schema in oneOf), received number 5'),
  );
});
test('the first problem behind a condition is reported, and not the condition', () => {
  const schema = JSON.parse('{"if":{"type":"number"},"then":{"minimum":5}}');
  assert.is(said(schema, 1), whole('expected a number >= 5, received number 1'));
  assert.is(
    said({ propertyNames: { maxLength: 2 } }, { abc: 1 }),
    whole('expected at most 2 characters, received string "abc"'),
  );
});
test('a list of exactly twenty is shown whole, and of more names the first twenty', () => {
  const names = Array.from({ length: 21 }, (_, at) => `n${at}`);
  assert.is(
    said({ enum: names.slice(0, 20) }, 'x'),
    whole(`expected one of ${names.slice(0, 20).join(', ')}, received string "x"`),
  );
  const properties = Object.fromEntries(names.map((name) => [name, {}]));
  const known = names.slice(0, 20).join(', ');
  assert.is(
    said({ properties, additionalProperties: false }, { x: 1 }),
    `/x: expected no such member (known: ${known}), received "x"`,
  );
});
test('a long name of an unexpected member is shortened, in the pointer as in the value', () => {
  const cut = `${'n'.repeat(57)}...`;
  const text = said({ additionalProperties: false }, { ['n'.repeat(100)]: 1 });
  assert.is(text, `/${cut}: expected no such member, received "${cut}"`);
});
test('a refusal without a reason says at least that the value is not valid', () => {
  assert.is(problemText(describeProblem([])), whole('expected a valid value, received ?'));
});

test.run();
