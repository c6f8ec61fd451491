import { execFileSync } from 'node:child_process';

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Database,
  DatabaseUnreachable,
  SqlDeadline,
  SqlFailed,
} from '../../src/demo/database/database.js';
import { openEmbedded } from '../../src/demo/database/embedded.js';

import { LOADER, modulePath } from '../support/script.js';
import { failure, inTheMidst, LIMITS, registerEngine, SPIN } from './engine.js';

const test = suite('store/embedded');
// On a busy machine a statement takes longer to stop.
const db = openEmbedded({ graceMs: 60_000 });
test.after(() => db.close());

registerEngine(test, () => db, 'barewire_reader');

const asReader = async (sql: string): Promise<unknown> => {
  await db.run('begin', []);
  try {
    await db.run('set local session authorization barewire_reader', []);
    return await failure(db.run(sql, []));
  } finally {
    await db.run('rollback', []);
  }
};

test('withholds from the reader itself what the check of names refuses', async () => {
  for (const call of [
    `set_config('session_authorization', 'postgres', false)`,
    `lo_creat(-1)`,
    `lo_from_bytea(0, 'x')`,
    'pg_advisory_lock(1)',
    `query_to_xml('select 1', true, true, '')`,
    `nextval('demo.incident_events_id_seq')`,
    `pg_read_file('PG_VERSION')`,
    'setseed(0)',
    `pg_notify('a', 'b')`,
  ]) {
    const error = await asReader(`select ${call}`);
    assert.ok(error instanceof SqlFailed, call);
    assert.is(error.sqlState, '42501', call);
  }
  for (const sql of [
    'update demo.orders set status = status',
    'create table demo.x ()',
    'create table public.x ()',
  ]) {
    const error = await asReader(sql);
    assert.ok(error instanceof SqlFailed && error.sqlState === '42501', sql);
  }
});

test('forgets a waiting statement whose caller leaves, and runs the others in order', async () => {
  const leaving = new AbortController();
  const done: string[] = [];
  const slow = db.run('select pg_sleep(0.5)', []).then(() => done.push('slow'));
  const left = failure(db.read('select 1', [], { ...LIMITS, signal: leaving.signal })).then(() =>
    done.push('left'),
  );
  const next = db.read('select 2', [], LIMITS).then(() => done.push('next'));
  leaving.abort();
  await Promise.all([slow, left, next]);
  assert.equal(done, ['left', 'slow', 'next']);
});

test('lets our own statements go ahead of those that wait', async () => {
  const done: string[] = [];
  const slow = db.run('select pg_sleep(0.3)', []).then(() => done.push('slow'));
  const reads = [1, 2, 3].map(() => db.read('select 1', [], LIMITS).then(() => done.push('read')));
  const own = db.run('select 1', []).then(() => done.push('own'));
  await Promise.all([slow, ...reads, own]);
  assert.equal(done, ['slow', 'own', 'read', 'read', 'read']);
});

test('counts the deadline of a statement from its own turn', async () => {
  const slow = db.run('select pg_sleep(0.6)', []);
  const next = db.read('select 7', [], { deadlineMs: 500, maxRows: 1 });
  assert.equal((await next).rows, [[7]]);
  await slow;
});

test('lets waiting statements go on after the thread was ended', async () => {
  const spinning = failure(db.read(SPIN, [], { deadlineMs: 200, maxRows: 1 }));
  const next = db.read('select 8', [], LIMITS);
  assert.match(String(await spinning), /longer than 200 ms/);
  assert.equal((await next).rows, [[8]]);
});

test('cancels a statement at its deadline, or when its caller leaves, without opening the database again', async () => {
  await db.run(`set application_name = 'same session'`, []);
  const session = async () => (await db.run(`select current_setting('application_name')`, [])).rows[0]?.[0];
  for (const sql of [
    SPIN,
    'select sum(a.id * b.id * c.id) from demo.orders a, demo.orders b, demo.orders c',
    'select array_agg(x order by x desc) from generate_series(1, 30000000) x',
    'select factorial(30000)',
  ]) {
    assert.instance(await failure(db.read(sql, [], { deadlineMs: 100, maxRows: 1 })), SqlDeadline, sql);
    const leaving = new AbortController();
    const onStart = () => inTheMidst(() => leaving.abort(new Error('gone')));
    const left = await failure(db.read(sql, [], { ...LIMITS, signal: leaving.signal, onStart }));
    assert.match(String(left), /gone/, sql);
    assert.is(await session(), 'same session', sql);
  }
});

test('never lets a cancel hit the next statement, whenever it arrives', async () => {
  await db.run(`set application_name = 'still the same'`, []);
  for (let round = 0; round < 60; round++) {
    const leaving = new AbortController();
    const onStart = () => inTheMidst(() => leaving.abort(), (round % 6) / 2);
    const sql = 'select count(*) from generate_series(1, 3000)';
    await db.read(sql, [], { ...LIMITS, signal: leaving.signal, onStart }).catch(() => undefined);
    assert.equal((await db.read('select 1', [], LIMITS)).rows, [[1]]);
  }
  const { rows } = await db.run(`select current_setting('application_name')`, []);
  assert.equal(rows, [['still the same']]);
});

test('draws random numbers', async () => {
  const { rows } = await db.read(
    'select gen_random_uuid() <> gen_random_uuid(), random() between 0 and 1',
    [],
    LIMITS,
  );
  assert.equal(rows, [[true, true]]);
});

test('gives each opened database its own rows', async () => {
  const other = openEmbedded();
  try {
    await other.run(`update demo.products set name = 'changed'`, []);
    const names = (from: Database) =>
      from.read(`select count(*) from demo.products where name = 'changed'`, [], LIMITS);
    assert.equal((await names(other)).rows, [['60']]);
    assert.equal((await names(db)).rows, [['0']]);
  } finally {
    await other.close();
  }
});

test('is not ready while the statements of readers fail, and ready again when they work', async () => {
  const other = openEmbedded();
  try {
    await other.ready();
    await other.run('alter table demo.incident_events rename to elsewhere', []);
    const error = await failure(other.ready());
    assert.ok(error instanceof SqlFailed && error.sqlState === '42P01', String(error));
    await other.run('alter table demo.elsewhere rename to incident_events', []);
    await other.ready();
  } finally {
    await other.close();
  }
});

test('leaves no transaction open after a statement of its own failed in one', async () => {
  await db.run('begin', []);
  assert.instance(await failure(db.run('select 1 / 0', [])), SqlFailed);
  assert.equal((await db.run('select 1', [])).rows, [[1]]);
});

test('answers nothing after close(), and leaves no directory behind', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'barewire-close-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  const left = () => readdirSync(temporary).filter((name) => name.startsWith('barewire-'));
  try {
    const other = openEmbedded();
    await other.ready();
    assert.is(left().length, 1);
    await other.close();
    assert.equal(left(), []);
    assert.instance(await failure(other.ready()), DatabaseUnreachable);
    assert.instance(await failure(other.read('select 1', [], LIMITS)), DatabaseUnreachable);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(temporary, { recursive: true });
  }
});

test('lets a process end that did not close it, and leaves no directory behind', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'barewire-exit-'));
  const module = pathToFileURL(modulePath('src/demo/database/embedded.ts'));
  const script = `import { openEmbedded } from '${module}';
    const { rows } = await openEmbedded().read('select 42', [], { deadlineMs: 5000, maxRows: 1 });
    console.log(rows[0][0]);`;
  try {
    const options = {
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, TMPDIR: temporary },
    } as const;
    const program = join(temporary, 'program.mjs');
    writeFileSync(program, script);
    assert.is(execFileSync(process.execPath, [...LOADER, program], options), '42\n');
    assert.equal(
      readdirSync(temporary).filter((name) => name.startsWith('barewire-')),
      [],
    );
  } finally {
    rmSync(temporary, { recursive: true });
  }
});

test.run();
