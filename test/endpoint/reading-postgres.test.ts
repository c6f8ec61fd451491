/** The attacks of reading.ts when replicas share tasks and sessions in a real PostgreSQL. */
import { suite } from 'uvu';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { closeGuarded } from './guarded.js';
import { postgresViews } from './postgres-views.js';
import { readingTests, upgradeTests } from './reading.js';

const test = suite('endpoint/reading-postgres');

const server = await startPostgres();
if (server === undefined) reportSkip('endpoint/reading-postgres', 'PostgreSQL is not installed here');
else {
  const { open, close } = postgresViews(server.url);
  test.after(async () => {
    await closeGuarded();
    await close();
    await server.stop();
  });
  readingTests(test, () => ({ open }));
  upgradeTests(test, () => ({ open }));
}

test.run();
