/** What one tenant can learn of another's statements, on a PostgreSQL server that tracks as much as possible. */
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SqlRefused } from '../../src/demo/database/database.js';
import { openEmbedded } from '../../src/demo/database/embedded.js';
import { openServer } from '../../src/demo/database/postgres.js';
import { readerName, readerPassword } from '../../src/demo/database/postgres-setup.js';
import { startPostgres } from '../support/postgres.js';
import { skipFile } from '../support/programs.js';
import { failure, LIMITS } from './engine.js';

const server = await startPostgres([
  'shared_preload_libraries=pg_stat_statements',
  'pg_stat_statements.track=all',
  'track_activity_query_size=10000',
]);
if (server === undefined) skipFile('store/other-tenants', 'PostgreSQL is not installed here');

const test = suite('store/other-tenants');
const { url, port } = server;
const READER = readerName('postgres');
const db = openServer({ url });
const owner = new pg.Client({ connectionString: url });
const reader = new pg.Client({
  connectionString: `postgres://${READER}:${readerPassword('owner-secret', READER)}@127.0.0.1:${port}/postgres`,
});
test.before(async () => {
  await db.ready();
  await owner.connect();
  await owner.query('CREATE EXTENSION pg_stat_statements');
  await reader.connect();
});
test.after(async () => {
  await reader.end();
  await owner.end();
  await db.close();
  await server.stop();
});

const SECRET = 'acme-buys-globex';
/** Constants are evaluated during planning; meanwhile PostgreSQL shows the whole text. */
const STATEMENT = `select '${SECRET}', md5(repeat('a', 200000000))`;

test('one tenant sees no statement of another, neither while it runs nor after', async () => {
  let running = true;
  const reading = db.read(STATEMENT, [], { ...LIMITS, tenantKey: 'acme' }).finally(() => {
    running = false;
  });
  const seen: string[] = [];
  let looks = 0;
  while (running) {
    const { rows } = await reader.query<{ query: string }>(
      `SELECT query FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()
       UNION ALL SELECT pg_stat_get_backend_activity(n) FROM pg_stat_get_backend_idset() n
       UNION ALL SELECT query FROM public.pg_stat_statements`,
    );
    seen.push(...rows.map(({ query }) => query).filter((query) => query?.includes('md5')));
    looks += 1;
  }
  assert.is((await reading).rows[0]?.[0], SECRET);
  assert.ok(looks > 2, 'somebody looked while it ran');
  const { rows } = await reader.query<{ query: string }>('SELECT query FROM public.pg_stat_statements');
  const leaks = [...seen, ...rows.map(({ query }) => query)].filter((query) => query.includes(SECRET));
  assert.equal(leaks, []);
});

test('a set-up of an earlier version stops tracking its reader at the next start', async () => {
  await owner.query(`ALTER ROLE ${READER} RESET track_activities`);
  await owner.query(`ALTER ROLE ${READER} RESET pg_stat_statements.track`);
  const next = openServer({ url });
  try {
    const setting = async (name: string): Promise<unknown> =>
      (await next.read('select current_setting($1)', [name], LIMITS)).rows[0]?.[0];
    assert.equal(
      [await setting('track_activities'), await setting('pg_stat_statements.track')],
      ['off', 'none'],
    );
  } finally {
    await next.close();
  }
});

test('an owner who is no superuser gets the same reader, and what would show statements is refused', async () => {
  await owner.query(`CREATE ROLE modest LOGIN CREATEROLE PASSWORD 'modest-secret'`);
  await owner.query('CREATE DATABASE modest OWNER modest');
  const modest = openServer({ url: `postgres://modest:modest-secret@127.0.0.1:${port}/modest` });
  try {
    assert.equal((await modest.read('select 1', [], LIMITS)).rows, [[1]]);
    for (const sql of ['table pg_stat_activity', 'table pg_stat_statements', 'table pg_locks'])
      assert.instance(await failure(modest.read(sql, [], LIMITS)), SqlRefused);
  } finally {
    await modest.close();
  }
});

test('the embedded database tracks no statement either', async () => {
  const embedded = openEmbedded();
  try {
    const { rows } = await embedded.read(`select current_setting('track_activities')`, [], LIMITS);
    assert.equal(rows, [['off']]);
    assert.instance(await failure(embedded.read('table pg_stat_activity', [], LIMITS)), SqlRefused);
  } finally {
    await embedded.close();
  }
});

test.run();
