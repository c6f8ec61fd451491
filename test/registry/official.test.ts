import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/services/registry/entry.js';
import { officialAnswer, type Problem } from '../../src/services/registry/official/official.js';
import { metaOf } from '../../src/services/registry/official/server-json.js';
import { stamp } from '../../src/services/registry/store/store.js';
import { ask, list, namesOf, one } from './asking.js';
import { entry, pendingEntry, switched, version } from './entries.js';

const test = suite('registry/official');

const MANY = Array.from({ length: 70 }, (_, at) =>
  entry(`com.example/s${at}`, {}, { versions: [version('1.0.0'), version('0.9.0')] }),
);

test('a server is listed with what its manifest says and what the registry knows', () => {
  const told = entry('com.example/a', { title: 'A', version: '2.0.0' });
  assert.equal(one([told], 'com.example%2Fa/versions/latest'), {
    server: {
      $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
      name: 'com.example/a',
      title: 'A',
      description: 'What 2.0.0 does.',
      version: '2.0.0',
      remotes: [{ type: 'streamable-http', url: 'https://mcp.example.com/mcp' }],
    },
    _meta: {
      'io.modelcontextprotocol.registry/official': {
        status: 'active',
        statusChangedAt: '2026-01-01T00:00:00Z',
        publishedAt: '2026-01-01T00:00:00Z',
        updatedAt: '2026-01-01T00:00:00Z',
        isLatest: true,
      },
    },
  });
});
test('following the cursors gives everything once, in the order of names and versions', () => {
  for (const limit of [1, 7, 30, 100]) {
    const all: string[] = [];
    let cursor = '';
    for (;;) {
      const page = list(MANY, `limit=${limit}&cursor=${cursor}`);
      assert.is(page.metadata.count, page.servers.length);
      all.push(...namesOf(page));
      if (page.metadata.nextCursor === undefined) break;
      assert.is(page.servers.length, limit);
      cursor = page.metadata.nextCursor;
    }
    assert.is(all.length, 140);
    assert.equal(all, [...new Set(all)].sort());
  }
  assert.is(list(MANY).metadata.count, 30);
});
test('a cursor stays where it was while servers come and go', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => entry(`x/${name}`)) as [Entry, Entry, Entry, Entry];
  const { nextCursor } = list([a, b, d], 'limit=2').metadata;
  assert.equal(namesOf(list([a, c, d], `cursor=${nextCursor}`)), ['x/c 1.0.0', 'x/d 1.0.0']);
});
test('a cursor works with any version', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 90, unit: 'grapheme' }), (number) => {
      const entries = [entry('x/a', { version: number }), entry('x/b')];
      const { nextCursor } = list(entries, 'limit=1').metadata;
      assert.equal(namesOf(list(entries, `cursor=${nextCursor}`)), ['x/b 1.0.0']);
    }),
  );
});
test('search finds a part of a name or a description in any case', () => {
  const entries = [
    entry('com.example/jira'),
    entry('com.example/s3', {}, { versions: [version('1.0.0', { description: 'Like Jira' })] }),
    entry('com.example/other'),
  ];
  assert.equal(namesOf(list(entries, 'search=JIR')), ['com.example/jira 1.0.0', 'com.example/s3 1.0.0']);
  assert.equal(namesOf(list(entries, 'search=e/o')), ['com.example/other 1.0.0']);
  assert.equal(namesOf(list(entries, 'search=')).length, 3);
});
test('version selects the latest of each server, or one number', () => {
  const versions = [version('2.0.0'), version('1.0.0')];
  const entries = [entry('x/a', { version: '2.0.0' }, { versions }), entry('x/b')];
  assert.equal(namesOf(list(entries, 'version=latest')), ['x/a 2.0.0', 'x/b 1.0.0']);
  assert.equal(namesOf(list(entries, 'version=1.0.0')), ['x/a 1.0.0', 'x/b 1.0.0']);
  assert.equal(namesOf(list(entries, '', '/x%2Fa/versions')), ['x/a 2.0.0', 'x/a 1.0.0']);
  assert.equal(list(entries, '', '/x%2Fa/versions').metadata, { count: 2 });
  assert.is(metaOf(one(entries, 'x%2fa/versions/1.0.0')).isLatest, false);
  assert.is(one(entries, 'x%2Fa/versions/latest').server.version, '2.0.0');
});
test('a manifest whose version is not stored yet, or is no longer the newest, is the latest', () => {
  const versions = [version('2.0.0'), version('1.0.0', { url: 'https://old.example.com/mcp' })];
  const kept = entry('x/a', { version: '1.0.0', title: 'Now' }, { versions });
  assert.equal(namesOf(list([kept], '', '/x%2Fa/versions')), ['x/a 2.0.0', 'x/a 1.0.0']);
  assert.is(one([kept], 'x%2Fa/versions/latest').server.title, 'Now');
  const fresh = entry('x/a', { version: '3.0.0', title: 'Now' }, { versions });
  assert.is(one([fresh], 'x%2Fa/versions/latest').server.description, 'Now');
  assert.is(list([fresh], '', '/x%2Fa/versions').metadata.count, 3);
});
test('updated_since gives what changed after that time', () => {
  const entries = [entry('x/a', {}, { changedAt: '2026-02-01T00:00:00Z' }), entry('x/b')];
  const since = (time: string) => namesOf(list(entries, `updated_since=${encodeURIComponent(time)}`));
  assert.equal(since('2025-12-31T23:59:59.5Z'), ['x/a 1.0.0', 'x/b 1.0.0']);
  assert.equal(since('2026-01-01T01:00:00+01:00'), ['x/a 1.0.0']);
  assert.equal(since('2026-02-01T00:00:00Z'), []);
});
test('a server that is switched off or in quarantine is deleted, and a mirror sees that', () => {
  const at = '2026-03-01T00:00:00Z';
  const heldIdentity = { name: 'x/held', url: 'https://accepted.example.com/', owner: 'o', issuers: [] };
  const entries = [
    entry('x/off', {}, { switch: switched(false, at), changedAt: at }),
    entry('x/held', { url: 'https://evil.example.com/' }, { heldIdentity, changedAt: at }),
    entry('x/back', {}, { switch: switched(true, at), changedAt: at }),
  ];
  assert.equal(namesOf(list(entries)), ['x/back 1.0.0']);
  assert.is(list(entries, 'include_deleted=true').metadata.count, 3);
  const told = list(entries, 'updated_since=2026-02-01T00:00:00Z').servers;
  assert.equal(
    told.map((each) => [metaOf(each).status, metaOf(each).statusMessage, metaOf(each).statusChangedAt]),
    [
      ['active', undefined, at],
      ['deleted', 'in quarantine until its new identity is accepted', at],
      ['deleted', 'switched off', at],
    ],
  );
  assert.is(told[1]?.server.remotes[0]?.url, 'https://accepted.example.com/');
  assert.is(ask(entries, '/v0.1/servers/x%2Foff/versions').status, 404);
  assert.is(ask(entries, '/v0.1/servers/x%2Foff/versions/latest').status, 404);
  assert.is(ask(entries, '/v0.1/servers/x%2Foff/versions/latest?include_deleted=true').status, 200);
});
test('statusChangedAt is when the status changed, in every transition and through other changes', () => {
  const on = entry('x/a');
  const heldIdentity = { name: 'x/a', url: 'https://accepted.example.com/', owner: 'o', issuers: [] };
  const day = (number: number) => `2026-02-0${number}T00:00:00Z`;
  let current: Entry = on;
  const seen: unknown[] = [];
  const change = (next: Partial<Entry>, at: string): void => {
    const details = [{ kind: 'findings', found: [], gone: [] }] as const;
    const stamped = stamp(
      on.address,
      { entry: { ...current, ...next }, name: 'x/a', details, by: { user: 'ada' }, at },
      [1],
    );
    assert.ok(stamped.entry);
    current = stamped.entry;
    const [shown] = list([current], 'include_deleted=true').servers;
    assert.ok(shown);
    seen.push([metaOf(shown).status, metaOf(shown).statusChangedAt]);
  };
  change({}, day(1));
  change({ heldIdentity }, day(2));
  // Neither another finding nor a switch changes what is deleted already.
  change({ findings: [] }, day(3));
  change({ switch: switched(false, day(4)) }, day(4));
  const { heldIdentity: _, ...accepted } = current;
  current = accepted;
  change({}, day(5));
  change({ switch: switched(true, day(6)) }, day(6));
  change({}, day(7));
  change({ heldIdentity }, day(8));
  const { heldIdentity: _again, ...acceptedAgain } = current;
  current = acceptedAgain;
  change({}, day(9));
  assert.equal(seen, [
    ['active', day(1)],
    ['deleted', day(2)],
    ['deleted', day(2)],
    ['deleted', day(2)],
    ['deleted', day(2)],
    ['active', day(6)],
    ['active', day(6)],
    ['deleted', day(8)],
    ['active', day(9)],
  ]);
});
test('an unknown server is not found', () => {
  const entries = [entry('x/a'), pendingEntry('x/pending')];
  for (const path of [
    'x%2Fb/versions',
    'x%2Fb/versions/latest',
    'x%2Fa/versions/9',
    'x%2Fpending/versions',
    '__proto__/versions',
  ])
    assert.equal(ask(entries, `/v0.1/servers/${path}`), {
      status: 404,
      body: { title: 'Not Found', status: 404, detail: 'Server not found', error: 'Server not found' },
    });
  assert.equal(list([]), { servers: [], metadata: { count: 0 } });
});
test('a request that cannot be read is refused with the expected form', () => {
  const cases: [target: string, status: number, detail: RegExp][] = [
    ['?cursor=x', 400, /cursor/],
    ['?cursor=eDphOg==', 400, /cursor/],
    ['?limit=0', 422, /1 to 100/],
    ['?limit=101', 422, /limit/],
    ['?limit=-1', 422, /limit/],
    ['?limit=1.5', 422, /limit/],
    ['?limit=abc', 422, /limit/],
    ['?updated_since=yesterday', 400, /RFC 3339/],
    ['?updated_since=2026-02-30T00:00:00Z', 400, /RFC 3339/],
    ['?updated_since=2026-01-01T24:00:00Z', 400, /RFC 3339/],
    ['?updated_since=2026-01-01', 400, /RFC 3339/],
    ['?updated_since=2026-01-01T00:00:00+01:00', 400, /RFC 3339/],
    ['?updated_since=2026-01-01T00:00:00Z&include_deleted=false', 400, /include_deleted/],
    ['?include_deleted=maybe', 422, /include_deleted/],
    ['/x%2Fa/versions?include_deleted=maybe', 422, /include_deleted/],
    ['/%ZZ/versions', 400, /server name/],
    ['/%c3%28/versions/latest', 400, /server name/],
    ['/x%2Fa/versions/%', 400, /version/],
  ];
  for (const [target, status, detail] of cases) {
    const answer = ask(MANY, `/v0.1/servers${target}`);
    assert.is(answer.status, status, target);
    assert.match((answer.body as Problem).detail, detail, target);
  }
});
test('both versions of the API are the same', () => {
  for (const path of ['/servers?limit=3', '/servers/com.example%2Fs1/versions/latest'])
    assert.equal(ask(MANY, `/v0${path}`), ask(MANY, `/v0.1${path}`));
});
test('any other path has no answer', () => {
  const paths = ['', '/x%2Fa', '/x/a/versions', '//versions', '/x%2Fa/versions/', '/x%2Fa/versions/1/2', '/'];
  for (const path of paths)
    assert.is(
      officialAnswer(MANY, `/v0.1/servers${path}`, new URLSearchParams()) === undefined,
      path !== '',
      path,
    );
});

test.run();
