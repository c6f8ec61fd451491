/** The attacks of authority.ts when replicas share approvals, quotas, tasks and sessions in a real PostgreSQL. */
import { suite } from 'uvu';
import { createPostgresState } from '../../src/index.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { authorityTests } from './authority.js';
import { closeGuarded } from './guarded.js';

const test = suite('endpoint/authority-postgres');

const server = await startPostgres();
if (server === undefined) reportSkip('endpoint/authority-postgres', 'PostgreSQL is not installed here');
else {
  const state = createPostgresState({ url: server.url, clock: () => new Date(), onError: () => undefined });
  test.after(async () => {
    await closeGuarded();
    await state.close();
    await server.stop();
  });
  authorityTests(test, () => ({ open: () => state, shared: true }));
}

test.run();
