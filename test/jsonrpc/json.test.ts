import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readJson } from '../../src/jsonrpc/json.js';
import { isRecord } from '../../src/value.js';

const test = suite('jsonrpc/json');
const DEPTH = 64;

function read(text: string | Uint8Array, depth = DEPTH): unknown {
  const json = readJson(typeof text === 'string' ? Buffer.from(text) : text, depth);
  return json.kind === 'json' ? { value: json.value } : { name: json.fault.name, said: json.fault.message };
}
const nested = (levels: number, open = '[', close = ']'): string =>
  open.repeat(levels) + close.repeat(levels);

test('reads every JSON type', () => {
  for (const text of ['{}', '[]', '"é😀"', '0', '-1.5e3', 'true', 'null', ' \r\n\t{"a":[1]} '])
    assert.equal(read(text), { value: JSON.parse(text) });
});
test('a leading byte order mark is ignored, as RFC 8259 allows', () => {
  assert.equal(read('\ufeff{"a":1}'), { value: { a: 1 } });
  assert.is((read('\ufeff\ufeff{}') as { name: string }).name, 'parseError');
});
test('bytes that are not UTF-8 are refused, and do not disturb the next reading', () => {
  const wrong = [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0xaf, 0x22], // overlong /
    [0x22, 0xed, 0xa0, 0x80, 0x22], // a surrogate
    [0x22, 0xe2, 0x82], // cut off within a character
    [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00], // UTF-16
  ];
  for (const bytes of wrong) {
    assert.equal(read(Uint8Array.from(bytes)), {
      name: 'parseError',
      said: 'Parse error: the bytes are not UTF-8',
    });
    assert.equal(read('"€"'), { value: '€' });
  }
});
test('a text that ends too early is said to, as is an empty one', () => {
  const said = 'Parse error: the body is not JSON: it ends too early or is empty';
  for (const text of ['', ' ', '[1,', '{"a":']) assert.equal(read(text), { name: 'parseError', said });
  for (const text of ['{', '{"a":1', '{"a":"b', 'tru'])
    assert.is((read(text) as { name: string }).name, 'parseError');
});
test('malformed text is refused without a word of it', () => {
  for (const text of [
    '{"password": hunter2}',
    "{'hunter2':1}",
    '{"a":1}hunter2',
    '[hunter2]',
    'hunter2',
    'NaN',
  ]) {
    const { name, said } = read(text) as { name: string; said: string };
    assert.is(name, 'parseError');
    assert.not.match(said, 'hunter');
  }
  assert.match((read('{"a":1,}') as { said: string }).said, /unexpected character at position 7$/);
});
test('nesting is accepted at the bound and refused one level over it', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const inner = open === '[' ? '' : '1';
    const text = (levels: number): string => open.repeat(levels) + inner + close.repeat(levels);
    assert.equal(read(text(5), 5), { value: JSON.parse(text(5)) });
    assert.equal(read(text(6), 5), {
      name: 'invalidRequest',
      said: 'Invalid Request: the body is nested deeper than 5 levels',
    });
  }
});
test('500,000 brackets are refused within a second, closed or not', () => {
  const began = performance.now();
  assert.is((read('['.repeat(500_000)) as { name: string }).name, 'parseError');
  assert.is((read(nested(500_000)) as { name: string }).name, 'invalidRequest');
  assert.is((read('{"a":'.repeat(180_000)) as { name: string }).name, 'parseError');
  assert.is((read(`{"a":${nested(500_000)}}`) as { name: string }).name, 'invalidRequest');
  assert.ok(performance.now() - began < 4_000);
});
test('the key __proto__ is refused at any place and in any spelling', () => {
  for (const text of [
    '{"__proto__":{}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":1}',
    '{"\\u005F\\u005f\\u0070roto__":null}',
    '[{"__proto__":1}]',
  ]) {
    assert.equal(read(text), {
      name: 'invalidRequest',
      said: 'Invalid Request: the key "__proto__" is not accepted',
    });
  }
  assert.equal(read('{"a":"__proto__","_proto_":1}'), { value: { a: '__proto__', _proto_: 1 } });
});
test('a lone surrogate and a NUL are text like any other', () => {
  assert.equal(read('"\\ud800"'), { value: '\ud800' });
  assert.equal(read('"\\u0000"'), { value: '\0' });
});
test('a raw control character within a string is refused', () => {
  assert.is((read('"a\nb"') as { name: string }).name, 'parseError');
  assert.is((read('"a\0b"') as { name: string }).name, 'parseError');
});
test('of a key written twice the last value stays', () => {
  assert.equal(read('{"a":1,"a":2}'), { value: { a: 2 } });
});
test('a record is an object that is neither null nor an array', () => {
  assert.equal([{}, null, [], 'a', 1, undefined].map(isRecord), [true, false, false, false, false, false]);
});

test.run();
