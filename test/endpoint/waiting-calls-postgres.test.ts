/** Calls that wait for a person, over a real PostgreSQL server. */
import pg from 'pg';
import { suite } from 'uvu';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { sqlWriter } from '../approval/rows.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { closeGuarded } from './guarded.js';
import { waitingCallTests } from './waiting-calls.js';

const test = suite('endpoint/waiting-calls-postgres');
const server = await startPostgres();
if (server === undefined) reportSkip('endpoint/waiting-calls-postgres', 'PostgreSQL is not installed here');
else {
  const { url } = server;
  const state = createPostgresState({ url, clock: () => new Date(), onError: () => {}, connections: 8 });
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const writer = sqlWriter(async (sql, params) => (await pool.query(sql, params)).rows);
  test.after(async () => {
    await closeGuarded();
    await Promise.all([state.close(), pool.end()]);
    await server.stop();
  });
  waitingCallTests(test, () => ({ state, writer }));
}
test.run();
