import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileSchema } from '../../src/wire/schema/compile.js';

const test = suite('schema/multiple-of');

const fits = (step: number, value: unknown, $schema?: string): boolean =>
  compileSchema('t', { multipleOf: step, ...($schema && { $schema }) })(value) === undefined;

const multiples: [step: number, values: number[]][] = [
  [0.01, [19.99, 1.11, 0.07, 4.35, 1.1, 0, -0.29, 1e21]],
  [0.1, [0.3, 0.7, 1, 100.1]],
  [0.03, [1.2]],
  [1e-8, [12391239123, 0.00000001, 3e-8]],
  [0.0001, [0.0075, 1.23]],
  [2.5, [7.5, 1e308, -5]],
  [3, [9007199254740990, 0, -6]],
  [1e21, [5e22]],
];
const others: [step: number, values: number[]][] = [
  // JSON may hold 1e400, which is Infinity here.
  [0.01, [19.995, 0.001, 1e-300, Infinity, -Infinity]],
  [0.03, [0.4]],
  [0.1, [0.35, 0.30000000000000004]],
  [2, [3, 1.5, -1]],
  [1e308, [1, 5e307]],
  [0.0001, [0.00751]],
];

test('a decimal is a multiple as it is written, not as doubles divide', () => {
  for (const $schema of [undefined, 'http://json-schema.org/draft-07/schema#']) {
    for (const [step, values] of multiples)
      for (const value of values) assert.ok(fits(step, value, $schema), `${value} is a multiple of ${step}`);
    for (const [step, values] of others)
      for (const value of values)
        assert.not.ok(fits(step, value, $schema), `${value} is no multiple of ${step}`);
  }
});
test('a value that is not a number is a multiple of anything, as in any validator', () => {
  for (const value of ['x', null, [], {}, true]) assert.ok(fits(0.01, value));
});
test('whole amounts of cents are multiples of a cent, and half a cent more is not', () => {
  const cent = compileSchema('t', { multipleOf: 0.01 });
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (cents) => {
      const text = `${Math.trunc(cents / 100)}.${String(Math.abs(cents % 100)).padStart(2, '0')}`;
      assert.is(cent(Number(text)), undefined, text);
      assert.is.not(cent(Number(`${text}5`)), undefined, text);
    }),
  );
});

test.run();
