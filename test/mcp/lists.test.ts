import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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
test('contents may be kept as their author says, and not at all unless it does', async () => {
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
test('lists of the modern era say how long and for whom they hold', async () => {
  for (const method of ['prompts/list', 'resources/list', 'resources/templates/list', 'tools/list']) {
    const modern = resultOf(await ask(server, '2026-07-28', method));
    assert.equal([modern.ttlMs, modern.cacheScope], [60_000, 'private']);
    assert.not.ok('ttlMs' in resultOf(await ask(server, '2025-11-25', method)));
  }
});
test('a cursor of null is none', async () => {
  for (const method of ['prompts/list', 'resources/list', 'resources/templates/list', 'tools/list'])
    for (const revision of SUPPORTED)
      assert.equal(
        resultOf(await ask(server, revision, method, { cursor: null })),
        resultOf(await ask(server, revision, method)),
      );
});

test.run();
