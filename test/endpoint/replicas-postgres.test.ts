/** The same over a real PostgreSQL, and what else can happen to that. */
import { suite } from 'uvu';
import { createPostgresState, type SharedState } from '../../src/index.js';
import { closeAll } from '../http/wire.js';
import { startPostgres } from '../support/postgres.js';
import { sessionTests } from './replicas.js';

const test = suite('endpoint/replicas-postgres');

const server = await startPostgres();
if (server === undefined) console.log('skipped: PostgreSQL is not installed here');
else {
  const opened: SharedState[] = [];
  const open = (): SharedState => {
    const state = createPostgresState({ url: server.url, clock: () => new Date(), onError: () => undefined });
    opened.push(state);
    return state;
  };
  test.after(async () => {
    await closeAll();
    await Promise.all(opened.map((state) => state.close()));
    await server.stop();
  });
  sessionTests(test, () => ({ open }));
}

test.run();
