/** Approvals of two replicas, and forged rows, over a real Valkey or Redis server. */
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import { reportSkip } from '../support/programs.js';
import { startValkey, valkeyViews } from '../support/valkey.js';
import { NOON } from './bench.js';
import { forgedRowTests } from './forged-rows.js';
import { fourEyesTests } from './four-eyes.js';
import { limitTests } from './limits.js';
import { recordedStepTests } from './recorded-steps.js';
import { valkeyWriter } from './rows.js';
import { waiterTests } from './waiters.js';

const test = suite('approval/on-valkey');

const server = await startValkey();
if (server === undefined) reportSkip('approval/on-valkey', 'neither Valkey nor Redis is installed here');
else {
  const { open, close } = valkeyViews(server.url, () => new Date(NOON));
  const client = new Redis(server.url.replace('valkey:', 'redis:'));
  const writer = valkeyWriter(client);
  test.after(async () => {
    await close();
    client.disconnect();
    await server.stop();
  });
  recordedStepTests(test, open);
  forgedRowTests(test, () => ({ state: open(), writer }));
  fourEyesTests(test, open);
  limitTests(test, open);
  waiterTests(test, open);
}

test.run();
