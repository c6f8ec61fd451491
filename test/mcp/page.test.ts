import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fault } from '../../src/wire/fault.js';
import { listingOf, type Page, pageOf } from '../../src/wire/mcp/page.js';
import { createPrompts, createResources } from '../../src/wire/mcp/resources.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/page');
const named = (...names: string[]) =>
  listingOf(
    'tools',
    names.map((name) => ({ name })),
    'name',
  );
const five = named('e', 'd', 'c', 'b', 'a');
const namesOf = (items: unknown): unknown[] => (items as JsonObject[]).map(({ name, uri }) => name ?? uri);

function page(cursor: unknown, listing = five, size = 2): Page {
  const made = pageOf(listing, cursor, size);
  if (made instanceof Fault) throw made;
  return made;
}
function refused(cursor: unknown, listing = five): boolean {
  const made = pageOf(listing, cursor, 2);
  return made instanceof Fault && made.name === 'invalidParams' && made.code === -32602;
}

test('the cursors lead through all items once, in their order, and the last page has none', () => {
  const seen: unknown[][] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = page(cursor);
    seen.push(namesOf(items));
    cursor = nextCursor;
  } while (cursor !== undefined);
  assert.equal(seen, [['e', 'd'], ['c', 'b'], ['a']]);
});
test('a full page that is also the last has no cursor', () => {
  const two = named('a', 'b');
  assert.equal(pageOf(two, undefined, 2), { items: two.items });
  assert.equal(pageOf(named(), undefined, 2), { items: [] });
});
test('a tool that is switched off or on between two pages makes no other tool disappear or appear twice', async () => {
  const server = serverOf(
    ['a', 'b', 'c', 'd', 'e'].map((name) => toolOf(name)),
    { pageSize: 2 },
  );
  const after = async (off: string[], cursor?: unknown) => {
    server.catalog.disable(new Set(off));
    return resultOf(await ask(server, '2026-07-28', 'tools/list', cursor === undefined ? {} : { cursor }));
  };
  const first = await after([]);
  assert.equal(namesOf(first.tools), ['a', 'b']);
  // The tools that are off while the second page is asked for, the one that the cursor names included.
  for (const [off, second] of [
    [[], ['c', 'd']],
    [['a'], ['c', 'd']],
    [['b'], ['c', 'd']],
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
    [['c'], ['d', 'e']],
    [['a', 'b', 'c', 'd'], ['e']],
    [['c', 'd', 'e'], []],
    [['a', 'b', 'c', 'd', 'e'], []],
  ] as const)
    assert.equal(
      namesOf((await after([...off], first.nextCursor)).tools),
      second,
      `without ${off.join(', ')}`,
    );
  const short = await after(['a', 'b']);
  assert.equal(namesOf(short.tools), ['c', 'd']);
  assert.equal(
    namesOf((await after([], short.nextCursor)).tools),
    ['e'],
    'the tool that is on again comes before it',
  );
  assert.not.ok('nextCursor' in (await after(['d', 'e'], first.nextCursor)));
});
test('every list method resumes after the entry that its cursor names, whatever characters that has', async () => {
  const names = ['z:1', 'é ü', 'a%2Fb', '\u{1f600}', 'x'];
  const uris = names.map((name) => `note:${encodeURIComponent(name)}`);
  const server = {
    ...serverOf(
      ['z.1', 'e', 'a_b', 'y', 'x'].map((name) => toolOf(name)),
      { pageSize: 2 },
    ),
    prompts: createPrompts(names.map((name) => ({ name, get: () => ({ messages: [] }) }))),
    resources: createResources(
      // Resources may share a name, but not an address.
      uris.map((uri) => ({ uri, name: 'one', read: () => [] })),
      uris.map((uri) => ({ uriTemplate: `${uri}/{x}`, name: 'one', read: () => [] })),
    ),
  };
  for (const [method, member] of [
    ['tools/list', 'tools'],
    ['prompts/list', 'prompts'],
    ['resources/list', 'resources'],
    ['resources/templates/list', 'resourceTemplates'],
  ] as const) {
    const sizes: number[] = [];
    const seen = new Set<unknown>();
    let cursor: unknown;
    do {
      const result = resultOf(
        await ask(server, '2025-11-25', method, cursor === undefined ? {} : { cursor }),
      );
      const items = result[member] as JsonObject[];
      sizes.push(items.length);
      for (const item of items) seen.add(item.uri ?? item.uriTemplate ?? item.name);
      cursor = result.nextCursor;
    } while (cursor !== undefined && sizes.length < 9);
    assert.equal([sizes, seen.size], [[2, 2, 1], 5], method);
  }
});
test('a cursor of another list, or after an entry that was never registered, is refused', () => {
  const { nextCursor = '' } = page(undefined);
  assert.is(atob(nextCursor), 'tools:d');
  assert.not.ok(refused(nextCursor));
  assert.ok(refused(btoa('prompts:d')));
  assert.ok(refused(btoa('tools2:d')));
  assert.ok(refused(btoa('tools:z')));
  assert.ok(refused(nextCursor, named()));
});
test('a cursor that this server would not write is refused', () => {
  for (const place of [
    '',
    '2',
    ' d',
    'd ',
    'D',
    '%64',
    'constructor',
    '__proto__',
    '9'.repeat(400),
    '%',
    'é',
  ])
    assert.ok(refused(btoa(`tools:${place}`)), place);
  const cursor = btoa('tools:d');
  for (const tampered of [
    '',
    '!',
    'd',
    'tools:d',
    ` ${cursor}`,
    `${cursor}=`,
    cursor.replace(/=+$/, ''),
    'é',
    '\0',
  ])
    if (tampered !== cursor) assert.ok(refused(tampered), tampered);
});
test('a cursor is text', () => {
  for (const cursor of [2, null, true, [], {}, [btoa('tools:d')]]) assert.ok(refused(cursor));
});
test('a refusal quotes the cursor, but not all of a long one', () => {
  const made = pageOf(five, 'x'.repeat(10_000), 2);
  assert.ok(made instanceof Fault && made.message.length < 150 && made.message.includes('"xxx'));
});

test.run();
