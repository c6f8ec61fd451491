import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WatchedUris } from '../../src/wire/mcp/connection.js';
import { type Resource, type ResourceTemplate, ToolError } from '../../src/wire/mcp/definitions.js';
import { createConnection } from '../../src/wire/mcp/meta.js';
import { createResources } from '../../src/wire/mcp/resources.js';
import type { Revision } from '../../src/wire/revisions.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, errorOf, exchangeOf, resultOf, serverOf } from './ask.js';

const test = suite('mcp/resources');

const readText = (uri: string, text: string) => [{ uri, mimeType: 'text/plain', text }];
const RESOURCES: Resource[] = [
  { uri: 'note://today', name: 'today', title: 'Today', size: 2, read: (uri) => readText(uri, 'hi') },
  { uri: 'note://gone', name: 'gone', read: () => undefined },
  { uri: 'note://empty', name: 'empty', read: () => [] },
  {
    uri: 'note://picky',
    name: 'picky',
    read: () => {
      throw new ToolError('the archive is closed');
    },
  },
  {
    uri: 'note://broken',
    name: 'broken',
    read: () => {
      throw new Error('secret in /etc');
    },
  },
];
const TEMPLATES: ResourceTemplate[] = [
  {
    uriTemplate: 'note://{day}',
    name: 'day',
    mimeType: 'text/plain',
    read: (uri, { day }) => readText(uri, `day ${day}`),
    complete: { day: () => [] },
  },
  {
    uriTemplate: 'file:///{+path}',
    name: 'file',
    read: async (uri, { path }) => readText(uri, `file ${path}`),
  },
];
const bench = () => ({ ...serverOf([]), resources: createResources(RESOURCES, TEMPLATES) });
const read = (uri: unknown, revision: Revision = '2026-07-28', server = bench()) =>
  ask(server, revision, 'resources/read', { uri });
const textOf = (result: JsonObject): unknown => (result.contents as JsonObject[])[0]?.text;

test('resources and templates are listed without their code', async () => {
  const { resources } = resultOf(await ask(bench(), '2025-11-25', 'resources/list'));
  assert.equal((resources as JsonObject[])[0], {
    uri: 'note://today',
    name: 'today',
    title: 'Today',
    size: 2,
  });
  const { resourceTemplates } = resultOf(await ask(bench(), '2025-11-25', 'resources/templates/list'));
  assert.equal(resourceTemplates, [
    { uriTemplate: 'note://{day}', name: 'day', mimeType: 'text/plain' },
    { uriTemplate: 'file:///{+path}', name: 'file' },
  ]);
});
test('a fixed resource wins over a template that also matches', async () => {
  assert.is(textOf(resultOf(await read('note://today'))), 'hi');
  assert.is(textOf(resultOf(await read('note://monday'))), 'day monday');
  assert.is(textOf(resultOf(await read('file:///a/b'))), 'file a/b');
});
test('modern clients may not cache what was read, and legacy ones are told nothing about caching', async () => {
  const { ttlMs, cacheScope } = resultOf(await read('note://today'));
  assert.equal([ttlMs, cacheScope], [0, 'private']);
  assert.equal(resultOf(await read('note://today', '2025-11-25')), {
    contents: readText('note://today', 'hi'),
  });
});
test('a missing resource is an error with the code of its era, never an empty list', async () => {
  for (const uri of ['note://gone', 'note://a/b', 'other://x', 'constructor', '']) {
    const modern = errorOf(await read(uri));
    assert.equal([modern.code, modern.data], [-32602, { uri }]);
    const legacy = errorOf(await read(uri, '2025-11-25'));
    assert.equal([legacy.code, legacy.data], [-32002, { uri }]);
  }
  assert.equal(resultOf(await read('note://empty')).contents, []);
});
test('a resource is read under every spelling of its address, and the answer repeats the one that was asked for', async () => {
  const resources = createResources(
    [
      { uri: 'file:///docs/über uns.txt', name: 'us', read: (uri) => readText(uri, 'us') },
      { uri: 'note://Upper/x', name: 'upper', read: (uri) => readText(uri, 'upper') },
      { uri: 'note://upper/x', name: 'lower', read: (uri) => readText(uri, 'lower') },
      { uri: 'note://h/a%2Fb', name: 'slash', read: (uri) => readText(uri, 'slash') },
    ],
    [
      {
        uriTemplate: 'file:///docs/café/{name}',
        name: 'menu',
        read: (uri, { name }) => readText(uri, `menu ${name}`),
        complete: { name: () => ['a.txt'] },
      },
    ],
  );
  const server = { ...bench(), resources };
  for (const [uri, text] of [
    ['file:///docs/über uns.txt', 'us'],
    ['file:///docs/%C3%BCber%20uns.txt', 'us'],
    ['FILE:///docs/%c3%bcber uns.txt', 'us'],
    ['file:///docs/caf%C3%A9/a.txt', 'menu a.txt'],
    ['file:///docs/café/a.txt', 'menu a.txt'],
    // An exact match with a registered URI wins over a normalized one.
    ['note://Upper/x', 'upper'],
    ['note://upper/x', 'lower'],
    ['note://h/a%2fb', 'slash'],
  ] as const) {
    for (const revision of ['2026-07-28', '2025-11-25'] as const) {
      const [contents] = resultOf(await read(uri, revision, server)).contents as JsonObject[];
      assert.equal([contents?.text, contents?.uri], [text, uri]);
    }
  }
  assert.is(errorOf(await read('note://h/a/b', '2025-11-25', server)).code, -32002);
  for (const uri of ['file:///docs/café/{name}', 'file:///docs/caf%C3%A9/{name}']) {
    const ref = { type: 'ref/resource', uri };
    const argument = { name: 'name', value: '' };
    const { completion } = resultOf(
      await ask(server, '2026-07-28', 'completion/complete', { ref, argument }),
    );
    assert.equal((completion as JsonObject).values, ['a.txt'], uri);
  }
});
test('a change of a watched resource carries the spelling of the client that watches it', async () => {
  const watched = new WatchedUris(['file:///caf%C3%A9', 'note://a']);
  const told = (uri: string) => watched.changeFor({ kind: 'resource', uri });
  assert.equal(told('file:///café'), { kind: 'resource', uri: 'file:///caf%C3%A9' });
  assert.equal(told('NOTE://A'), { kind: 'resource', uri: 'note://a' });
  assert.is(told('note://b'), undefined);
  assert.equal(watched.changeFor({ kind: 'tools' }), { kind: 'tools' });
  watched.delete('file:///caf%c3%a9');
  assert.is(told('file:///café'), undefined);
});
test('a URI is a text', async () => {
  for (const uri of [undefined, null, 1, {}, ['note://today']])
    assert.is(errorOf(await read(uri)).code, -32602);
});
test("a reader's own refusal reaches the caller; one that throws says nothing of why", async () => {
  assert.match(errorOf(await read('note://picky')).message, /the archive is closed/);
  const server = bench();
  const { code, message } = errorOf(await read('note://broken', '2026-07-28', server));
  assert.equal([code, message.includes('secret'), server.errors.length], [-32603, false, 1]);
});
test('an invalid URI, an invalid template, or a duplicate is refused at the start', () => {
  const one = { name: 'x', read: () => [] };
  assert.throws(() => createResources([{ ...one, uri: 'no uri' }], []), /is not a URI/);
  assert.throws(
    () =>
      createResources(
        [
          { ...one, uri: 'x:a' },
          { ...one, uri: 'x:a' },
        ],
        [],
      ),
    /is taken/,
  );
  assert.throws(() => createResources([], [{ ...one, uriTemplate: 'x:{?a}' }]), /is not/);
  const twice = { ...one, uriTemplate: 'x:{a}' };
  assert.throws(() => createResources([], [twice, twice]), /x:\{a\} is taken/);
  assert.ok(
    createResources(
      [
        { ...one, uri: 'x:a' },
        { ...one, uri: 'x:b' },
      ],
      [],
    ),
  );
});
test('a resource without its function is refused at registration', () => {
  const bare = (parts: object): Resource & ResourceTemplate =>
    Object.assign({ uri: 'x:a', uriTemplate: 'x:{a}', name: 'x', read: () => [] }, parts);
  const unread = /resource x: read must be a function, received nothing/;
  assert.throws(() => createResources([bare({ read: undefined })], []), unread);
  assert.throws(() => createResources([], [bare({ read: undefined })]), unread);
  const completing = bare({ complete: { a: 'x' } });
  assert.throws(
    () => createResources([], [completing]),
    /complete of a must be a function, received a string/,
  );
});
test('subscribing needs a connection that remembers, and a resource that exists', async () => {
  const server = bench();
  const connection = createConnection('2025-11-25', {});
  const watch = (method: string, uri: unknown, given: object = { connection }) =>
    ask(server, '2025-11-25', method, { uri }, exchangeOf('2025-11-25', given).exchange);
  assert.equal(resultOf(await watch('resources/subscribe', 'note://today')), {});
  assert.equal(resultOf(await watch('resources/subscribe', 'note://any')), {});
  assert.equal([...connection.watched], ['note://today', 'note://any']);
  assert.equal(resultOf(await watch('resources/unsubscribe', 'note://today')), {});
  assert.equal([...connection.watched], ['note://any']);
  assert.is(errorOf(await watch('resources/subscribe', 'other://x')).code, -32002);
  assert.is(errorOf(await watch('resources/subscribe', 1)).code, -32602);
  assert.is(errorOf(await watch('resources/subscribe', 'note://today', {})).code, -32601);
  assert.is(
    errorOf(await ask(server, '2026-07-28', 'resources/subscribe', { uri: 'note://today' })).code,
    -32601,
  );
});
test('a subscription can be ended, even if the resource is gone', async () => {
  const server = bench();
  const connection = createConnection('2025-11-25', {});
  connection.watched.add('gone://x');
  const unwatch = (uri: string) =>
    ask(
      server,
      '2025-11-25',
      'resources/unsubscribe',
      { uri },
      exchangeOf('2025-11-25', { connection }).exchange,
    );
  assert.equal(resultOf(await unwatch('GONE://x')), {});
  assert.is(connection.watched.size, 0);
  assert.is(errorOf(await unwatch('gone://x')).code, -32002, 'never watched, and does not exist');
});
test('one client subscribes to a thousand resources and no more', async () => {
  const server = bench();
  const connection = createConnection('2025-11-25', {});
  const watch = (uri: string) =>
    ask(
      server,
      '2025-11-25',
      'resources/subscribe',
      { uri },
      exchangeOf('2025-11-25', { connection }).exchange,
    );
  for (let count = 0; count < 1_000; count += 1) resultOf(await watch(`note://${count}`));
  assert.is(errorOf(await watch('note://more')).code, -32602);
  assert.equal(resultOf(await watch('note://1')), {}, 'again, which adds nothing');
  assert.is(connection.watched.size, 1_000);
});
test('only capabilities that exist are announced', async () => {
  const promised = async (revision: Revision, server: ReturnType<typeof bench>, given: object) =>
    (revision === '2026-07-28'
      ? resultOf(await ask(server, revision, 'server/discover'))
      : resultOf(
          await ask(
            server,
            revision,
            'initialize',
            { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'c', version: '1' } },
            exchangeOf(revision, given).exchange,
          ),
        )
    ).capabilities;
  const all = { subscribe: true, listChanged: true };
  const connection = createConnection('2025-11-25', {});
  assert.equal(await promised('2026-07-28', bench(), {}), {
    tools: { listChanged: true },
    resources: all,
    completions: {},
  });
  assert.equal(await promised('2025-11-25', bench(), {}), { tools: {}, resources: {}, completions: {} });
  assert.equal(await promised('2025-11-25', bench(), { connection }), {
    tools: { listChanged: true },
    resources: all,
    completions: {},
  });
  assert.equal(await promised('2024-11-05', bench(), {}), { tools: {}, resources: {} });
});
test('a server without resources has none of their methods', async () => {
  for (const method of ['resources/list', 'resources/templates/list', 'resources/read'])
    assert.is(errorOf(await ask(serverOf([]), '2025-11-25', method, { uri: 'x:a' })).code, -32601);
});

test.run();
