import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DatabaseUnreachable, SqlFailed } from '../../src/demo/database/database.js';
import { openEmbedded } from '../../src/demo/database/embedded.js';
import { openServer } from '../../src/demo/database/postgres.js';
import { readerName, readerPassword } from '../../src/demo/database/postgres-setup.js';
import { startPostgres } from '../support/postgres.js';
import { skipFile } from '../support/programs.js';
import { until } from '../support/until.js';
import { failure, fingerprint, LIMITS, registerEngine, SPIN } from './engine.js';

const server = await startPostgres();
if (server === undefined) skipFile('store/server', 'PostgreSQL is not installed here');

const test = suite('store/server');
const { url, port } = server;
const db = openServer({ url });
const READER = 'barewire_reader_postgres';
test.after(async () => {
  await db.close();
  await server.stop();
});

const as = (user: string, password: string) => `postgres://${user}:${password}@127.0.0.1:${port}/postgres`;

test('is set up by several replicas at once, and finds its rows the next time', async () => {
  const replicas = Array.from({ length: 4 }, () => openServer({ url }));
  await Promise.all(replicas.map((replica) => replica.ready()));
  for (const replica of replicas) {
    assert.equal((await replica.read('select count(*) from demo.orders', [], LIMITS)).rows, [['1500']]);
    await replica.close();
  }
});

registerEngine(test, () => db, READER);

test('answers every query as the embedded database does', async () => {
  const embedded = openEmbedded();
  try {
    const tables = [
      'customers',
      'products',
      'orders',
      'order_items',
      'employees',
      'services',
      'on_call',
      'projects',
    ];
    tables.push('issues', 'issue_comments', 'incidents', 'incident_events');
    for (const table of tables) {
      const sql = `select * from demo.${table} order by 1, 2 limit 1000`;
      assert.equal(await db.read(sql, [], LIMITS), await embedded.read(sql, [], LIMITS), table);
    }
    for (const sql of [
      `select table_name, column_name, data_type from information_schema.columns
        where table_schema = 'demo' order by table_name, ordinal_position`,
      `select obj_description('demo.issues'::regclass), col_description('demo.issues'::regclass, 1)`,
      'select status, avg(total_cents), percentile_cont(0.5) within group (order by total_cents) from demo.orders group by 1 order by 1',
      'select i, o from demo.incidents i join demo.on_call o using (service_id) order by i.id, o.id limit 5',
      'select array_agg(id), json_agg(name), range_agg(int4range(id, id + 2)) from demo.services',
    ]) {
      assert.equal(await db.read(sql, [], LIMITS), await embedded.read(sql, [], LIMITS), sql);
    }
  } finally {
    await embedded.close();
  }
});

test('gives the reader no way to write, not even past the checks', async () => {
  const before = await fingerprint(db);
  const reader = new pg.Client({ connectionString: as(READER, readerPassword('owner-secret', READER)) });
  reader.on('error', () => undefined);
  await reader.connect();
  for (const sql of [
    'begin read write; update demo.orders set status = status',
    'begin read write; delete from demo.order_items',
    'begin read write; create table demo.loot ()',
    'begin read write; create table public.loot ()',
    'set role postgres',
    'set session authorization postgres',
    `begin read write; alter role ${READER} superuser`,
    `begin read write; select nextval('demo.incident_events_id_seq')`,
    `copy (select 1) to program 'id'`,
    `select pg_read_file('PG_VERSION')`,
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'`,
    'select * from pg_authid',
  ]) {
    const error = await failure(reader.query(sql));
    assert.ok(error instanceof pg.DatabaseError && error.code === '42501', `${sql}: ${error}`);
    await reader.query('rollback');
  }
  await reader.end();
  assert.equal(await fingerprint(db), before);
});

test('leaves nothing in a session for the next reader', async () => {
  const one = openServer({ url, connections: 1 });
  try {
    const backend = async () => (await one.read('select pg_backend_pid()', [], LIMITS)).rows[0]?.[0];
    const first = await backend();
    // A lock of the session outlives the transaction; only a function of the schema's owner can take one here.
    await db.run(`create function demo.leak() returns void language sql as 'select pg_advisory_lock(5)'`, []);
    await one.read('select leak()', [], LIMITS);
    await db.run('drop function demo.leak', []);
    const locks = await db.run(`select count(*) from pg_locks where locktype = 'advisory'`, []);
    assert.equal(locks.rows, [['0']]);
    const settings = `select name, setting from pg_settings where source = 'session' or name in
      ('statement_timeout', 'TimeZone', 'search_path', 'default_transaction_read_only') order by 1`;
    const before = await one.read(settings, [], LIMITS);
    await failure(one.read('select 1 / 0', [], { deadlineMs: 123, maxRows: 1 }));
    assert.equal(await one.read(settings, [], LIMITS), before);
    assert.is(await backend(), first);
    assert.equal(
      (await one.read('select count(*) from pg_cursors where name <> all ($1)', ['{c,""}'], LIMITS)).rows,
      [['0']],
    );
  } finally {
    await one.close();
  }
});

test('gives nobody a connection that was left in a transaction', async () => {
  const one = openServer({ url, connections: 1 });
  const backend = async () => (await one.run('select pg_backend_pid()', [])).rows[0]?.[0];
  try {
    const first = await backend();
    assert.is(await backend(), first);
    await one.run('begin', []);
    assert.is.not(await backend(), first);
    const open = `select count(*) from pg_stat_activity where pid = $1 and state like 'idle in transaction%'`;
    assert.equal((await one.run(open, [first])).rows, [['0']]);
  } finally {
    await one.close();
  }
});

test('keeps its connection, and the reason, when a statement causes an error', async () => {
  const one = openServer({ url, connections: 1 });
  const backend = async () => (await one.read('select pg_backend_pid()', [], LIMITS)).rows[0]?.[0];
  try {
    const first = await backend();
    for (const [sql, params, state] of [
      ['select $1::int + $2::int', [1], '08P01'],
      ['select 1', [1], '08P01'],
      ['select 1 / 0', [], '22012'],
      ['select (select id from orders)', [], '21000'],
      ['select nope', [], '42703'],
      ['select 1 from nowhere', [], '42P01'],
      [`select xmlparse(document 'x')`, [], '2200M'],
      [`select ${Array.from({ length: 1665 }, (_, at) => at).join()}`, [], '54011'],
    ] as const) {
      const error = await failure(one.read(sql, params, LIMITS));
      assert.ok(error instanceof SqlFailed, `${sql.slice(0, 60)}: ${error}`);
      assert.is(error.sqlState, state, sql.slice(0, 60));
      assert.is(await backend(), first, sql.slice(0, 60));
    }
  } finally {
    await one.close();
  }
});

test('does not blame a statement for a login that the server refuses, whatever the state', async () => {
  await db.run(`create role outsider login password 'o'`, []);
  await db.run('grant usage on schema demo to outsider', []);
  await db.run('create database closed', []);
  await db.run('revoke connect on database closed from public', []);
  const closed = url.replace(/postgres$/, 'closed');
  const refused = openServer({ url: closed, readerUrl: as('outsider', 'o').replace(/postgres$/, 'closed') });
  try {
    // 42501, as for a table that one may not read.
    const error = await failure(refused.read('select 1', [], LIMITS));
    assert.instance(error, DatabaseUnreachable);
  } finally {
    await refused.close();
  }
});

/** The reader's state is not tracked; anyone who is in a transaction holds a lock on it. */
async function readers(): Promise<number> {
  const running = `select count(*) from pg_locks join pg_stat_activity using (pid)
    where usename = '${READER}' and locktype = 'virtualxid'`;
  return Number((await db.run(running, [])).rows[0]?.[0]);
}

test('ends the statement in the server too when its caller leaves', async () => {
  const leaving = new AbortController();
  const left = failure(db.read(SPIN, [], { ...LIMITS, signal: leaving.signal }));
  await until(async () => (await readers()) > 0, 'the statement runs');
  leaving.abort();
  await left;
  assert.is(await readers(), 0);
});

test('ends one of our own statements when its caller leaves', async () => {
  const leaving = new AbortController();
  const left = failure(db.run('select pg_sleep(61)', [], { signal: leaving.signal }));
  const sleeping = `select count(*) from pg_stat_activity where query like 'select pg_sleep(61%' and state = 'active'`;
  await until(async () => (await db.run(sleeping, [])).rows[0]?.[0] === '1', 'the statement runs');
  leaving.abort(new Error('gone'));
  assert.match(String(await left), /gone/);
});

test('takes a reader that somebody else made, unless it may do more than read', async () => {
  await db.run(`create role watcher login password 'w'`, []);
  await db.run(`create role writer login password 'w'`, []);
  await db.run('grant usage on schema demo to writer', []);
  await db.run('grant update on demo.orders to writer', []);
  const watcher = openServer({ url, readerUrl: as('watcher', 'w') });
  assert.equal((await watcher.read('select current_user', [], LIMITS)).rows, [['watcher']]);
  await watcher.close();
  for (const [reader, reason] of [
    [as('writer', 'w'), /"writer" may do more than read/],
    [url, /"postgres" may do more than read/],
    [as('nobody', 'x'), /"nobody" does not exist/],
  ] as const) {
    const refused = openServer({ url, readerUrl: reader });
    const error = await failure(refused.ready());
    assert.ok(error instanceof DatabaseUnreachable);
    assert.match(error.message, reason);
    await refused.close();
  }
});

test('says so when the owner may not make the reader', async () => {
  await db.run(`create role plain login password 'p'`, []);
  await db.run('create database plain owner plain', []);
  const plain = openServer({ url: `postgres://plain:p@127.0.0.1:${port}/plain` });
  const error = await failure(plain.ready());
  assert.ok(error instanceof DatabaseUnreachable);
  assert.match(error.message, /may not create roles.*DATABASE_READER_URL/);
  await plain.close();
});

test('leaves a schema of the same name alone that is not its own', async () => {
  await db.run('create database other', []);
  const other = new pg.Client({ connectionString: url.replace(/postgres$/, 'other') });
  await other.connect();
  await other.query('create schema demo; create table demo.mine ()');
  await other.end();
  const refused = openServer({ url: url.replace(/postgres$/, 'other') });
  assert.match(String(await failure(refused.ready())), /holds something other than the demo data/);
  await refused.close();
});

test('gives each database of a cluster a reader of its own, whatever the name', async () => {
  const names = ['twin', `it's "${'ü'.repeat(25)}"`];
  for (const name of names) {
    await db.run(`create database ${pg.escapeIdentifier(name)}`, []);
    const twin = openServer({ url: `${url.replace(/postgres$/, '')}${encodeURIComponent(name)}` });
    const { rows } = await twin.read('select current_user', [], LIMITS);
    assert.equal(rows, [[readerName(name)]]);
    await twin.close();
  }
  assert.equal(new Set([READER, ...names.map(readerName)]).size, 3);
  assert.ok(names.every((name) => Buffer.byteLength(readerName(name)) <= 63));
  await db.ready();
});

test('is set up again when the schema or the reader disappears while it runs', async () => {
  const count = async () => (await db.read('select count(*) from demo.orders', [], LIMITS)).rows;
  await db.run('drop schema demo cascade', []);
  await db.ready();
  assert.equal(await count(), [['1500']]);
  await db.run('drop schema demo cascade', []);
  assert.instance(await failure(db.run('select count(*) from demo.orders', [])), SqlFailed);
  assert.equal(await count(), [['1500']]);
  await db.run(`alter role ${READER} password 'other'`, []);
  await db.run(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${READER}'`, []);
  const sessions = `select count(*) from pg_stat_activity where usename = '${READER}'`;
  await until(async () => (await db.run(sessions, [])).rows[0]?.[0] === '0', 'the sessions have ended');
  assert.instance(await failure(count()), DatabaseUnreachable);
  // The pool may have used a connection whose end it had not seen yet, and only the next one gets the wrong password.
  const isBack = async () => (await count().catch(() => [])).flat()[0] === '1500';
  await until(isBack, 'the reader is set up again');
});

test('answers a probe within 5 s while somebody else holds the set-up, and shares one among many', async () => {
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await holder.query('select pg_advisory_lock(7226191135)');
  const waiting = openServer({ url });
  try {
    const began = performance.now();
    const errors = await Promise.all(Array.from({ length: 5 }, () => failure(waiting.ready())));
    assert.ok(performance.now() - began < 6000);
    for (const error of errors) assert.match(String(error), /did not answer within 5 s/);
    const asking = `select count(*) from pg_stat_activity where query like '%pg_advisory_xact_lock($1%' and state = 'active' and pid <> pg_backend_pid()`;
    assert.equal((await db.run(asking, [])).rows, [['1']]);
  } finally {
    await holder.end();
  }
  await waiting.ready();
  await waiting.close();
});

test('says that a lost server is lost, and recovers by itself', async () => {
  await db.ready();
  const sleeping = failure(db.read(SPIN, [], { deadlineMs: 60_000, maxRows: 1 }));
  await until(async () => (await readers()) > 0, 'the statement runs');
  await server.halt();
  assert.instance(await sleeping, DatabaseUnreachable);
  const lost = [db.read('select 1', [], LIMITS), db.run('select 1', []), db.ready()];
  for (const error of await Promise.all(lost.map(failure))) assert.instance(error, DatabaseUnreachable);
  await server.start();
  await db.ready();
  assert.equal((await db.read('select count(*) from demo.orders', [], LIMITS)).rows, [['1500']]);
});

test('does not take a wrong password for a lost statement', async () => {
  const wrong = openServer({ url: as('postgres', 'wrong') });
  const error = await failure(wrong.ready());
  assert.ok(error instanceof DatabaseUnreachable && !(error instanceof SqlFailed));
  assert.not.match(error.message, /wrong|127\.0\.0\.1/);
  await wrong.close();
});

test.run();
