import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { numberText, payloadChars } from '../../src/governance/policy/payload.js';
import { needing } from '../support/programs.js';

const test = suite('policy/payload');
const exact = (value: unknown) => payloadChars(value, Number.POSITIVE_INFINITY);

const NUMBERS: [value: number, text: string][] = [
  [0.0001, '0.0001'],
  [0.00009999, '9.999e-05'],
  [1e-5, '1e-05'],
  [-1.5e-7, '-1.5e-07'],
  [1e-10, '1e-10'],
  [5e-324, '5e-324'],
  [0.1, '0.1'],
  [0.30000000000000004, '0.30000000000000004'],
  [-2.5, '-2.5'],
  [9007199254740991, '9007199254740991'],
  [1234567.875, '1234567.875'],
];
for (const [value, text] of NUMBERS) {
  test(`${value} is written as Python writes it, ${text}`, () => assert.is(numberText(value), text));
}

const SIZES: [value: unknown, text: string][] = [
  [{}, '{}'],
  [[], '[]'],
  ['', '""'],
  [[1, 2], '[1, 2]'],
  [{ a: 1, b: [true, false, null] }, '{"a": 1, "b": [true, false, null]}'],
  ['\b\f\n\r\t"\\/', String.raw`"\b\f\n\r\t\"\\/"`],
  ['\u0000\u001f\u007f é\u2028', String.raw`"\u0000\u001f\u007f \u00e9\u2028"`],
  ['😀', String.raw`"\ud83d\ude00"`],
  ['\ud800', String.raw`"\ud800"`],
  [{ é: {} }, String.raw`{"\u00e9": {}}`],
];
for (const [value, text] of SIZES) {
  test(`${JSON.stringify(value)} takes as many characters as ${text}`, () =>
    assert.is(exact(value), text.length));
}

test('a size up to the limit is exact, and a larger one is reported as larger', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(60), (value, limit) => {
      const chars = exact(value);
      const told = payloadChars(value, limit);
      return chars <= limit ? told === chars : told > limit;
    }),
    { numRuns: 2_000 },
  );
});
test('nothing is read beyond the limit', () => {
  const trap = new Proxy([], {
    get() {
      throw new Error('it was read');
    },
  });
  assert.ok(payloadChars(['x'.repeat(8_192), trap], 8_192) > 8_192);
  assert.ok(payloadChars({ ['x'.repeat(8_192)]: trap }, 8_192) > 8_192);
  assert.throws(() => payloadChars(['x', trap], 8_192), /it was read/);
});
test('a value nested a million levels deep is counted', () => {
  let value: unknown = [];
  for (let level = 1; level < 1_000_000; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  assert.ok(payloadChars(value, 8_192) > 8_192);
  assert.is(exact(value), 500_000 * '[]'.length + 500_000 * '{"a": }'.length);
});

needing(
  test,
  'policy/payload',
  'python3',
)("every size is the length of what a real Python's json.dumps writes", () => {
  const values = fc.sample(fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), 3_000);
  const script = 'import json,sys\nfor line in sys.stdin: print(len(json.dumps(json.loads(line))))';
  const input = values.map((value) => JSON.stringify(value)).join('\n');
  const python = spawnSync('python3', ['-c', script], { input, encoding: 'utf8', maxBuffer: 1e8 });
  assert.is(python.error, undefined);
  assert.is(python.status, 0, python.stderr);
  const lengths = python.stdout.trim().split('\n').map(Number);
  assert.is(lengths.length, values.length);
  // Through the text as Python got it: JSON.stringify writes -0 as 0.
  values.forEach((value, at) => {
    assert.is(exact(JSON.parse(JSON.stringify(value))), lengths[at], JSON.stringify(value));
  });
});

test.run();
