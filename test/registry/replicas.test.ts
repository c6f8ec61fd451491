/** Two registries over one real PostgreSQL server: what one does the other shows, and one of them asks the servers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPostgresStore } from '../../src/services/registry/store/postgres-store.js';
import type { JsonObject } from '../../src/wire/value.js';
import { startPostgres } from '../support/postgres.js';
import { skipFile } from '../support/programs.js';
import { until } from '../support/until.js';
import { definition, listed, Published } from './made.js';
import { RunningRegistry } from './running.js';

const test = suite('registry/replicas');

const database = (await startPostgres()) ?? skipFile('registry/replicas', 'PostgreSQL is not installed here');
let server: Published;
test.before(async () => {
  server = await Published.open();
});
test.after(async () => {
  await server.close();
  await database.stop();
});

const holds = (what: string, asked: () => Promise<boolean>): Promise<true> => until(asked, what);

test('replicas share servers, switches, quarantine and history, and each server is asked by one of them', async () => {
  const { url } = database;
  const open = () =>
    RunningRegistry.open({ store: createPostgresStore(url, () => undefined), intervalMs: 300 });
  const [one, two] = [await open(), await open()];
  const get = (at: RunningRegistry, path = ''): Promise<JsonObject> =>
    at.ask('GET', `/api/servers/example-mcp${path}`).then(({ body }) => body);
  try {
    server.mcp(listed(server.manifest(['a.read', 'a.find'])));
    await one.ask('POST', '/api/servers', { url: server.origin });
    await holds('the other one knows it', async () => (await get(two)).state === 'on');
    // Both are notified; a check is four requests.
    server.asked.length = 0;
    const began = performance.now();
    const checks = () => server.asked.filter((line) => line.startsWith('GET /.well-known')).length;
    await until(() => checks() >= 4, 'four checks');
    const intervals = (performance.now() - began) / 300;
    assert.ok(checks() <= intervals + 2, `${checks()} checks in ${intervals} intervals`);

    await two.ask('PUT', '/api/servers/example-mcp/tools/a.find/switch', {
      enabled: false,
      reason: 'elsewhere',
    });
    await holds(
      'the first one switches it off',
      async () => JSON.stringify((await get(one, '/switches')).tools) === '{"a.find":"off"}',
    );

    server.mcp(listed(server.manifest([definition('a.read', { scope: 'other' }), 'a.find'])));
    await holds('both hold it in quarantine', async () => {
      const both = await Promise.all([get(one, '/switches'), get(two, '/switches')]);
      return both.every(({ tools }) => (tools as JsonObject)['a.read'] === 'quarantined');
    });
    const history = await Promise.all([get(one, '/history'), get(two, '/history')]);
    assert.equal(history[0], history[1]);

    await one.close();
    server.mcp(listed(server.manifest([definition('a.read'), 'a.find'])));
    await holds(
      'the remaining one goes on checking',
      async () => !('a.read' in ((await get(two, '/switches')).tools as JsonObject)),
    );
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
});

test('an unavailable database is reported, and waited for', async () => {
  const { url } = database;
  const running = await RunningRegistry.open({ store: createPostgresStore(url, () => undefined) });
  await database.halt();
  assert.is((await fetch(`${running.origin}/readyz`)).status, 503);
  const refused = await fetch(`${running.origin}/api/servers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.token()}`, 'content-type': 'application/json' },
    body: '{"url":"https://mcp.example/"}',
  });
  assert.is(refused.status, 503);
  // Known data is still shown.
  assert.is((await fetch(`${running.origin}/api/servers`)).status, 200);
  await database.start();
  await holds('it goes on', async () => (await fetch(`${running.origin}/readyz`)).status === 200);
  await running.close();
});

test.run();
