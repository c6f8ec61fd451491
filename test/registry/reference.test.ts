/**
 * The searches recorded of the Python reference. It looks for one substring in the order of registration; in quotes the
 * same tools are found here, in an order of their own. Without quotes more may be found (parts of words, scopes, typos).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSearch } from '../../src/services/registry/search/search.js';
import type { Indexed, Search } from '../../src/services/registry/search/types.js';

const test = suite('registry/reference');

type Said = { name: string; required_scope: string; destructive: boolean; description: string };
type Recorded = {
  servers: { [key: string]: { name: string; tools: Said[] } };
  cases: { id: string; register: string[]; query: string; expect: [server: string, tool: string][] }[];
};
const file = new URL('../../spec-fixtures/reference/registry.json', import.meta.url);
const { servers, cases }: Recorded = JSON.parse(readFileSync(fileURLToPath(file), 'utf8'));
console.log(`registry.json: ${cases.length} searches`);

function recorded(key: string): Indexed & { tools: Indexed['tools'][number][] } {
  const server = servers[key];
  if (server === undefined) throw new Error(`no server ${key} is recorded`);
  const tools = server.tools.map(({ required_scope: scope, name, description, destructive }) => ({
    name,
    description,
    scope,
    destructive,
    state: 'on' as const,
  }));
  return { name: server.name, state: 'on', failing: false, tools };
}

function registered(keys: readonly string[]): Search {
  const search = createSearch(Number.POSITIVE_INFINITY);
  for (const key of keys) search.put(recorded(key));
  return search;
}

function pairsOf(search: Search, q: string): string[] {
  const { servers: found } = search.find({ q, offset: 0, limit: 100 });
  return found.flatMap(({ name, tools }) => tools.map((tool) => `${name} ${tool}`)).sort();
}

const pairs = (expect: readonly [string, string][]): string[] => expect.map((pair) => pair.join(' ')).sort();
const isWords = (query: string): boolean => /^[\p{L}\p{N}\p{M}]+([ :-][\p{L}\p{N}\p{M}]+)*$/u.test(query);

test('with quotes exactly the recorded tools are found', () => {
  for (const { id, register, query, expect } of cases) {
    assert.equal(pairsOf(registered(register), `"${query}"`), pairs(expect), id);
  }
});
test('without quotes at least the recorded tools are found, where words are looked for', () => {
  const asked = cases.filter(({ query }) => isWords(query));
  assert.ok(asked.length > 20);
  for (const { id, register, query, expect } of asked) {
    const found = pairsOf(registered(register), query);
    assert.equal(
      pairs(expect).filter((pair) => !found.includes(pair)),
      [],
      id,
    );
  }
});
test('a tool that is added to the object after indexing is not found', () => {
  const search = createSearch();
  const server = recorded('internal-readonly-mcp');
  search.put(server);
  server.tools.push({ name: 'late.tool', description: 'Late', scope: 'x', destructive: false, state: 'on' });
  assert.equal(pairsOf(search, '"late"'), []);
  assert.equal(pairsOf(search, 'late'), []);
});

test.run();
