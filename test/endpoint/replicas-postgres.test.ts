/** The same over a real PostgreSQL, and what else can happen to that. */
import { suite } from 'uvu';
import { createPostgresState, type SharedState } from '../../src/index.js';
import { closeAll } from '../http/wire.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { taskTests } from './replica-tasks.js';
import { sessionTests } from './replicas.js';

const test = suite('endpoint/replicas-postgres');

const server = await startPostgres();
if (server === undefined) reportSkip('endpoint/replicas-postgres', 'PostgreSQL is not installed here');
else {
  const make = (): SharedState =>
    createPostgresState({ url: server.url, clock: () => new Date(), onError: () => undefined });
  // Each with connections of its own, as two processes have; those of a server are not without number.
  const both = [make(), make()] as const;
  let opened = 0;
  const open = (): SharedState => {
    opened += 1;
    return both[opened % 2 === 0 ? 0 : 1];
  };
  test.after(async () => {
    await closeAll();
    await Promise.all(both.map((state) => state.close()));
    await server.stop();
  });
  sessionTests(test, () => ({ open }));
  taskTests(test, () => ({ open }));
}

test.run();
