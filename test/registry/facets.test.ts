import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { find, names, pairs, searchOf, server } from './servers.js';

const test = suite('registry/search/facets');

const COMPANY = [
  server('a', [{ name: 't', scope: 'r', destructive: true }, 'u'], { owner: 'One' }),
  server('b', [{ name: 't', scope: 'r' }], { owner: 'One', state: 'off', failing: true }),
  server('c', [{ name: 't', scope: 'w', destructive: true, state: 'quarantined' }], { owner: 'Two' }),
  server('d', [], { state: 'quarantined' }),
];
test('facets count the servers that have a value, before paging', () => {
  const expected = {
    owner: [
      { value: 'One', count: 2 },
      { value: 'Two', count: 1 },
    ],
    scope: [
      { value: 'r', count: 2 },
      { value: 'w', count: 1 },
      { value: 'x', count: 1 },
    ],
    destructive: [
      { value: 'false', count: 2 },
      { value: 'true', count: 2 },
    ],
    state: [
      { value: 'on', count: 2 },
      { value: 'quarantined', count: 2 },
      { value: 'failing', count: 1 },
      { value: 'off', count: 1 },
    ],
  };
  const { servers, total, facets } = find(searchOf(...COMPANY), '', { offset: 1, limit: 1 });
  assert.is(total, 4);
  assert.equal(
    servers.map(({ name }) => name),
    ['b'],
  );
  assert.equal(facets, expected);
});
test('a filter leaves the counts of its own facet as they are', () => {
  const search = searchOf(...COMPANY);
  const { facets, total } = find(search, '', { owner: 'One', destructive: true });
  assert.is(total, 1);
  assert.equal(facets.owner, [
    { value: 'One', count: 1 },
    { value: 'Two', count: 1 },
  ]);
  assert.equal(facets.destructive, [
    { value: 'false', count: 2 },
    { value: 'true', count: 1 },
  ]);
  assert.equal(facets.scope, [{ value: 'r', count: 1 }]);
});
test('filters keep the servers that match them all, and show the tools that do', () => {
  const search = searchOf(...COMPANY);
  assert.equal(pairs(search, '', { scope: 'r' }), ['a t', 'b t']);
  assert.equal(pairs(search, '', { scope: 'x', destructive: true }), []);
  assert.equal(pairs(search, 'u', { destructive: true }), []);
  assert.equal(names(search, '', { state: 'quarantined' }), ['c', 'd']);
  assert.equal(names(search, '', { state: 'failing' }), ['b']);
  assert.equal(names(search, 't', { owner: 'Two' }), ['c']);
});
test('a facet has at most fifty values', () => {
  const servers = Array.from({ length: 60 }, (_, at) => server(`s${at}`, [], { owner: `Owner ${at}` }));
  assert.is(find(searchOf(...servers), '').facets.owner.length, 50);
});

test.run();
