/** What both engines promise: the same tests are registered for the embedded database and for a server. */

import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Database,
  DatabaseBusy,
  SqlDeadline,
  SqlFailed,
  SqlRefused,
} from '../../src/demo/database/database.js';
import { until } from '../support/until.js';
import { ATTACKS, HARMLESS } from './attacks.js';

/** No test is about this deadline: it is long enough for a busy machine. */
export const LIMITS = { deadlineMs: 60_000, maxRows: 1000 };

/** Runs until it is ended, and is answered by nobody before. */
export const SPIN =
  'with recursive r (n) as (select 1 union all select n % 9 + 1 from r) select count(*) from r';

/**
 * Nothing tells what a statement does between its start and its end. So this is a time, and only how often it is in the midst depends on
 * it.
 */
export function inTheMidst(run: () => void, ms = 50): void {
  setTimeout(run, ms);
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** Everything a statement could have changed. */
export async function fingerprint(db: Database): Promise<unknown[]> {
  const tables = await db.run(
    `select oid::regclass::text from pg_class where relnamespace = 'demo'::regnamespace
    and relkind in ('r', 'S') order by 1`,
    [],
  );
  const sums: unknown[] = [tables.rows];
  for (const [table] of tables.rows) {
    const sum = await db.run(
      `select md5(string_agg(row(t.*)::text, '|' order by row(t.*)::text)) from demo.${table} t`,
      [],
    );
    sums.push(sum.rows[0]?.[0]);
  }
  const rest = await db.run(
    `select (select count(*) from pg_largeobject_metadata),
      (select count(*) from pg_locks where locktype = 'advisory'),
      (select count(*) from pg_class), (select count(*) from pg_proc),
      (select string_agg(r::text, '|' order by oid) from pg_roles r),
      (select string_agg(nspacl::text, '|' order by oid) from pg_namespace),
      current_user, session_user, current_setting('transaction_read_only')`,
    [],
  );
  return [...sums, ...rest.rows];
}

export function registerEngine(test: Test, database: () => Database, reader: string): void {
  const read = (sql: string, params: unknown[] = []) => database().read(sql, params, LIMITS);
  const cell = async (sql: string, params: unknown[] = []) => (await read(sql, params)).rows[0]?.[0];

  test('refuses every attack with its reason and changes nothing', async () => {
    const before = await fingerprint(database());
    for (const [title, sql, refused] of ATTACKS) {
      const error = await failure(read(sql));
      assert.ok(error instanceof SqlRefused || error instanceof SqlFailed, `${title}: ${error}`);
      assert.match(error.message, refused, title);
    }
    assert.equal(await fingerprint(database()), before);
  });

  test('answers statements that only look like attacks', async () => {
    for (const [title, sql, first] of HARMLESS) assert.is(await cell(sql), first, title);
  });

  test('runs the statement as the reader, in a read-only transaction', async () => {
    const { rows } = await read(`select current_user, session_user, current_setting('transaction_read_only'),
      has_table_privilege('demo.orders', 'insert, update, delete, truncate, references, trigger')`);
    assert.equal(rows, [[reader, reader, 'on', false]]);
  });

  test('names columns and types, and gives values as JSON or as PostgreSQL prints them', async () => {
    const result = await read(`select true as b, 1::smallint as s, 2 as i, 3::bigint as l, 1.50::numeric as n,
      0.1::real as r, 0.25::float8 as d, 'NaN'::float8 as nan, 'x'::text as t, null::text as nothing,
      '{"a": [1, null]}'::json as j, '[true]'::jsonb as jb, array['a', null, 'b,c'] as a, '\\x00ff'::bytea as y,
      timestamptz '2026-01-02 03:04:05.5+01' as z, date '2026-01-02' as day, interval '1 day 2 hours' as v,
      'c'::char(3) as c, '00000000-0000-0000-0000-000000000001'::uuid as u, 1 as i`);
    assert.equal(result.rows, [
      [
        true,
        1,
        2,
        '3',
        '1.50',
        0.1,
        0.25,
        'NaN',
        'x',
        null,
        { a: [1, null] },
        [true],
        '{a,NULL,"b,c"}',
        '\\x00ff',
        '2026-01-02 02:04:05.5+00',
        '2026-01-02',
        '1 day 02:00:00',
        'c  ',
        '00000000-0000-0000-0000-000000000001',
        1,
      ],
    ]);
    assert.equal(
      result.columns.map(({ name, type }) => `${name} ${type}`),
      [
        'b boolean',
        's smallint',
        'i integer',
        'l bigint',
        'n numeric',
        'r real',
        'd double precision',
        'nan double precision',
        't text',
        'nothing text',
        'j json',
        'jb jsonb',
        'a text[]',
        'y bytea',
        'z timestamp with time zone',
        'day date',
        'v interval',
        'c character',
        'u uuid',
        'i integer',
      ],
    );
    assert.is(result.truncated, false);
  });

  test('gives the shape of an answer without rows', async () => {
    const { columns, rows } = await read('select id, labels from demo.issues i join demo.products on false');
    assert.equal(
      columns.map(({ type }) => type),
      ['integer', 'text[]'],
    );
    assert.equal(rows, []);
  });

  test('keeps JSON that is nested deeper than 64 levels as text', async () => {
    assert.type(await cell(`select (repeat('[', 64) || repeat(']', 64))::json`), 'object');
    assert.is(
      await cell(`select (repeat('[', 65) || repeat(']', 65))::json`),
      '['.repeat(65) + ']'.repeat(65),
    );
    assert.equal(await cell(`select ('["' || repeat('[', 99) || '\\""]')::json`), [`${'['.repeat(99)}"`]);
  });

  test('keeps every digit of numbers in json and jsonb, as text where a double cannot hold them', async () => {
    const { rows } =
      await read(`select to_json(9007199254740993::int8), '1e400'::json, '-1e400'::json, '1e-400'::json,
      jsonb '12345678901234567890', json '{"a": [9007199254740993, 0.1, {"12345678901234567890": 1.0}], "b": -0.5e3}',
      jsonb '[0.10000000000000001, 123456789.123456789, 1e22, 100000000000000000000000, 18446744073709551616]',
      json '["9007199254740993", "\\" 9007199254740993", "\\\\", 9007199254740993]', json ' 9007199254740993 ',
      to_json(array[9007199254740993]), json_build_object('n', 1e30::numeric + 0.5)`);
    assert.equal(rows, [
      [
        '9007199254740993',
        '1e400',
        '-1e400',
        '1e-400',
        '12345678901234567890',
        { a: ['9007199254740993', 0.1, { '12345678901234567890': 1 }], b: -500 },
        ['0.10000000000000001', '123456789.123456789', 1e22, 1e23, '18446744073709551616'],
        ['9007199254740993', '" 9007199254740993', '\\', '9007199254740993'],
        '9007199254740993',
        ['9007199254740993'],
        { n: '1000000000000000000000000000000.5' },
      ],
    ]);
    assert.equal((await read('select array[9007199254740993], array[1.50::numeric, null]')).rows, [
      ['{9007199254740993}', '{1.50,NULL}'],
    ]);
  });

  test('takes strings, numbers, booleans, null and JSON as parameters', async () => {
    const { rows } = await read(
      'select $1, $2::int + 1, $3::bool, $4::int is null, $5::jsonb -> 0, $6::float8',
      [`it's; --`, 41, true, null, [{ a: 1 }], 1e21],
    );
    assert.equal(rows, [[`it's; --`, 42, true, true, { a: 1 }, 1e21]]);
  });

  test('points at the character of the text that was sent', async () => {
    const error = await failure(read(`select '\u{1f600}', nope from demo.orders`));
    assert.ok(error instanceof SqlFailed);
    assert.equal([error.sqlState, error.position], ['42703', 13]);
    assert.is((await failure(read('select 1 +'))) instanceof SqlFailed, true);
  });

  test('clips an error message that repeats a long value', async () => {
    const error = await failure(read(`select repeat('y', 100000)::int`));
    assert.ok(error instanceof SqlFailed);
    assert.ok(error.message.length < 1100 && error.sqlState === '22P02');
  });

  test('reports when the turn of a statement has come, once', async () => {
    let notices = 0;
    const onStart = () => {
      notices++;
    };
    await database().read('select 1', [], { ...LIMITS, onStart });
    assert.is(notices, 1);
    await failure(database().read('delete from demo.orders', [], { ...LIMITS, onStart }));
    assert.is(notices, 1);
  });

  test('is ready, says who waits in vain, and lets our own statements go ahead, while spinning ones wait', async () => {
    const leaving: AbortController[] = [];
    const spin = () => {
      const one = new AbortController();
      leaving.push(one);
      const limits = { deadlineMs: 60_000, maxRows: 1, signal: one.signal, onStart: () => void started++ };
      return failure(database().read(SPIN, [], limits));
    };
    let started = 0;
    const spinning = Array.from({ length: 4 + 32 }, spin);
    await until(() => started > 0, 'a statement runs');
    const began = performance.now();
    await database().ready();
    assert.ok(performance.now() - began < 2000);
    const busy = await spin();
    assert.ok(busy instanceof DatabaseBusy);
    assert.match(busy.message, /^the database is busy: \d statements? (is|are) running and 32 waiting$/);
    for (const one of leaving) one.abort();
    await Promise.all(spinning);
    assert.is(await cell('select 1'), 1);
  });

  test('answers another tenant after one slow statement at most, and refuses what exceeds a share', async () => {
    const leaving: AbortController[] = [];
    const spin = () => {
      const one = new AbortController();
      leaving.push(one);
      const slow = { deadlineMs: 3000, maxRows: 1, tenantKey: 'hog', signal: one.signal };
      return failure(database().read(SPIN, [], slow));
    };
    const spinning = Array.from({ length: 4 + 32 + 1 }, spin);
    const busy = await Promise.race(spinning);
    assert.instance(busy, DatabaseBusy);
    assert.match(String(busy), /\d statements? of your tenant (is|are) running and 32 waiting$/);
    for (let round = 1; round <= 2; round++) {
      const began = performance.now();
      const mine = database().read('select 1', [], { ...LIMITS, tenantKey: 'guest' });
      const ours = database().run('select 2', [], { tenantKey: 'guest' });
      assert.equal([(await mine).rows, (await ours).rows], [[[1]], [[2]]]);
      const took = performance.now() - began;
      assert.ok(took < 8000, `round ${round} took ${took} ms`);
    }
    for (const one of leaving) one.abort();
    await Promise.all(spinning);
  });

  test('says that it cut off an answer after the row limit, and only then', async () => {
    const limits = { deadlineMs: 5000, maxRows: 3 };
    const four = await database().read('select * from generate_series(1, 4)', [], limits);
    assert.equal([four.rows, four.truncated], [[[1], [2], [3]], true]);
    const three = await database().read('select * from generate_series(1, 3)', [], limits);
    assert.equal([three.rows.length, three.truncated], [3, false]);
  });

  test('cuts off an answer after 4 MiB', async () => {
    const { rows, truncated } = await read(`select repeat('x', 1000000) from generate_series(1, 100)`);
    assert.equal([rows.length, truncated], [4, true]);
    assert.is(await cell('select 1'), 1);
  });

  test('refuses an answer of which the first row is over 4 MiB', async () => {
    const error = await failure(read(`select repeat('x', 50000000)`));
    assert.ok(error instanceof SqlRefused);
    assert.match(error.message, /one row of the answer is larger/);
    assert.is(await cell('select 1'), 1);
  });

  test('ends a spinning statement at its deadline while other work goes on, and answers the next', async () => {
    let longest = 0;
    let last = performance.now();
    const ticks = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    for (const sql of [
      SPIN,
      'select sum(a.id * b.id * c.id) from demo.orders a, demo.orders b, demo.orders c',
    ]) {
      const began = performance.now();
      const error = await failure(database().read(sql, [], { deadlineMs: 1_500, maxRows: 10 }));
      const took = performance.now() - began;
      assert.ok(error instanceof SqlDeadline, sql);
      assert.ok(took > 1_400 && took < 15_000, `${sql} took ${took} ms`);
      assert.is(await cell('select 1'), 1);
    }
    clearInterval(ticks);
    assert.ok(longest > 0 && longest < 1_200, `the event loop stood still for ${longest} ms`);
  });

  test('lets go of a statement whose caller leaves, with the reason of the signal', async () => {
    const leaving = new AbortController();
    const reason = new Error('gone');
    const onStart = () => inTheMidst(() => leaving.abort(reason));
    const running = failure(database().read(SPIN, [], { ...LIMITS, signal: leaving.signal, onStart }));
    assert.is(await running, reason);
    const never = await failure(database().read('select 1', [], { ...LIMITS, signal: leaving.signal }));
    assert.is(never, reason);
    assert.is(await cell('select 1'), 1);
  });

  test('survives endlessly nested statements', async () => {
    await read(`select ${'not '.repeat(2400)}true`);
    await failure(read(`select (repeat('[', 100000) || repeat(']', 100000))::jsonb`));
    await failure(read(`select ('$' || repeat('.a', 50000))::jsonpath`));
    assert.is(await cell('select 1'), 1);
  });

  test('answers the next statement after one that filled its share of temporary files', async () => {
    const filling = `select repeat('x', 1000000) from generate_series(1, 1000)`;
    for (let round = 1; round <= 2; round++) {
      // A gigabyte takes a busy machine a while.
      const error = await failure(database().read(filling, [], { deadlineMs: 30_000, maxRows: 1000 }));
      assert.ok(error instanceof SqlFailed && error.sqlState === '53400', String(error));
      assert.is(await cell('select 1'), 1, `round ${round}`);
      await database().ready();
    }
  });

  test('commits what run() writes, and keeps it when a later statement is ended', async () => {
    const db = database();
    const written = await db.run(
      `insert into demo.incident_events (incident_id, at, kind, detail) values ($1, now(), 'note', $2) returning id`,
      ['INC-1001', 'kept'],
    );
    const id = written.rows[0]?.[0];
    assert.type(id, 'number');
    await failure(db.read(SPIN, [], { deadlineMs: 100, maxRows: 1 }));
    assert.is(await cell('select detail from demo.incident_events where id = $1', [id]), 'kept');
    const gone = await db.run('delete from demo.incident_events where id = $1 returning detail', [id]);
    assert.equal(gone.rows, [['kept']]);
  });

  test('runs many statements at once', async () => {
    const numbers = Array.from({ length: 20 }, (_, at) => at);
    assert.equal(await Promise.all(numbers.map((at) => cell('select $1::int', [at]))), numbers);
  });
}
