import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskColumns, maskedColumns, PERSONAL_COLUMNS } from '../../src/governance/policy/columns.js';

const test = suite('policy/columns');
const text = (json: string) => maskColumns(json, PERSONAL_COLUMNS);
const masked = (value: unknown): unknown => JSON.parse(text(JSON.stringify(value)));

test('personal columns are masked unless pii:read is held', () => {
  assert.equal(maskedColumns(['postgres:query:readonly', 'pii']), ['email', 'phone', 'ssn']);
  assert.equal(maskedColumns(['pii:read']), []);
  const value = '{"email":"bob@example.com"}';
  assert.is(maskColumns(value, maskedColumns(['pii:read'])), value);
  assert.is(maskColumns(value, maskedColumns([])), '{"email":"[email]"}');
});
test('a table loses the cells of its personal columns, whatever they hold', () => {
  const table = {
    columns: [{ name: 'id', type: 'int4' }, { name: 'email' }, { name: 'SSN' }, { name: 'phone' }],
    rows: [
      [1, 'bob@example.com', '900-12-3456', '+1-202-555-0143'],
      [2, 'none of the form', 900123456, { home: ['x'], work: null }],
      [3, null, null, null],
    ],
    rowCount: 3,
  };
  assert.equal(masked(table), {
    columns: table.columns,
    rows: [
      [1, '[email]', '[ssn]', '[phone]'],
      [2, '[email]', '[ssn]', { home: ['[phone]'], work: null }],
      [3, null, null, null],
    ],
    rowCount: 3,
  });
});
test('a table whose columns are plain names is a table too, at any depth', () => {
  const table = { columns: ['Phone', 'name'], rows: [['1', 'Bob']] };
  assert.equal(masked({ results: [table] }), {
    results: [{ columns: ['Phone', 'name'], rows: [['[phone]', 'Bob']] }],
  });
});
test('an object loses the values of its personal members, at any depth', () => {
  const value = {
    rows: [{ name: 'Bob', Email: 'b', contact: { phone: ['1', 2], email: { home: 'h' } } }],
    columns: 2,
    ['__proto__']: 'x',
  };
  assert.equal(masked(value), {
    rows: [
      {
        name: 'Bob',
        Email: '[email]',
        contact: { phone: ['[phone]', '[phone]'], email: { home: '[email]' } },
      },
    ],
    columns: 2,
    ['__proto__']: 'x',
  });
});
test('other names stay, and so do their values', () => {
  const value = {
    emails: 'bob@example.com',
    email_verified: true,
    columns: [{ name: 'email' }],
    row: [['x']],
  };
  assert.equal(masked(value), value);
});
test('every character that is not masked stays as it is', () => {
  const before = '{"email":"ada@example.com","id":1915883588174806058,"rate":1.0}';
  assert.is(text(before), '{"email":"[email]","id":1915883588174806058,"rate":1.0}');
  const wide = '{ "a" : 1e400,\r\n\t"phone" :  [ 1.50 , null,"x" ] , "b":"\\u00e9\\/" }\n\n';
  assert.is(text(wide), wide.replace('1.50', '"[phone]"').replace('"x"', '"[phone]"'));
});
test('a name that is written with escapes or twice is the same name', () => {
  assert.is(text('{"\\u0065mail":"a","email":"b","EMA\\u0049L":"c"}').match(/\[email\]/g)?.length, 3);
  const table = '{"columns":["x"],"rows":[["a@b"]],"columns":["email"],"rows":[["c@d"]]}';
  assert.is(text(table), table.replace('"a@b"', '"[email]"').replace('"c@d"', '"[email]"'));
});
test('text is masked behind a byte order mark, one value a line, among words, and where it breaks off', () => {
  for (const [before, after] of [
    ['\ufeff{"email":"a"}', '\ufeff{"email":"[email]"}'],
    ['{"email":"a"}\n{"email":"b"}\r\n{"x":1}', '{"email":"[email]"}\n{"email":"[email]"}\r\n{"x":1}'],
    ['\x1e{"ssn":1}\n\x1e{"ssn":2}\n', '\x1e{"ssn":"[ssn]"}\n\x1e{"ssn":"[ssn]"}\n'],
    [
      '{"email":"a"}{"email":"b"} [{"email":"c"}]',
      '{"email":"[email]"}{"email":"[email]"} [{"email":"[email]"}]',
    ],
    ['Found:\n  {"email":"a"}\nThat is all.', 'Found:\n  {"email":"[email]"}\nThat is all.'],
    ['{"phone":"+1-202-5', '{"phone":"[phone]"'],
    ['[{"email":"a"},{"ema', '[{"email":"[email]"},{"ema'],
    ['{"email":NaN,"x":NaN}', '{"email":"[email]","x":NaN}'],
    ['{"a":]}\n{"email":"b"}', '{"a":]}\n{"email":"[email]"}'],
  ] as const)
    assert.is(text(before), after);
});
test('words that are not JSON stay, whatever they say', () => {
  for (const words of [
    '',
    'email: a@b.c',
    'see {"email":"a"}',
    '[email](mailto:a@b.c)',
    '[[[',
    '}{',
    '"email"',
    '{',
    'null',
  ])
    assert.is(text(words), words);
});
test('masking takes time in proportion to the text, however it is nested, broken or empty', () => {
  const n = 200_000;
  const texts = [
    `${'['.repeat(n)}"email"`,
    `${'{"email":'.repeat(n)}1`,
    `${'[}\n'.repeat(n)}email`,
    `${'\\'.repeat(n)}email{"`.repeat(3),
    `${' '.repeat(n)}\r${' '.repeat(n)}email`,
    `${'\r'.repeat(n)}email`,
    `{"email":"${'\\"'.repeat(n)}`,
  ];
  const began = performance.now();
  for (const one of texts) assert.type(text(one), 'string');
  assert.ok(performance.now() - began < 5_000, `${performance.now() - began} ms`);
});
test('rows whose length differs from the columns are read as far as both go', () => {
  const table = {
    columns: [{ name: 'a' }, { name: 'ssn' }, {}, null],
    rows: [[1], [1, 2, 3, 4, 5], 'x', null],
  };
  assert.equal(masked(table), { columns: table.columns, rows: [[1], [1, '[ssn]', 3, 4, 5], 'x', null] });
});

test.run();
