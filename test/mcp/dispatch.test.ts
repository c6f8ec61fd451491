import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { negotiate } from '../../src/wire/mcp/era.js';
import { type Revision, SUPPORTED } from '../../src/wire/revisions.js';
import { ask, errorOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/dispatch');
const LEGACY = SUPPORTED.filter((revision) => revision !== '2026-07-28');
const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };

test('an unknown method is 404 to modern clients and 200 to legacy ones', async () => {
  for (const method of [
    'tools/run',
    '',
    'constructor',
    '__proto__',
    'toString',
    'TOOLS/LIST',
    'notifications/x',
  ]) {
    for (const revision of SUPPORTED) {
      const reply = await ask(serverOf([]), revision, method);
      assert.is(errorOf(reply).code, -32601);
      assert.is(reply.status, revision === '2026-07-28' ? 404 : 200);
      assert.is(reply.response.id, 1);
    }
  }
});
test('ping and initialize are legacy, server/discover is modern', async () => {
  assert.is(errorOf(await ask(serverOf([]), '2026-07-28', 'ping')).code, -32601);
  assert.is(errorOf(await ask(serverOf([]), '2026-07-28', 'initialize', hello)).code, -32601);
  for (const revision of LEGACY) {
    assert.equal(resultOf(await ask(serverOf([]), revision, 'ping')), {});
    assert.is(errorOf(await ask(serverOf([]), revision, 'server/discover')).code, -32601);
  }
});
test('every modern result has its type and its server, and no legacy one does', async () => {
  for (const [method, params] of [
    ['tools/list', {}],
    ['tools/call', { name: 't' }],
    ['server/discover', {}],
  ] as const) {
    const { resultType, _meta } = resultOf(await ask(serverOf([toolOf('t')]), '2026-07-28', method, params));
    assert.is(resultType, 'complete');
    assert.equal(_meta, {
      'io.modelcontextprotocol/serverInfo': { name: 'bench', title: 'Bench', version: '1.2.3' },
    });
  }
  for (const revision of LEGACY) {
    const result = resultOf(await ask(serverOf([toolOf('t')]), revision, 'tools/call', { name: 't' }));
    assert.not.ok('resultType' in result || '_meta' in result);
  }
});
test('discover names every revision, the tools capability and its cache lifetime', async () => {
  const { resultType, _meta, ...result } = resultOf(await ask(serverOf([]), '2026-07-28', 'server/discover'));
  assert.equal(result, {
    supportedVersions: SUPPORTED,
    capabilities: { tools: { listChanged: true } },
    instructions: 'Ask.',
    ttlMs: 60_000,
    cacheScope: 'public',
  });
});
test('the list is paged the same way in both eras', async () => {
  const server = serverOf(
    ['a', 'b', 'c'].map((name) => toolOf(name)),
    { pageSize: 2 },
  );
  for (const revision of SUPPORTED) {
    const first = resultOf(await ask(server, revision, 'tools/list'));
    assert.equal(
      (first.tools as { name: string }[]).map(({ name }) => name),
      ['a', 'b'],
    );
    const second = resultOf(await ask(server, revision, 'tools/list', { cursor: first.nextCursor }));
    assert.equal(
      (second.tools as { name: string }[]).map(({ name }) => name),
      ['c'],
    );
    assert.not.ok('nextCursor' in second);
    assert.is('ttlMs' in first && 'cacheScope' in first, revision === '2026-07-28');
    assert.is(errorOf(await ask(server, revision, 'tools/list', { cursor: 'x' })).code, -32602);
  }
});
test('a result that cannot be shaped is a failed call without its reason', async () => {
  const server = serverOf([toolOf('t', { handler: () => ({ structuredContent: { n: 1n } }) })]);
  for (const revision of ['2026-07-28', '2025-11-25'] as const) {
    const reply = await ask(server, revision, 'tools/call', { name: 't' });
    assert.is(reply.status, 200);
    assert.is(resultOf(reply).isError, true);
    assert.not.match(JSON.stringify(resultOf(reply)), 'BigInt');
  }
  assert.is(server.errors.length, 2);
});

test('initialize gets each legacy revision it proposes, and the newest for anything else', async () => {
  const proposals = [...LEGACY, '2026-07-28', '1999-01-01', ''];
  const given = await Promise.all(
    proposals.map(
      async (protocolVersion) =>
        resultOf(
          await ask(serverOf([]), negotiate(protocolVersion), 'initialize', { ...hello, protocolVersion }),
        ).protocolVersion,
    ),
  );
  assert.equal(given, [...LEGACY, '2025-11-25', '2025-11-25', '2025-11-25']);
});
test('initialize names the server, its title only where the revision has titles', async () => {
  const info = async (revision: Revision): Promise<unknown> =>
    resultOf(await ask(serverOf([]), revision, 'initialize', hello)).serverInfo;
  assert.equal(await info('2025-06-18'), { name: 'bench', title: 'Bench', version: '1.2.3' });
  assert.equal(await info('2025-03-26'), { name: 'bench', version: '1.2.3' });
  const { capabilities, instructions } = resultOf(await ask(serverOf([]), '2025-03-26', 'initialize', hello));
  assert.equal([capabilities, instructions], [{ tools: {} }, 'Ask.']);
});
test('initialize without one of its three parameters is refused by its name', async () => {
  const wrong: [object, string][] = [
    [{ protocolVersion: undefined }, 'params.protocolVersion must be a string, received nothing'],
    [{ protocolVersion: 20251125 }, 'params.protocolVersion must be a string, received 20251125'],
    [{ capabilities: undefined }, 'params.capabilities must be an object, received nothing'],
    [{ capabilities: [] }, 'params.capabilities must be an object, received []'],
    [{ clientInfo: undefined }, 'params.clientInfo must have a "name" and a "version", received nothing'],
    [
      { clientInfo: { name: 'c' } },
      'params.clientInfo must have a "name" and a "version", received {"name":"c"}',
    ],
  ];
  for (const [params, said] of wrong) {
    const error = errorOf(await ask(serverOf([]), '2025-03-26', 'initialize', { ...hello, ...params }));
    assert.equal([error.code, error.message], [-32602, `Invalid params: ${said}`]);
  }
});

test.run();
