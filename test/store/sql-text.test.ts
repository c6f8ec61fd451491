import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SqlRefused } from '../../src/demo/database/database.js';
import { refuseUnlessReading } from '../../src/demo/database/sql-text.js';
import { ATTACKS, HARMLESS } from './attacks.js';

const test = suite('store/sql-text');

function refusal(sql: string): string | undefined {
  try {
    refuseUnlessReading(sql);
  } catch (error) {
    if (error instanceof SqlRefused) return error.message;
    throw error;
  }
  return undefined;
}

test('lets harmless statements pass', () => {
  for (const [title, sql] of HARMLESS) assert.is(refusal(sql), undefined, title);
});

test('refuses most attacks before PostgreSQL sees them', () => {
  // These are refused by grammar or privilege alone.
  const left = ATTACKS.filter(([, sql]) => refusal(sql) === undefined).map(([title]) => title);
  assert.equal(left, [
    'a write in WITH',
    'a write at the end of WITH',
    'SELECT INTO',
    'FOR UPDATE',
    'FOR KEY SHARE',
    'passwords',
    'a sequence',
  ]);
});

const HIDDEN: readonly (readonly [title: string, sql: string])[] = [
  ['after a nested comment', 'select /* /* */ */ set_config(1)'],
  ['after a comment with a quote', "select /* ' */ set_config(1)"],
  ['after a line comment that ends with a carriage return', "select -- '\r set_config(1)"],
  ['after a plain string with a backslash', String.raw`select '\', set_config(1)`],
  ['after an escape string with an escaped quote', String.raw`select E'\'', set_config(1)`],
  ['after an escape string over two lines', `select e'a' -- '\n '\\'', set_config(1)`],
  ['after a string with a doubled quote', `select '''', set_config(1)`],
  ['after a bit string', `select b'1', x'\\', set_config(1)`],
  ['after a dollar quote', "select $$'$$, set_config(1)"],
  ['after a dollar quote with a tag', "select $tag$ $$ ' $tag$, set_config(1)"],
  ['after a parameter beside a dollar quote', "select $1$$'$$, set_config(1)"],
  ['after a name with a dollar sign', "select a$b$, set_config('x$b$')"],
  ['after a quoted name with quotes', `select """", set_config(1)`],
  ['in a quoted name', 'select "set_config"(1)'],
  ['in capitals', 'SELECT SET_CONFIG(1)'],
  ['with a comment before the bracket', 'select set_config --\n (1)'],
  ['as a table', 'select * from set_config(1)'],
  ['inside other calls', 'select length(lower(set_config(1)))'],
  ['after an operator that ends in a comment', "select 1+--'\n set_config(1)"],
];

for (const [title, sql] of HIDDEN) {
  test(`finds a call ${title}`, () =>
    assert.match(refusal(sql) ?? 'let pass', /set_config\(\) may not be called/));
}

const IN_TEXT: readonly (readonly [title: string, sql: string])[] = [
  ['a nested comment', 'select /* /* */ set_config(1) */ 1'],
  ['an escape string', String.raw`select E'\' set_config(1) '`],
  ['a dollar quote', 'select $a$ set_config(1) $b$ set_config(1) $a$'],
  ['a continued escape string', `select e'a'\n'\\' set_config(1)'`],
  ['a quoted name', 'select 1 as "a "" set_config(1)"'],
];

for (const [title, sql] of IN_TEXT) {
  test(`sees no call inside ${title}`, () => assert.is(refusal(sql), undefined));
}

test('leaves unterminated text to PostgreSQL', () => {
  for (const sql of ["select 'a", 'select "a', 'select $$a', 'select /* a', "select e'\\"]) {
    assert.is(refusal(sql), undefined, sql);
  }
});

test('allows calls of pg_catalog and refuses those of any other schema', () => {
  assert.is(refusal('select pg_catalog.lower(a), "pg_catalog"."lower"(a) from demo.t'), undefined);
  assert.match(refusal('select demo . "f" (1)') ?? '', /"demo" is not pg_catalog/);
  assert.match(refusal('select 1 OPERATOR ( "Public" . + ) 2') ?? '', /"Public" is not pg_catalog/);
  assert.is(refusal('select 1 operator(pg_catalog.+) 2, a.b in (1) from demo.t a'), undefined);
});

test('reads ten thousand characters of anything quickly', () => {
  const began = performance.now();
  for (const piece of ['-', "'a'\n--", "e'", '/*', '$a', '"', "''\n", '(', "'a' --", '\n\n', "'--\n"]) {
    refusal(`select 'x'${piece.repeat(10_000 / piece.length)}`);
  }
  assert.ok(performance.now() - began < 10_000);
});

test.run();
