/** The attacks of reading.ts when replicas share tasks and sessions in a real PostgreSQL. */
import { suite } from 'uvu';
import { createPostgresState, type SharedState } from '../../src/index.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { closeGuarded } from './guarded.js';
import { readingTests, upgradeTests } from './reading.js';

const test = suite('endpoint/reading-postgres');

const server = await startPostgres();
if (server === undefined) reportSkip('endpoint/reading-postgres', 'PostgreSQL is not installed here');
else {
  const make = (): SharedState =>
    createPostgresState({ url: server.url, clock: () => new Date(), onError: () => undefined });
  // Each with connections of its own, as two processes have.
  const both = [make(), make()] as const;
  let opened = 0;
  const open = (): SharedState => {
    opened += 1;
    return both[opened % 2 === 0 ? 0 : 1];
  };
  test.after(async () => {
    await closeGuarded();
    await Promise.all(both.map((state) => state.close()));
    await server.stop();
  });
  readingTests(test, () => ({ open }));
  upgradeTests(test, () => ({ open }));
}

test.run();
