import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Resource, ResourceTemplate } from '../../src/wire/mcp/definitions.js';
import type { Policy } from '../../src/wire/mcp/mcp-server.js';
import { createPrompts, createResources } from '../../src/wire/mcp/resources.js';
import { SUPPORTED } from '../../src/wire/revisions.js';
import { ask, resultOf, serverOf } from './ask.js';

const test = suite('mcp/lists');
const server = {
  ...serverOf([]),
  prompts: createPrompts([
    {
      name: 'p',
      title: 'P',
      description: 'A prompt.',
      arguments: [{ name: 'a', title: 'A' }],
      get: () => ({ messages: [] }),
    },
  ]),
  resources: createResources(
    [{ uri: 'test://r', name: 'r', title: 'R', read: () => undefined }],
    [{ uriTemplate: 'test://{t}', name: 't', title: 'T', read: () => undefined }],
  ),
};

test('titles are listed from 2025-06-18 on', async () => {
  for (const revision of SUPPORTED) {
    const titled = revision >= '2025-06-18';
    for (const method of ['prompts/list', 'resources/list', 'resources/templates/list']) {
      const text = JSON.stringify(resultOf(await ask(server, revision, method)));
      assert.is(text.includes('"title"'), titled, `${method} in ${revision}`);
    }
  }
});
test('contents may be cached as their author says, and not at all unless the author says so', async () => {
  const read = (uri: string) => [{ uri, text: 'x' }];
  const resources = createResources(
    [{ uri: 'test://kept', name: 'kept', cache: { ttlMs: 5_000, scope: 'public' }, read }],
    [{ uriTemplate: 'test://{other}', name: 'other', read }],
  );
  const hints = async (uri: string) => {
    const { ttlMs, cacheScope } = resultOf(
      await ask({ ...serverOf([]), resources }, '2026-07-28', 'resources/read', { uri }),
    );
    return [ttlMs, cacheScope];
  };
  assert.equal(await hints('test://kept'), [5_000, 'public']);
  assert.equal(await hints('test://anything'), [0, 'private']);
});
test('a result that needs a scope is cached for its caller only, whatever its author says', async () => {
  const read = (uri: string) => [{ uri, text: 'x' }];
  const cache = { ttlMs: 5_000, scope: 'public' as const };
  const resources = createResources(
    [
      { uri: 'test://open', name: 'open', cache, read },
      { uri: 'test://scoped', name: 'scoped', scope: 'test:read', cache, read },
    ],
    [],
  );
  const policy: Policy = {
    access: () => ({ scopes: [] }),
    needs: () => [],
    call: () => ({ allow: true, reason: 'ok' }),
    use: () => ({ allow: true, reason: 'ok' }),
  };
  const scopeOf = async (uri: string, given: object) =>
    resultOf(await ask({ ...serverOf([]), resources, ...given }, '2026-07-28', 'resources/read', { uri }))
      .cacheScope;
  assert.is(await scopeOf('test://open', { policy }), 'public');
  assert.is(await scopeOf('test://scoped', { policy }), 'private');
  assert.is(await scopeOf('test://scoped', {}), 'public', 'without a policy, a scope means nothing');
});
test('cache hints that no client may be given are refused at registration', () => {
  for (const [cache, said] of [
    [{ ttlMs: -1, scope: 'private' }, /cache.ttlMs must be a whole number/],
    [{ ttlMs: Number.NaN, scope: 'private' }, /cache.ttlMs/],
    [{ ttlMs: 1.5, scope: 'private' }, /cache.ttlMs/],
    [{ scope: 'private' }, /cache.ttlMs/],
    [{ ttlMs: 0, scope: 'shared' }, /cache.scope must be "public" or "private", received "shared"/],
    [{ ttlMs: 0 }, /cache.scope/],
  ] as const) {
    const bad = Object.assign({ uri: 'x:a', uriTemplate: 'x:{a}', name: 'x', read: () => [] }, { cache });
    assert.throws(() => createResources([bad as Resource], []), said);
    assert.throws(() => createResources([], [bad as ResourceTemplate]), said);
  }
});
test('lists of the modern era say how long they may be cached, and whether they may be shared', async () => {
  for (const method of ['prompts/list', 'resources/list', 'resources/templates/list', 'tools/list']) {
    const modern = resultOf(await ask(server, '2026-07-28', method));
    assert.equal([modern.ttlMs, modern.cacheScope], [60_000, 'private']);
    assert.not.ok('ttlMs' in resultOf(await ask(server, '2025-11-25', method)));
  }
});
test('a null cursor means no cursor', async () => {
  for (const method of ['prompts/list', 'resources/list', 'resources/templates/list', 'tools/list'])
    for (const revision of SUPPORTED)
      assert.equal(
        resultOf(await ask(server, revision, method, { cursor: null })),
        resultOf(await ask(server, revision, method)),
      );
});

test.run();
