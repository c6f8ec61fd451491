import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalJson, plainJson, quoted } from '../../src/wire/jsonrpc/json.js';

const test = suite('jsonrpc/canonical');

// RFC 8785, appendix B: the bits of a double and its one text.
const NUMBERS: [bits: bigint, text: string][] = [
  [0x0000000000000000n, '0'],
  [0x8000000000000000n, '0'],
  [0x0000000000000001n, '5e-324'],
  [0x8000000000000001n, '-5e-324'],
  [0x7fefffffffffffffn, '1.7976931348623157e+308'],
  [0x4340000000000000n, '9007199254740992'],
  [0xc340000000000000n, '-9007199254740992'],
  [0x4430000000000000n, '295147905179352830000'],
  [0x44b52d02c7e14af5n, '9.999999999999997e+22'],
  [0x44b52d02c7e14af6n, '1e+23'],
  [0x44b52d02c7e14af7n, '1.0000000000000001e+23'],
  [0x444b1ae4d6e2ef4en, '999999999999999700000'],
  [0x444b1ae4d6e2ef4fn, '999999999999999900000'],
  [0x444b1ae4d6e2ef50n, '1e+21'],
  [0x3eb0c6f7a0b5ed8cn, '9.999999999999997e-7'],
  [0x3eb0c6f7a0b5ed8dn, '0.000001'],
  [0x41b3de4355555553n, '333333333.3333332'],
  [0x41b3de4355555557n, '333333333.33333343'],
  [0xbecbf647612f3696n, '-0.0000033333333333333333'],
  [0x43143ff3c1cb0959n, '1424953923781206.2'],
];

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

test('every number has the text of RFC 8785, appendix B', () => {
  for (const [bits, text] of NUMBERS) assert.is(canonicalJson(doubleOf(bits)), text);
});
test('the example of RFC 8785, section 3.2.2, is printed as in its section 3.2.3', () => {
  const sent = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
    "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
  const expected =
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
    String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  assert.is(canonicalJson(JSON.parse(sent)), expected);
});
test('members stand in the order of their UTF-16 code units, not of their code points', () => {
  const names = ['€', '\r', '\ufb33', '1', '😀', '\u0080', 'ö'];
  const text = canonicalJson(Object.fromEntries(names.map((name, index) => [name, index])));
  assert.equal(Object.keys(JSON.parse(text)), ['1', '\r', '\u0080', 'ö', '€', '😀', '\ufb33']);
  assert.ok(text.startsWith('{"\\r":1,"1":3,'), text);
});
test('whole numbers as names are sorted as text', () => {
  assert.is(canonicalJson({ 10: 0, 9: 0, '-1': 0, a: 0 }), '{"-1":0,"10":0,"9":0,"a":0}');
});
test('order is the same however deep it is nested, and the order of an array is kept', () => {
  const one = { b: [{ d: 1, c: [2, 1] }, []], a: {} };
  const other = { a: {}, b: [{ c: [2, 1], d: 1 }, []] };
  assert.is(canonicalJson(one), '{"a":{},"b":[{"c":[2,1],"d":1},[]]}');
  assert.is(canonicalJson(other), canonicalJson(one));
  assert.is.not(canonicalJson([1, 2]), canonicalJson([2, 1]));
});
test('texts that look alike stay distinct', () => {
  const different = [
    { a: 1 },
    { a: '1' },
    { a: [1] },
    { a: null },
    {},
    [],
    '',
    null,
    'a',
    ['\u00e9'],
    ['e\u0301'],
  ];
  assert.is(new Set(different.map(canonicalJson)).size, different.length);
  assert.is.not(canonicalJson(['a,b']), canonicalJson(['a', 'b']));
  assert.is.not(canonicalJson({ 'a":1,"b': 2 }), canonicalJson({ a: 1, b: 2 }));
});
test('a member called toJSON is sorted like any other', () => {
  for (const value of [
    { toJSON: 1, a: { toJSON: 'x', b: 2 } },
    { a: { b: 2, toJSON: 'x' }, toJSON: 1 },
  ])
    assert.is(canonicalJson(value), '{"a":{"b":2,"toJSON":"x"},"toJSON":1}');
});
test('what JSON.stringify changes is canonical too', () => {
  assert.is(canonicalJson(undefined), 'null');
  assert.is(canonicalJson({ b: new Date(0), a: [undefined] }), '{"a":[null],"b":"1970-01-01T00:00:00.000Z"}');
});
test('a member without a value is left out, and an item without one is null, as in JSON.stringify', () => {
  const value = { a: undefined, b: [undefined, 1], c: null };
  assert.is(canonicalJson(value), '{"b":[null,1],"c":null}');
  assert.is(canonicalJson(value), JSON.stringify(value));
});
test('a number without a JSON text has no canonical one, at any depth', () => {
  for (const number of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])
    for (const value of [number, [1, number], { a: { b: number } }])
      assert.throws(() => canonicalJson(value), /has no JSON text/);
});
test('the members that every object inherits are not members', () => {
  assert.is(canonicalJson({}), '{}');
  assert.is(canonicalJson(JSON.parse('{"constructor":1,"toString":2}')), '{"constructor":1,"toString":2}');
});

test('the fast path writes the same text for plain JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      assert.is(plainJson(value), canonicalJson(JSON.parse(JSON.stringify(value))));
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 120 }),
      (text) => quoted(text) === JSON.stringify(text),
    ),
  );
});
test('a value that JSON.stringify would change is left to the slow path', () => {
  const odd = [undefined, Number.NaN, 1n, () => 1, new Date(0), new Map(), Symbol('s'), { toJSON: () => 1 }];
  for (const value of odd) {
    assert.is(plainJson(value), undefined);
    assert.is(plainJson([1, value]), undefined);
    assert.is(plainJson({ a: { b: value } }), undefined);
  }
  assert.is(plainJson(Object.create({ toJSON: () => 1 })), undefined);
  const hidden = Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 2, enumerable: false });
  assert.equal([plainJson(hidden), canonicalJson(hidden)], [undefined, '2']);
});

test.run();
