/** Persons and reasons are shown only to readers with the registry's scope, at every address. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/until.js';
import { bothStores } from './both-stores.js';
import { definition, listed, Published } from './made.js';
import { RunningRegistry } from './running.js';

const test = suite('registry/persons');

const stores = await bothStores('registry/persons');
test.after(async () => {
  for (const { remove } of stores) await remove();
});

const PERSON = 'amara.patel@example.com';
const REASON = 'it leaked the salaries';

/** Every address by which what happened to a server can be read. */
const READS = [
  '/api/history',
  '/api/servers/payroll/history',
  '/api/servers/payroll',
  '/api/servers',
  '/api/servers/payroll/findings',
  '/api/servers/payroll/switches',
  '/api/findings',
  '/api/search?q=payroll',
  '/v0.1/servers?include_deleted=true',
  '/',
  '/servers/payroll',
];

for (const { what, open } of stores) {
  test(`${what}: anonymous readers are shown what happened, and no person and no reason`, async () => {
    const registry = await RunningRegistry.open({ store: await open() });
    const server = await Published.open();
    try {
      server.mcp(listed(server.manifest(['a.read', 'a.find'], { name: 'payroll' })));
      const token = registry.token('registry:write', PERSON);
      const events = eventsOf(registry.origin);
      const added = await registry.ask('POST', '/api/servers', { url: `${server.origin}/mcp` }, token);
      const address = encodeURIComponent(String(added.body.name));
      await registry.ask('POST', `/api/servers/${address}/validate`, undefined, token);
      const off = { enabled: false, reason: REASON };
      await registry.ask('PUT', '/api/servers/payroll/tools/a.find/switch', off, token);
      server.mcp(
        listed(server.manifest([definition('a.read', { title: 'Read' }), 'a.find'], { name: 'payroll' })),
      );
      const checked = await registry.ask('POST', '/api/servers/payroll/validate', undefined, token);
      const [first] = checked.body.tools as { digest: string }[];
      const accept = { digest: first?.digest ?? '', reason: REASON };
      assert.is(
        (await registry.ask('POST', '/api/servers/payroll/tools/a.read/accept', accept, token)).status,
        200,
      );
      assert.is((await registry.ask('PUT', '/api/servers/payroll/switch', off, token)).status, 200);

      for (const path of READS) {
        const text = await (await fetch(`${registry.origin}${path}`)).text();
        assert.not.match(text, PERSON, path);
        assert.not.match(text, REASON, path);
      }
      const stream = await events.until('"kind":"switched","name":"payroll","address"');
      assert.not.match(stream, PERSON);
      assert.not.match(stream, REASON);

      const anonymous = (await registry.ask('GET', '/api/history?limit=200')).body.changes as object[];
      const named = (await registry.ask('GET', '/api/history?limit=200', undefined, token)).body
        .changes as object[];
      assert.is(anonymous.length, named.length, 'the events are all there');
      assert.ok(anonymous.some((change) => JSON.stringify(change).includes('"by":{"user":"registry"}')));

      for (const path of READS.slice(0, 3)) {
        const seen = JSON.stringify((await registry.ask('GET', path, undefined, token)).body);
        assert.match(seen, PERSON, path);
        assert.match(seen, REASON, path);
        const weak = await registry.ask('GET', path, undefined, registry.token('jira:read'));
        assert.not.match(JSON.stringify(weak.body), PERSON, path);
        const bad = await registry.ask('GET', path, undefined, `${token}x`);
        assert.is(bad.status, 401, path);
        assert.match(bad.headers.get('www-authenticate') ?? '', 'error="invalid_token"');
      }
    } finally {
      await server.close();
      await registry.close();
    }
  });
}

function eventsOf(origin: string) {
  const stop = new AbortController();
  let text = '';
  const reading = fetch(`${origin}/api/events`, { signal: stop.signal }).then(async ({ body }) => {
    const decoder = new TextDecoder();
    for await (const part of body ?? []) text += decoder.decode(part, { stream: true });
  });
  reading.catch(() => undefined);
  return {
    async until(part: string): Promise<string> {
      await until(
        () => text.includes(part),
        () => `${part} in ${text}`,
      );
      stop.abort();
      return text;
    },
  };
}

test.run();
