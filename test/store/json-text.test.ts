import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readJson } from '../../src/demo/database/values.js';

const test = suite('store/json-text');

test('reads JSON whose numbers a double holds exactly as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      for (const text of [JSON.stringify(value), JSON.stringify(value, undefined, 2)])
        assert.equal(readJson(text), JSON.parse(text));
    }),
  );
});

test('gives a number back with the value it had, as a number or as its text', () => {
  const decimals = fc
    .tuple(fc.bigInt(), fc.nat(400), fc.integer({ min: -400, max: 400 }))
    .map(([whole, fraction, exponent]) => `${whole}.${fraction}e${exponent}`);
  fc.assert(
    fc.property(decimals, (text) => {
      const read = readJson(`[${text}]`);
      assert.ok(Array.isArray(read));
      if (typeof read[0] === 'string') assert.is(read[0], text);
      else assert.is(scaled(String(read[0])), scaled(text));
    }),
  );
});

/** The value times 10^900, exactly. */
function scaled(decimal: string): bigint {
  const [mantissa = '', exponent = '0'] = decimal.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(900 - fraction.length + Number(exponent));
}

test('reads four megabytes of strings, of numbers or of zeros without a detour', () => {
  for (const text of [
    JSON.stringify('x'.repeat(4_000_000)),
    JSON.stringify('\\"'.repeat(1_000_000)),
    `[${'123456789012345678901,'.repeat(180_000)}1]`,
    `1${'0'.repeat(4_000_000)}1`,
  ]) {
    const began = performance.now();
    readJson(text);
    assert.ok(performance.now() - began < 3000, text.slice(0, 30));
  }
});

test.run();
