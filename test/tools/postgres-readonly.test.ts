import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/demo/database/database.js';
import { postgresReadonly } from '../../src/demo/tools/postgres-readonly.js';
import { withPublicErrors } from '../../src/demo/tools/public-database-errors.js';
import type { Tool } from '../../src/wire/mcp/definitions.js';
import { SPIN } from '../store/engine.js';
import { call, misfit, refusal } from './call.js';
import { openDemo } from './demo.js';

const test = suite('tools/postgres-readonly');
let db: Database;
let close: () => Promise<void>;
test.before(async () => {
  ({ db, close } = await openDemo());
});
test.after(() => close());

const tool = (limits: { deadlineMs?: number; maxRows?: number } = {}) =>
  postgresReadonly(
    withPublicErrors(db, () => undefined),
    { deadlineMs: 5000, maxRows: 1000, ...limits },
  );

test('answers a query with columns and rows', async () => {
  const sql = 'select name, tier from demo.services where tier = $1 and name like $2 order by name';
  assert.equal(await call(tool(), { sql, params: [1, 's%'] }), {
    columns: [
      { name: 'name', type: 'text' },
      { name: 'tier', type: 'integer' },
    ],
    rows: [['storefront', 1]],
    rowCount: 1,
    truncated: false,
  });
});

test('takes its turns at the database for the tenant of its issuer', async () => {
  const asked: (string | undefined)[] = [];
  const watched: Database = {
    ...db,
    read(sql, params, limits) {
      asked.push(limits.tenantKey);
      return db.read(sql, params, limits);
    },
  };
  const read = postgresReadonly(
    withPublicErrors(watched, () => undefined),
    { deadlineMs: 5000, maxRows: 1000 },
  );
  const handler: Tool['handler'] = async (args, context) =>
    read.handler(args, Object.assign(context, { tenant: 'acme', tenantKey: 'acme of one issuer' }));
  await call({ ...read, handler }, { sql: 'select 1' });
  assert.equal(asked, ['acme of one issuer']);
});

test('says that it cut the answer off', async () => {
  assert.equal(await call(tool({ maxRows: 2 }), { sql: 'select * from generate_series(1, 3)' }), {
    columns: [{ name: 'generate_series', type: 'integer' }],
    rows: [[1], [2]],
    rowCount: 2,
    truncated: true,
    notice: 'only the first 2 rows are here; narrow the statement or page with LIMIT and OFFSET',
  });
});

test('gives the reason of a refusal', async () => {
  assert.is(
    await refusal(tool(), { sql: 'delete from demo.orders' }),
    'refused: the statement starts with DELETE; only SELECT, VALUES, TABLE and WITH ... SELECT may run here',
  );
});

test('gives the message of PostgreSQL with SQLSTATE, position and the word there', async () => {
  for (const [sql, said] of [
    [
      `select '\u{1f600}', nme from demo.orders`,
      'PostgreSQL says: column "nme" does not exist (SQLSTATE 42703), at character 13: nme',
    ],
    ['select (1', 'PostgreSQL says: syntax error at end of input (SQLSTATE 42601), at character 10, the end'],
    ['select 1 / 0', 'PostgreSQL says: division by zero (SQLSTATE 22012)'],
    ['table pg_authid', 'PostgreSQL says: permission denied for table pg_authid (SQLSTATE 42501)'],
  ] as const) {
    assert.is(await refusal(tool(), { sql }), said);
  }
});

test('says that a statement ran too long', async () => {
  const said = await refusal(tool({ deadlineMs: 200 }), { sql: SPIN });
  assert.is(said, 'the statement ran longer than 200 ms and was ended');
});

test('distinguishes waiting for its turn from running, in values that grow', async () => {
  const waiting = db.run('select pg_sleep(1.2)', []);
  const told: { value: number; total: number | undefined; message: string | undefined }[] = [];
  const signal = new AbortController().signal;
  const spinning = call(tool({ deadlineMs: 1200 }), { sql: SPIN }, signal, (value, total, message) =>
    told.push({ value, total, message }),
  );
  await Promise.all([waiting, spinning.catch(() => undefined)]);
  const [first] = told;
  const last = told.at(-1);
  assert.equal(first, { value: 500, total: undefined, message: 'waiting for its turn: 0.5 s' });
  assert.match(last?.message ?? '', /^running: (0\.5|1) s of at most 1\.2 s$/);
  for (const [at, { value, total }] of told.entries()) {
    assert.ok(value > (told[at - 1]?.value ?? 0));
    assert.ok(total === undefined || value <= total);
  }
});

test('passes the reason on when the caller leaves', async () => {
  const leaving = new AbortController();
  const reason = new Error('gone');
  const left = await call(tool(), { sql: SPIN }, leaving.signal, () => leaving.abort(reason)).catch(
    (error: unknown) => error,
  );
  assert.is(left, reason);
});

test('checks its arguments', () => {
  assert.is(misfit(tool(), { sql: '' }), '/sql');
  assert.is(misfit(tool(), { sql: 'x'.repeat(10_001) }), '/sql');
  assert.is(misfit(tool(), { sql: 'x'.repeat(10_000), params: Array(100).fill(null) }), undefined);
  assert.is(misfit(tool(), { sql: 'x', params: Array(101).fill(1) }), '/params');
  assert.is(misfit(tool(), { sql: 'x', params: [[1]] }), '/params/0');
  assert.is(misfit(tool(), { sql: 'x', database: 'other' }) === undefined, false);
});

test('is described as a tool that only reads', () => {
  const { name, scope, destructive, annotations } = tool();
  assert.equal([name, scope, destructive], ['postgres.readonly', 'postgres:query:readonly', false]);
  assert.equal([annotations?.readOnlyHint, annotations?.destructiveHint], [true, false]);
});

test.run();
