/** The same over a real PostgreSQL, and failures of that server. */
import { suite } from 'uvu';
import { closeAll } from '../http/wire.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { postgresViews } from './postgres-views.js';
import { taskTests } from './replica-tasks.js';
import { sessionTests } from './replicas.js';

const test = suite('endpoint/replicas-postgres');

const server = await startPostgres();
if (server === undefined) reportSkip('endpoint/replicas-postgres', 'PostgreSQL is not installed here');
else {
  const { open, close } = postgresViews(server.url);
  test.after(async () => {
    await closeAll();
    await close();
    await server.stop();
  });
  sessionTests(test, () => ({ open }));
  taskTests(test, () => ({ open }));
}

test.run();
