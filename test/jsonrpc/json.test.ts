import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { survives } from '../../src/wire/jsonrpc/exact.js';
import { type JsonBounds, parseJson, readJson } from '../../src/wire/jsonrpc/json.js';
import { isRecord } from '../../src/wire/value.js';
import { cpuMs } from '../support/cpu.js';

const test = suite('jsonrpc/json');
const BOUNDS = { depth: 64, members: 1_000_000 };

function read(text: string | Uint8Array, bounds: Partial<JsonBounds> = {}): unknown {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const json = readJson(bytes, { ...BOUNDS, ...bounds });
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
test('if the value is only shown, a number may change and a name may appear twice', () => {
  const shown = { exact: false };
  assert.equal(read('{"a":1,"a":12345678901234567890}', shown), { value: { a: 12345678901234567000 } });
  assert.is((read('{"a":1,"a":2}') as { name: string }).name, 'invalidRequest');
  assert.is((read('{"__proto__":1}', shown) as { name: string }).name, 'invalidRequest');
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
test('a text that ends too early is reported as such, and so is an empty one', () => {
  const said = 'Parse error: the body is not JSON: it ends too early or is empty';
  for (const text of ['', ' ', '[1,', '{"a":']) assert.equal(read(text), { name: 'parseError', said });
  for (const text of ['{', '{"a":1', '{"a":"b', 'tru'])
    assert.is((read(text) as { name: string }).name, 'parseError');
});
test('malformed text is refused without quoting it', () => {
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
  assert.match((read('{"a":"bcdefgh",}') as { said: string }).said, /unexpected character at position 15$/);
  assert.is((read('hunter2') as { said: string }).said, 'Parse error: the body is not JSON: malformed');
});
test('nesting is accepted at the bound and refused one level over it', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const text = (levels: number): string => `${open.repeat(levels)}null${close.repeat(levels)}`;
    assert.equal(read(text(5), { depth: 5 }), { value: JSON.parse(text(5)) });
    assert.equal(read(text(6), { depth: 5 }), {
      name: 'invalidRequest',
      said: 'Invalid Request: the body is nested deeper than 5 levels',
    });
  }
});
test('500,000 brackets are refused at once, closed or not', () => {
  const members = 20_000;
  const ms = cpuMs(() => {
    for (const text of [
      '['.repeat(500_000),
      nested(500_000),
      '{"a":'.repeat(180_000),
      `{"a":${nested(500_000)}}`,
    ])
      assert.is((read(text, { members }) as { name: string }).name, 'invalidRequest');
  });
  assert.ok(ms < 2_000, `${ms} ms`);
});
test('the key __proto__ is refused at any place and in any spelling', () => {
  for (const text of [
    '{"__proto__":{}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":1}',
    '{"\\u005F\\u005f\\u0070roto__":null}',
    '[{"__proto__":1}]',
    '[1,{"b":2,"__proto__":1}]',
    '{"a":1,"b":{"__proto__":1}}',
  ]) {
    assert.equal(read(text), {
      name: 'invalidRequest',
      said: 'Invalid Request: the key "__proto__" is not accepted',
    });
  }
  assert.equal(read('{"a":"__proto__","_proto_":1}'), { value: { a: '__proto__', _proto_: 1 } });
});
test('a NUL is text like any other', () => {
  assert.equal(read('"\\u0000"'), { value: '\0' });
});
test('a raw control character within a string is refused', () => {
  assert.is((read('"a\nb"') as { name: string }).name, 'parseError');
  assert.is((read('"a\0b"') as { name: string }).name, 'parseError');
});
/** What is said about a text that is refused as an invalid request, without its title. */
function problem(text: string, bounds: Partial<JsonBounds> = {}): string {
  const { name, said } = read(text, bounds) as { name?: string; said?: string };
  assert.is(name, 'invalidRequest', text);
  return said?.replace('Invalid Request: ', '') ?? '';
}

test('a number that JavaScript keeps is read, however it is written', () => {
  const kept = [
    '0.1',
    '1.0',
    '1e2',
    '1E+2',
    '19.99',
    '0.1000',
    '-0',
    '-0.0',
    '1e23',
    '5e-324',
    '100e-2',
    '0e999',
  ];
  const long = [
    '9007199254740992',
    '-9007199254740991.000',
    '0.30000000000000004',
    '1.7976931348623157e308',
    `1${'0'.repeat(300)}`,
    `0.${'0'.repeat(300)}1`,
    `1.5${'0'.repeat(500)}`,
    `1${'0'.repeat(20)}e-20`,
    '18014398509481984',
  ];
  for (const text of [...kept, ...long]) assert.equal(read(`[${text}]`), { value: [Number(text)] }, text);
});
test('a number that would change is refused, with its place and what to send instead', () => {
  assert.is(
    problem('{"params":{"arguments":{"id":9007199254740993}}}'),
    '/params/arguments/id: the number 9007199254740993 cannot be kept: it would become 9007199254740992; send it as a string',
  );
  assert.is(
    problem('{"a~b":[0,{"c/d":1e400}]}'),
    '/a~0b/1/c~1d: the number 1e400 cannot be kept: it is too large for a double; send it as a string',
  );
  for (const text of [
    '-1e400',
    '1e-400',
    '0.10000000000000001',
    '18446744073709551616',
    '1e309',
    '3.00000000000000001',
  ])
    assert.match(problem(`[1,${text}]`), `/1: the number ${text} cannot be kept: `);
});
test('each number that JavaScript writes is read as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = String(number);
      assert.equal(read(text), { value: Number(text) });
    }),
  );
});
test('a decimal of up to 15 digits is kept, and a longer one only if it is written back unchanged', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
      fc.integer({ min: -8, max: 8 }),
      (digits, power) => {
        const text = `${digits}e${power}`;
        const exact = survives(text);
        if (`${digits}`.replace(/^-|0+$/g, '').length <= 15) assert.ok(exact, text);
        // Both as whole numbers: scaled by the power that makes the smaller of them whole.
        const back = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(Number(text)));
        const [, sign = '', whole = '', fraction = '', exponent = '0'] = back ?? [];
        const scaled = (value: bigint, by: number): bigint => value * 10n ** BigInt(by + 60);
        const written = scaled(BigInt(`${sign}${whole}${fraction}`), Number(exponent) - fraction.length);
        assert.is(exact, scaled(digits, power) === written, text);
      },
    ),
  );
});
test('half of a surrogate pair is refused in a text and in a name, a whole pair is read', () => {
  for (const half of ['\\ud800', '\\uDFFF', 'a\\ud83d', '\\ude00\\ud83d', '\\ud83d\\\\ude00'])
    assert.is(problem(`{"a":["${half}"]}`), '/a/0: half of a surrogate pair is not a character');
  assert.match(problem('{"\\ud800":1}'), /: half of a surrogate pair is not a character$/);
  assert.equal(read('["\\ud83d\\ude00","\\\\ud800"]'), { value: ['😀', '\\ud800'] });
});
test('a name that appears twice in one object is refused, in any spelling and at any place', () => {
  const twice = 'the name stands twice in one object; send it once';
  assert.is(problem('{"a":1,"a":1}'), `/a: ${twice}`);
  assert.is(
    problem('{"params":{"name":"read","arguments":{},"n\\u0061me":"drop"}}'),
    `/params/name: ${twice}`,
  );
  assert.is(problem('[{"":0},{"":0,"":1}]'), `/1/: ${twice}`);
  assert.is(problem('{"x":{"1":0,"a":[],"1":2}}'), `/x/1: ${twice}`);
  // An item in place of the lost member does not hide it.
  assert.is(problem('{"a":1,"b":[0],"a":2}'), `/a: ${twice}`);
  assert.equal(read('[{"a":1},{"a":{"a":"a\\":\\":"}}]'), { value: [{ a: 1 }, { a: { a: 'a":":' } }] });
});
test('white space between the parts changes nothing about what is refused', () => {
  assert.equal(read('{ "a" : 0.30000000000000004 ,\n\t"b" : [ true , { } ] }'), {
    value: { a: 0.30000000000000004, b: [true, {}] },
  });
  assert.match(problem('{ "a" : [ 1 ,\n\t1e400 ] }'), '/a/1: the number 1e400 cannot be kept');
  assert.match(problem('{ "a" : { } , "b" : [ "" ] ,\n\t"a" : 1 }'), '/a: the name stands twice');
});
test('the parts before and after an object or an array do not change the place of a fault', () => {
  assert.match(problem('[{"a":{}},[[1],"b",["c",2]],1e400]'), '/2: the number');
  assert.match(problem('{"a":[{"b":1}],"b":{"a":[],"c":[[],{}]},"d":1e400}'), '/d: the number');
  assert.is(problem('1e400').split(':')[0], 'the body');
  assert.is(problem('["\\ud800"]').split(':')[0], '/0');
});
test('an id that JavaScript would change, or that appears twice, is not kept; any other is', () => {
  const kept = (text: string): unknown => {
    const json = readJson(Buffer.from(text), BOUNDS);
    return json.kind === 'refused' ? json.value : 'read';
  };
  assert.is(kept('{"id":9007199254740993}'), undefined);
  assert.is(kept('{"id":1,"id":2}'), undefined);
  assert.equal(kept('{"id":7,"n":1e400}'), { id: 7, n: Number.POSITIVE_INFINITY });
  assert.equal(kept('{"id":7,"n":{"__proto__":1}}'), JSON.parse('{"id":7,"n":{"__proto__":1}}'));
});
test('members and items are counted together, and refused one over the bound', () => {
  for (const text of ['[1,[2],{"a":3}]', '{"a":{"b":[1,{}]},"c":2}', '["a,[{:",[[]],[]]']) {
    const most = [...text.replace(/"[^"]*"/g, '').matchAll(/[,[{]/g)].length;
    assert.equal(read(text, { members: most }), { value: JSON.parse(text) });
    assert.is(
      problem(text, { members: most - 1 }),
      `the body has more than ${most - 1} members and items in all; send fewer`,
    );
  }
});
test('a mebibyte of empty objects is refused before it is parsed', () => {
  const body = Buffer.from(`[${'{},'.repeat(349_000)}{}]`);
  const { parse } = JSON;
  let count = 0;
  JSON.parse = (...args) => {
    count += 1;
    return parse(...args);
  };
  try {
    assert.is(readJson(body, { ...BOUNDS, members: 20_000 }).kind, 'refused');
    assert.is(count, 0);
    assert.is(readJson(body, { ...BOUNDS, members: 1_000_000 }).kind, 'json');
    assert.is(count, 1);
  } finally {
    JSON.parse = parse;
  }
});
test('the text of a file has to follow the same rules', () => {
  assert.equal(parseJson('{"a":[1,"b"]}'), { a: [1, 'b'] });
  assert.equal(parseJson(nested(64)), JSON.parse(nested(64)));
  for (const [text, said] of [
    ['{"disabled":["a"],"disabled":[]}', '/disabled: the name stands twice in one object; send it once'],
    ['{"a":', 'the text is not JSON: it ends too early or is empty'],
    ['{"a":"\\ud800"}', '/a: half of a surrogate pair is not a character'],
    ['{"the body":1,"the body":2}', '/the body: the name stands twice in one object; send it once'],
    ['"\\ud800"', 'the text: half of a surrogate pair is not a character'],
    [nested(65), 'the text is nested deeper than 64 levels'],
    [`[${'0,'.repeat(20_000)}0]`, 'the text has more than 20000 members and items in all; send fewer'],
  ] as const)
    assert.throws(
      () => parseJson(text),
      (error: unknown) => error instanceof SyntaxError && error.message === said,
      said,
    );
});
test('the reason for a refusal is kept for the log', () => {
  const causeOf = (json: string | Uint8Array): unknown => {
    const refused = readJson(json, BOUNDS);
    return refused.kind === 'refused' ? refused.fault.cause : undefined;
  };
  assert.instance(causeOf('{'), SyntaxError);
  assert.instance(causeOf(Uint8Array.of(0xff)), TypeError);
});
test('only a text with too many members is refused as such', () => {
  const tooMany = (json: string): unknown => {
    const refused = readJson(json, { ...BOUNDS, members: 1 });
    return refused.kind === 'refused' && refused.tooMany;
  };
  assert.equal([tooMany('[1,2]'), tooMany('{'), tooMany('[1e400]')], [true, undefined, undefined]);
});
test('a long name or number is cut short in the refusal', () => {
  const name = 'n'.repeat(100);
  const cut = (text: string): string => `${text.slice(0, 57)}...`;
  assert.match(problem(`{"${name}":1e400}`), `/${cut(name)}: the number`);
  const digits = '7'.repeat(100);
  assert.match(problem(`[${digits}]`), `the number ${cut(digits)} cannot be kept: it would become 7.77`);
  assert.is(problem(`${`{"${name}":`.repeat(20)}1e400${'}'.repeat(20)}`).indexOf(': the number'), 300);
});
test('a record is an object that is neither null nor an array', () => {
  assert.equal([{}, null, [], 'a', 1, undefined].map(isRecord), [true, false, false, false, false, false]);
});

test.run();
