/** Each way in which a manifest can be malformed, and the place that the error names. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MANIFEST_SCHEMA } from '../../src/services/registry/manifest/schema.js';
import { compileSchema } from '../../src/wire/schema/compile.js';
import { problemText } from '../../src/wire/schema/problem.js';
import { isRecord } from '../../src/wire/value.js';
import { altered, pointersOf, problemsOf, resealed, sent } from './documents.js';

const test = suite('manifest/schema');
const check = compileSchema('manifest', MANIFEST_SCHEMA);
const ABSENT = undefined;
const long = (length: number) => 'x'.repeat(length);

const REFUSED: [what: string, pointer: string, values: unknown[]][] = [
  [
    'no name',
    '/name',
    [ABSENT, '', null, 7, ' ', 'a b', '__proto__', '../x', 'a/b/c', 'a/', 'naïve', long(201)],
  ],
  ['a title without text', '/title', ['', ' \n', '\u200b\u2060', 7, long(201)]],
  ['no version', '/version', [ABSENT, '', ' ', 1, long(101)]],
  ['another transport', '/transport', [ABSENT, 'streamable_http', 'stdio', 'SSE', null]],
  [
    'a URL that is none',
    '/url',
    [
      ABSENT,
      '',
      '/mcp',
      'javascript:alert(1)',
      'ftp://example.com/',
      'https://',
      'https://user:secret@example.com/mcp',
      'https://example.com/mcp?token=x',
      'https://example.com/mcp#x',
      'https://example.com/a b',
      ` https://example.com/`,
      `https://example.com/${long(2048)}`,
    ],
  ],
  ['no revisions', '/revisions', [ABSENT, [], '2025-11-25', ['2025-11-25', '2025-11-25']]],
  ['a revision that is no date', '/revisions/0', ['latest', 20251125, '2025-11-25\n', '']],
  ['auth that is no object', '/auth', [null, [], 'https://login.example.com']],
  ['no issuer', '/auth/issuers', [ABSENT, [], 'https://login.example.com', ['https://a.b', 'https://a.b']]],
  ['an issuer that is no URL', '/auth/issuers/0', ['login', 7, 'https://login.example.com?x']],
  ['no resource metadata', '/auth/resourceMetadata', [ABSENT, '', '/.well-known/oauth-protected-resource']],
  ['an unknown member of auth', '/auth/secret', ['s']],
  ['no owner', '/owner', [ABSENT, '', ' ', '\u200b', { team: 'x' }, long(201)]],
  ['no service level', '/slo', [ABSENT, null, '99.9 %']],
  ['an availability that is none', '/slo/availabilityPercent', [ABSENT, 0, -1, 100.1, '99.9 %']],
  ['a latency that is none', '/slo/p99Ms', [ABSENT, 0, -5, '500 ms']],
  ['an unknown member of slo', '/slo/p50Ms', [10]],
  ['no digest', '/digest', [ABSENT, '', 'sha256:', `sha256:${'A'.repeat(64)}`, `md5:${'a'.repeat(32)}`]],
  ['no tools', '/tools', [ABSENT, null, {}]],
  ['a tool that is no object', '/tools/0', [null, 'confluence.search', []]],
  ['a tool without a name', '/tools/0/name', [ABSENT, '', ' ', 'a b', 'line\nbreak', 'café', long(129), 7]],
  ['a tool with an empty title', '/tools/0/title', ['', ' ', 7]],
  [
    'a tool without a description',
    '/tools/0/description',
    [ABSENT, '', ' \t', '\u200b\ufeff', 7, long(16_385)],
  ],
  [
    'a tool without a scope',
    '/tools/0/scope',
    [ABSENT, '', ' ', 'a b', 'a"b', 'a\\b', 'é', null, ['a'], long(201)],
  ],
  ['a tool that does not say whether it destroys', '/tools/0/destructive', [ABSENT, null, 'false', 0]],
  ['a tool without a schema', '/tools/0/schema', [ABSENT, true, 'object', []]],
  ['a tool whose arguments are no object', '/tools/0/schema/type', [ABSENT, 'array', ['object']]],
  ['an output schema that is no object', '/tools/0/outputSchema', [true, null, []]],
  ['a tool without a digest', '/tools/0/digest', [ABSENT, 'x', 7]],
  ['an unknown member of a tool', '/tools/0/destuctive', [true]],
];

test('the document that is altered below is accepted as it is', () => {
  assert.equal(problemsOf(sent()), []);
  assert.is(check(sent()), undefined);
});
for (const [what, pointer, values] of REFUSED) {
  test(`${what} is refused at ${pointer}, in each of ${values.length} ways`, () => {
    for (const value of values) {
      const found = check(altered(pointer, value));
      assert.is(found?.pointer, pointer, `${JSON.stringify(value)}: ${found && problemText(found)}`);
    }
  });
}
test('there are at most 1,000 tools', () => {
  assert.is(check(altered('/tools', Array(1_001).fill({})))?.expected, 'at most 1000 items');
});
test('a value that is not an object is refused', () => {
  for (const value of [null, 7, 'manifest', [], true]) assert.equal(pointersOf(value), ['']);
});
test('members that not every server has may be absent', () => {
  for (const pointer of ['/title', '/auth', '/tools/0/title', '/tools/0/outputSchema']) {
    assert.equal(problemsOf(resealed(altered(pointer, ABSENT))), [], pointer);
  }
});
test('a member that the schema does not name is accepted at the top, and the digest covers it', () => {
  const document = altered('/runbook', 'https://wiki.example.com/runbook');
  assert.is(check(document), undefined);
  assert.equal(pointersOf(document), ['/digest']);
  assert.equal(problemsOf(resealed(document)), []);
});
test('addresses of every usual kind are accepted', () => {
  for (const url of [
    'http://localhost:3000/mcp',
    'https://example.com',
    'http://[::1]:3000/',
    'http://127.0.0.1/a/b',
  ])
    assert.equal(problemsOf(resealed(altered('/url', url))), [], url);
});
test('a revision that this code does not know is accepted', () => {
  assert.equal(problemsOf(resealed(altered('/revisions', ['2031-01-01', '2026-07-28']))), []);
});

test('every member that the schema names is described', () => {
  const bare: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (!isRecord(schema)) return;
    if (isRecord(schema.properties)) {
      for (const [name, member] of Object.entries(schema.properties)) {
        const here = `${path}/${name}`;
        // The inside of a tool's own schema is described by JSON Schema.
        if (here === '/tools/schema/type') continue;
        if (!isRecord(member) || typeof member.description !== 'string') bare.push(here);
        visit(member, here);
      }
    }
    visit(schema.items, path);
  };
  visit(MANIFEST_SCHEMA, '');
  assert.equal(bare, []);
});
test('the schema names the dialect it is written in, and survives JSON', () => {
  assert.is(MANIFEST_SCHEMA.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.equal(JSON.parse(JSON.stringify(MANIFEST_SCHEMA)), MANIFEST_SCHEMA);
});

test.run();
