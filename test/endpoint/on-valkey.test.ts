/** What replicas do with a shared state, and the attacks on it, over a real Valkey or Redis server. */
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import { valkeyWriter } from '../approval/rows.js';
import { closeAll } from '../http/wire.js';
import { reportSkip } from '../support/programs.js';
import { startValkey, valkeyViews } from '../support/valkey.js';
import { authorityTests } from './authority.js';
import { closeGuarded } from './guarded.js';
import { readingTests, upgradeTests } from './reading.js';
import { taskTests } from './replica-tasks.js';
import { sessionTests } from './replicas.js';
import { waitingCallTests } from './waiting-calls.js';

const test = suite('endpoint/on-valkey');

const server = await startValkey();
if (server === undefined) reportSkip('endpoint/on-valkey', 'neither Valkey nor Redis is installed here');
else {
  const { open, close } = valkeyViews(server.url, () => new Date());
  const client = new Redis(server.url.replace('valkey:', 'redis:'));
  const writer = valkeyWriter(client);
  test.after(async () => {
    await closeGuarded();
    await closeAll();
    await close();
    client.disconnect();
    await server.stop();
  });

  sessionTests(test, () => ({ open }));
  taskTests(test, () => ({ open }));
  readingTests(test, () => ({ open }));
  upgradeTests(test, () => ({ open }));
  const state = open();
  authorityTests(test, () => ({ open: () => state, shared: true }));
  waitingCallTests(test, () => ({ state, writer }));
}

test.run();
