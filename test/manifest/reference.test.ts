import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createManifest,
  type Manifest,
  type ToolDefinition,
} from '../../src/services/registry/manifest/manifest.js';
import { Catalog } from '../../src/wire/mcp/catalog.js';
import { SchemaRefused } from '../../src/wire/schema/compile.js';
import type { JsonObject } from '../../src/wire/value.js';
import { given, pointersOf, problemsOf, sent } from './documents.js';

const test = suite('manifest/reference');

type Said = { name: string; destructive: boolean; description: string; input_schema: JsonObject };
type Recorded = {
  servers: { [key: string]: { name: string; url: string; tools: (Said & { required_scope: string })[] } };
  cases: {
    id: string;
    server: string;
    expect: { server: string; transport: string; url: string; tools: (Said & { scope: string })[] };
  }[];
};
const file = new URL('../../spec-fixtures/reference/capabilities.json', import.meta.url);
const { servers, cases }: Recorded = JSON.parse(readFileSync(fileURLToPath(file), 'utf8'));
const listed = cases.reduce((sum, { expect }) => sum + expect.tools.length, 0);
console.log(`capabilities.json: ${cases.length} of ${cases.length} documents, ${listed} tools`);

function recorded(key: string) {
  const server = servers[key];
  if (server === undefined) throw new Error(`no server ${key} is recorded`);
  const definitions = server.tools.map(
    ({ required_scope: scope, input_schema: inputSchema, ...said }): ToolDefinition => ({
      ...said,
      scope,
      inputSchema,
    }),
  );
  return { ...server, definitions };
}
function made(key: string): Manifest {
  const { name, url, definitions: tools } = recorded(key);
  return createManifest({ ...given, name, url, tools });
}
/** The document in the reference's words, which has no digests. */
function inItsWords({ name, transport, url, tools }: Manifest) {
  return {
    server: name,
    transport: transport === 'StreamableHTTP' ? 'streamable_http' : transport,
    url,
    tools: tools.map(({ schema, digest: _digest, ...said }) => ({ ...said, input_schema: schema })),
  };
}

test('no document is missing', () => {
  assert.is(cases.length, 6);
  assert.is(listed, 29);
});
for (const { id, server, expect } of cases) {
  test(`${id}: the document of ${server} is the recorded one`, () => {
    assert.equal(inItsWords(made(server)), expect);
  });
}
test('names made of digits keep the order of registration', () => {
  assert.equal(
    made('syn-numeric').tools.map(({ name }) => name),
    ['10', '9', '2', '-1', '1.0'],
  );
});
test('a name registered again keeps its place and takes the later definition; our catalog refuses it', () => {
  const [deploy, status] = made('syn-dup').tools;
  assert.equal([deploy?.name, deploy?.scope, status?.name], ['deploy', 'dup:new', 'status']);
  // The reference's rule lets a later tool slip into an approved one's place, so no server here gets so far.
  const tools = recorded('syn-dup').definitions.map((tool) => ({
    ...tool,
    title: tool.name,
    handler: () => ({}),
  }));
  try {
    new Catalog(tools);
    assert.unreachable('the catalog took both');
  } catch (error) {
    assert.instance(error, SchemaRefused);
    assert.match(String(error), 'tool deploy: the name is taken by another tool');
  }
});
test('a name that MCP advises against is written as it is, and refused by anyone who reads it', () => {
  const manifest = made('syn-names');
  assert.is(manifest.tools.length, 12);
  const fine = manifest.tools.filter(({ name }) => /^[A-Za-z0-9_.-]{1,128}$/.test(name));
  assert.equal(
    fine.map(({ name }) => name),
    ['__proto__', 'constructor', 'A.B.C', 'a.b.c'],
  );
  const { definitions } = recorded('syn-names');
  for (const definition of definitions) {
    const document = sent(createManifest({ ...given, tools: [definition] }));
    const accepted = fine.some(({ name }) => name === definition.name);
    assert.equal(pointersOf(document), accepted ? [] : ['/tools/0/name'], JSON.stringify(definition.name));
  }
});
test('every other recorded document is accepted, and comes back from the wire unchanged', () => {
  const others = cases.filter(({ server }) => server !== 'syn-names');
  assert.is(others.length, 5);
  for (const { server } of others) {
    assert.equal(problemsOf(sent(made(server))), [], server);
    assert.equal(sent(made(server)), made(server));
  }
});
test('__proto__ and constructor are tools with digests of their own', () => {
  const { tools } = made('syn-names');
  const digests = new Set(tools.map(({ digest }) => digest));
  assert.is(digests.size, 12);
  assert.is(tools.find(({ name }) => name === '__proto__')?.scope, 'names:proto');
});

test.run();
