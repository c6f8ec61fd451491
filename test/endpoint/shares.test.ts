/** No principal takes all the places: sessions, listen streams and tasks, and what is stored for a client is limited. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AuditEntry } from '../../src/governance/audit/record.js';
import { createEndpoint } from '../../src/index.js';
import { legacy, modernCall } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { bearing, call, closeGuarded, guarded, type Json, post } from './guarded.js';

const test = suite('endpoint/shares');
test.after(closeGuarded);

const initialize = (more: Json = {}) =>
  legacy('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
    ...more,
  });

test('one token takes its share of the sessions and no more, and others still open theirs', async () => {
  const door = await guarded({ sessions: { most: 200, idleMs: 60_000 } });
  const ann = door.token({ sub: 'ann' });
  const open = async (token: string) => post(door.url, token, initialize());
  for (let n = 0; n < 20; n += 1) assert.is((await open(ann)).body.error, undefined);
  const refused = await open(ann);
  // A legacy request is refused in band.
  assert.equal([refused.status, refused.body.error?.code], [200, 429]);
  assert.is(refused.headers.get('retry-after'), '10');
  assert.is(
    refused.body.error?.message,
    'Quota spent: you have 20 of 200 sessions, which is the share of one caller (--sessions-per-principal); end one, or try again later',
  );
  const bob = await open(door.token({ sub: 'bob' }));
  assert.is(bob.body.error, undefined);
  // Another token of the same caller is the same caller.
  assert.is((await open(door.token({ sub: 'ann', jti: 'another' }))).body.error?.code, 429);
});

test('a session that ends gives its place back to its principal', async () => {
  const door = await guarded({ sessions: { most: 200, perPrincipal: 1, idleMs: 60_000 } });
  const token = door.token();
  const first = await post(door.url, token, initialize());
  assert.is((await post(door.url, token, initialize())).body.error?.code, 429);
  const ended = await fetch(door.url, {
    method: 'DELETE',
    headers: { ...bearing(token), 'mcp-session-id': first.headers.get('mcp-session-id') ?? '' },
  });
  assert.is(ended.status, 204);
  assert.is((await post(door.url, token, initialize())).body.error, undefined);
});

test('one token takes its share of the listen streams and no more, and others still listen', async () => {
  const door = await guarded({ bounds: { openStreams: 100, streamsPerPrincipal: 3 } });
  const { _meta } = JSON.parse(modernCall('x').body).params;
  const listen = (token: string) =>
    fetch(door.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
        ...bearing(token),
      },
      body: legacy('subscriptions/listen', { notifications: { toolsListChanged: true }, _meta }),
    });
  const ann = door.token({ sub: 'ann' });
  const opened: Response[] = [];
  for (let n = 0; n < 3; n += 1) opened.push(await listen(ann));
  assert.equal(
    opened.map(({ status }) => status),
    [200, 200, 200],
  );
  const refused = await listen(ann);
  assert.is(refused.status, 429);
  assert.match(
    await refused.text(),
    'you have 3 of 100 listen streams, which is the share of one caller (--streams-per-principal)',
  );
  const bob = await listen(door.token({ sub: 'bob' }));
  assert.is(bob.status, 200);
  await opened[0]?.body?.cancel();
  const again = await until(async () => {
    const next = await listen(ann);
    return next.status === 200 && next;
  }, 'a stream that ends gives its place back');
  for (const one of [...opened.slice(1), bob, again]) await one.body?.cancel();
});

test("a client's name and version are kept in a bounded length, and its capabilities refused beyond one", async () => {
  let seen: unknown;
  const append = async ({ client }: AuditEntry): Promise<void> => {
    seen = client;
  };
  const door = await guarded({
    tools: [toolOf('read')],
    sessions: { most: 10, idleMs: 60_000 },
    audit: { log: { append, healthy: true } },
  });
  const clientInfo = { name: 'n'.repeat(60_000), version: 'v'.repeat(60_000), title: 't'.repeat(60_000) };
  const token = door.token();
  const answer = await post(door.url, token, initialize({ clientInfo }));
  assert.is(answer.status, 200);
  const session = { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
  await post(door.url, token, call('read'), session);
  assert.is(seen, `${'n'.repeat(197)}.../${'v'.repeat(197)}...`);
  const capabilities = { experimental: { ['x'.repeat(20_000)]: {} } };
  const refused = await post(door.url, token, initialize({ capabilities }));
  assert.match(
    refused.body.error?.message ?? '',
    /params\.capabilities may have at most 16384 characters as JSON, received 20/,
  );
});

test('a URI that is watched has a limited length', async () => {
  const door = await guarded({
    sessions: { most: 10, idleMs: 60_000 },
    resourceTemplates: [{ uriTemplate: 'note://{id}', name: 'note', read: () => [] }],
  });
  const token = door.token();
  const opened = await post(door.url, token, initialize());
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const watch = (uri: string) => post(door.url, token, legacy('resources/subscribe', { uri }), session);
  assert.is((await watch('note://1')).body.error, undefined);
  const refused = await watch(`note://${'1'.repeat(3_000)}`);
  assert.match(
    refused.body.error?.message ?? '',
    /params\.uri may have at most 2048 characters, received 3007/,
  );
});

test('where no tokens tell callers apart, there are no shares', async () => {
  const endpoint = createEndpoint({
    name: 'open',
    version: '1',
    tools: [toolOf('t')],
    sessions: { most: 30, idleMs: 60_000 },
  });
  const url = await endpoint.listen(0);
  for (let n = 0; n < 30; n += 1) assert.is((await post(url, '', initialize())).body.error, undefined);
  assert.is((await post(url, '', initialize())).body.error?.code, 503);
  await endpoint.close();
});

test.run();
