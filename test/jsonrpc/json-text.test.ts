import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  endOfString,
  jsonForm,
  jsonText,
  MAX_DEPTH,
  NotJson,
  onOneLine,
} from '../../src/wire/jsonrpc/json-text.js';

const test = suite('jsonrpc/json-text');

function problemOf(value: unknown): string {
  try {
    return `no problem: ${jsonText(value)}`;
  } catch (error) {
    if (error instanceof NotJson) return error.message;
    throw error;
  }
}
const nested = (levels: number, of: unknown = 1): unknown => {
  let value = of;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

test('a value that is JSON has the text that JSON.stringify gives it', () => {
  const shared = { x: 1 };
  for (const value of [
    null,
    'null',
    0,
    -0,
    1.5,
    true,
    '',
    [],
    {},
    { a: {}, b: [{}], c: null, d: [null] },
    { a: undefined, b: () => 1, c: Symbol('c') },
    new Date(0),
    { rows: [{ created: new Date(0), gone: null }], first: shared, second: shared },
    Object.create(null),
    new (class Empty {})(),
    { toJSON: () => null },
    { toJSON: () => ({ toJSON: () => 1 }) },
    { name: { toJSON: (name: string) => name }, items: [{ toJSON: (name: string) => name }] },
    [new Number(1), new String('null'), new Boolean(false)],
    JSON.parse('{"__proto__":null}'),
    '{}',
    nested(MAX_DEPTH),
    Array.from({ length: 2 * MAX_DEPTH }, () => [{ a: 1 }]),
  ])
    assert.is(jsonText(value), JSON.stringify(value));
});
test('a value that JSON cannot express is named with its place', () => {
  const self: { rows: unknown[]; self?: unknown } = { rows: [] };
  self.rows.push({ up: self });
  const list: unknown[] = [null];
  list.push(list);
  for (const [value, said] of [
    [self, 'a value that contains itself at /rows/0/up'],
    [list, 'a value that contains itself at /1'],
    [{ a: [1, 2n] }, 'a bigint at /a/1'],
    [1n, 'a bigint at the top'],
    [{ a: Number.NaN }, 'the number NaN at /a'],
    [{ 'a/b~c': -1 / 0 }, 'the number -Infinity at /a~1b~0c'],
    [{ a: { toJSON: () => [1 / 0] } }, 'the number Infinity at /a/0'],
    [new Number(1 / 0), 'the number Infinity at the top'],
    [undefined, 'nothing at the top'],
    [() => 1, 'a function at the top'],
    [Symbol('x'), 'a symbol at the top'],
    [{ a: [1, undefined] }, 'nothing at /a/1'],
    [{ a: [() => 1] }, 'a function at /a/0'],
    [new Array(2), 'nothing at /0'],
    [{ rows: new Map([[1, 2]]) }, 'a Map at /rows'],
    [{ rows: new Set([1]) }, 'a Set at /rows'],
    [{ rows: Promise.resolve(1) }, 'a Promise at /rows'],
    [{ error: new Error('x') }, 'a Error at /error'],
    [[/x/], 'a RegExp at /0'],
    [{ bytes: new ArrayBuffer(2) }, 'a ArrayBuffer at /bytes'],
    [{ fine: { a: [true, null] }, rows: new Map() }, 'a Map at /rows'],
    [{ toJSON: (name: string) => (name === '' ? 1 / 0 : 1) }, 'the number Infinity at the top'],
  ] as const)
    assert.is(problemOf(value), said);
});
test('each complaint comes with advice', () => {
  const list: unknown[] = [];
  list.push(list);
  const readings = [undefined, 'fine'];
  for (const [value, advice] of [
    [list, 'return each part once, as a tree'],
    [[Promise.resolve(1)], 'await it'],
    [[new Map()], 'return an object or an array of its contents'],
    [[Number.NaN], 'return null, or leave the member out'],
    [[1n], 'return it as a string'],
    [[undefined], 'return null where there is no value'],
    [nested(MAX_DEPTH + 1), 'return a flatter value'],
    [nested(100_000), 'return a flatter value'],
    [{ toJSON: () => readings.shift() }, 'return plain data'],
  ] as const)
    assert.throws(
      () => jsonText(value),
      (error: unknown) => error instanceof NotJson && error.name === 'NotJson' && error.advice === advice,
      advice,
    );
});
test('the line breaks of Unicode are escaped, and nothing else', () => {
  const text = 'a\u0085b\u2028c\u2029d\u2027é';
  assert.is(onOneLine(JSON.stringify(text)), '"a\\u0085b\\u2028c\\u2029d\u2027é"');
  assert.is(JSON.parse(onOneLine(JSON.stringify(text))), text);
});
test('more levels than the bound are refused, whatever their number', () => {
  for (const levels of [MAX_DEPTH + 1, 2_000, 100_000])
    assert.match(problemOf(nested(levels)), `more than ${MAX_DEPTH} levels of nesting at /`);
  assert.match(problemOf(nested(MAX_DEPTH + 1, null)), 'levels of nesting');
  // Brackets in strings are no levels.
  const text = ['['.repeat(2_000), '"'.repeat(9), '\\"['.repeat(900), '\\'];
  assert.is(jsonText(text), JSON.stringify(text));
});
test('an error that a toJSON or a getter throws is thrown', () => {
  const broken = new Error('no');
  const fail = (): never => {
    throw broken;
  };
  for (const value of [{ toJSON: fail }, Object.defineProperty({}, 'a', { get: fail, enumerable: true })]) {
    try {
      jsonText(value);
      assert.unreachable();
    } catch (error) {
      assert.is(error, broken);
    }
  }
});
test('an error is thrown even if the next reading would succeed', () => {
  const broken = new Error('no');
  let count = 0;
  const toJSON = (): string => {
    count += 1;
    if (count === 1) throw broken;
    return 'fine';
  };
  assert.throws(
    () => jsonText({ toJSON }),
    (error: unknown) => error === broken,
  );
});
test('a getter is called once, or twice if the text might hide a value that is not JSON', () => {
  const calls = (of: unknown): number => {
    let count = 0;
    jsonText({
      get a() {
        count += 1;
        return of;
      },
    });
    return count;
  };
  assert.equal([['x', 1, [[]]], { a: { b: 1 } }, null, {}].map(calls), [1, 1, 2, 2]);
});
test('a value is refused if its text cannot be sent, whatever the next reading gives', () => {
  for (const first of [undefined, nested(MAX_DEPTH + 1)]) {
    const readings = [first, 'fine'];
    assert.is(
      problemOf({ toJSON: () => readings.shift() }),
      'a value that changes from one reading to the next at the top',
    );
  }
});
test('a bigint with a toJSON is what that returns, as in JSON.stringify', () => {
  const toJSON = function (this: bigint): string {
    return `${this}`;
  };
  Object.defineProperty(BigInt.prototype, 'toJSON', { value: toJSON, configurable: true });
  try {
    assert.is(jsonText([12n, null]), '["12",null]');
  } finally {
    Reflect.deleteProperty(BigInt.prototype, 'toJSON');
  }
});
test('the toJSON of a value that stands alone gets an empty name, as in JSON.stringify', () => {
  const value = { toJSON: (name: string) => [name] };
  assert.equal(jsonForm(value), ['']);
  assert.is(JSON.stringify(value), '[""]');
});
test('the end of a string is behind every escape', () => {
  for (const [text, end] of [
    ['"a"', 2],
    ['"\\""', 3],
    ['"\\"a"', 4],
    ['"\\\\"x"', 3],
    ['"\\\\\\""', 5],
    ['"open', 5],
    ['"open\\"', 7],
  ] as const)
    assert.is(endOfString(text, 0), end);
});

test.run();
