import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isCurrent } from '../../src/oauth/discovery.js';
import { documentDigest, etagOf } from '../../src/services/registry/manifest/digest.js';
import {
  createManifest,
  type ManifestOptions,
  type ToolDefinition,
} from '../../src/services/registry/manifest/manifest.js';
import { isRecord } from '../../src/wire/value.js';
import { archive, given, search, sent } from './documents.js';

const test = suite('manifest/digest');

const digestOfTool = (tool: ToolDefinition) => createManifest({ ...given, tools: [tool] }).tools[0]?.digest;

test("a tool's digest is the SHA-256 of its RFC 8785 text, written out here by hand", () => {
  const text =
    '{"description":"Archives a page.","destructive":true,"name":"confluence.archive",' +
    '"schema":{"type":"object"},"scope":"confluence:write"}';
  const expected = `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
  assert.is(digestOfTool(archive), expected);
});
test('the digest of a tool is the one that its entry gives again, with the digest in it or without', () => {
  for (const tool of createManifest(given).tools) {
    const { digest, ...rest } = tool;
    assert.is(documentDigest(rest), digest);
    assert.is(documentDigest(tool), digest);
  }
});

const CHANGES: [what: string, change: Partial<ToolDefinition>][] = [
  ['name', { name: 'confluence.find' }],
  ['title', { title: 'Search  Confluence' }],
  ['description', { description: 'Finds pages by their words. ' }],
  ['an invisible character in the description', { description: 'Finds pages by their words.\u200b' }],
  ['scope', { scope: 'confluence:admin' }],
  ['destructive', { destructive: true }],
  ['schema', { inputSchema: { type: 'object', properties: { text: { type: 'string' } } } }],
  [
    'a word deep in the schema',
    {
      inputSchema: {
        type: 'object',
        properties: { text: { type: 'string', title: 't' } },
        required: ['text'],
      },
    },
  ],
  ['outputSchema', { outputSchema: { type: 'object' } }],
];
for (const [what, change] of CHANGES) {
  test(`another ${what} gives the tool and the manifest other digests`, () => {
    const changed = { ...search, ...change };
    assert.is.not(digestOfTool(changed), digestOfTool(search));
    const [before, after] = [[search], [changed]].map((tools) => createManifest({ ...given, tools }));
    assert.is.not(after?.digest, before?.digest);
  });
}
test('a title and an output schema that go away change the digest', () => {
  const { title: _title, ...untitled } = search;
  const { outputSchema: _schema, ...unstructured } = search;
  assert.is(new Set([search, untitled, unstructured].map(digestOfTool)).size, 3);
});
test('the handler and hints of a tool do not touch its digest', () => {
  const whole = { ...search, annotations: { readOnlyHint: true }, handler: () => ({}) };
  assert.is(digestOfTool(whole), digestOfTool(search));
});
test('the order of an array counts, because it can have a meaning', () => {
  const required = (names: string[]) => ({ ...search, inputSchema: { type: 'object', required: names } });
  assert.is.not(digestOfTool(required(['a', 'b'])), digestOfTool(required(['b', 'a'])));
});

const OTHERS: Partial<ManifestOptions>[] = [
  { name: 'wiki-mcp-2' },
  { title: undefined },
  { version: '1.2.4' },
  { url: 'https://wiki.example.com/mcp/2' },
  { auth: undefined },
  { auth: { issuers: ['https://login.example.org'], resourceMetadata: 'https://wiki.example.com/x' } },
  { owner: 'Nobody' },
  { slo: { availabilityPercent: 99.8, p99Ms: 500 } },
  { tools: [archive, search] },
  { tools: [search] },
];
test("the manifest's digest changes with each of its members, the order of its tools included", () => {
  const digests = [{}, ...OTHERS].map((change) => createManifest({ ...given, ...change }).digest);
  assert.is(new Set(digests).size, OTHERS.length + 1);
});
test("the manifest's digest covers the digests of its tools", () => {
  const manifest = createManifest(given);
  const tools = manifest.tools.map((tool) => ({ ...tool, digest: `sha256:${'0'.repeat(64)}` }));
  assert.is.not(documentDigest({ ...manifest, tools }), manifest.digest);
});

/** The same value, its members in another order at every level. */
function shuffled(value: unknown, pick: (most: number) => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, pick));
  if (!isRecord(value)) return value;
  const left = Object.entries(value);
  const taken: [string, unknown][] = [];
  while (left.length > 0) {
    for (const [key, member] of left.splice(pick(left.length), 1)) taken.push([key, shuffled(member, pick)]);
  }
  return Object.fromEntries(taken);
}
test('no order of members changes a digest', () => {
  const manifest = sent();
  let moved = 0;
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
      const other = shuffled(manifest, (most) => Number(numbers.next().value) % most);
      if (JSON.stringify(other) !== JSON.stringify(manifest)) moved += 1;
      assert.is(documentDigest(Object(other)), manifest.digest);
    }),
    { numRuns: 200 },
  );
  assert.ok(moved > 100, 'the members did move');
});

test('an entity tag is the digest, weak, since the order of members may differ', () => {
  const { digest } = createManifest(given);
  assert.match(etagOf(digest), /^W\/"sha256:[0-9a-f]{64}"$/);
  assert.ok(isCurrent(etagOf(digest), digest));
});

test.run();
