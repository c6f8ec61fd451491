import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { find, names, pairs, searchOf, server } from './servers.js';

const test = suite('registry/search');

test('the closer a word is to the name, the better the server ranks', () => {
  const search = searchOf(
    server('a', [{ name: 'x', description: 'About jira.' }]),
    server('b', [], { owner: 'Jira people' }),
    server('c', [{ name: 'x', scope: 'jira:read' }]),
    server('d', [], { title: 'Jira' }),
    server('e', ['jiraffe']),
    server('f', ['jira.search']),
    server('g', ['jira']),
    server('jira'),
    server('z', ['other']),
  );
  assert.equal(names(search, 'jira'), ['jira', 'g', 'f', 'e', 'd', 'c', 'b', 'a']);
});
test('equal servers, and all servers without a query, are ordered by name', () => {
  const search = searchOf(server('b', ['jira.x']), server('c', ['jira.y']), server('a', ['jira.z']));
  assert.equal(names(search, 'jira'), ['a', 'b', 'c']);
  assert.equal(names(search, ' '), ['a', 'b', 'c']);
  assert.equal(find(search, '').servers[0], { name: 'a', score: 0, tools: [] });
});
test('all words have to be in one server, and may be in different tools', () => {
  const search = searchOf(
    server('acme', ['jira.search', 'jira.create', 's3.list']),
    server('other', ['jira.search']),
  );
  assert.equal(pairs(search, 'search jira'), ['acme jira.search', 'other jira.search']);
  assert.equal(pairs(search, 'acme search'), ['acme jira.search']);
  assert.equal(pairs(search, 'create s3'), ['acme jira.create', 'acme s3.list']);
  assert.equal(names(search, 'jira nowhere'), []);
});
test('a server that is found by its own words shows no tools that have none of them', () => {
  const search = searchOf(server('acme', ['x', 'acme.y'], { owner: 'Platform' }));
  assert.equal(find(search, 'platform').servers[0]?.tools, []);
  assert.equal(find(search, 'acme').servers[0]?.tools, ['acme.y']);
});
test('the best five tools are shown', () => {
  const tools = ['ja.jira', 'jb.jira', 'jc.jira', 'jd.jira', 'je.jira', 'jira'];
  const search = searchOf(server('acme', [{ name: 'a', description: 'Jira.' }, ...tools]));
  assert.equal(find(search, 'jira').servers[0]?.tools, ['jira', 'ja.jira', 'jb.jira', 'jc.jira', 'jd.jira']);
});
test('the last word may be a prefix, the others may not', () => {
  const search = searchOf(server('a', ['jira.search']));
  for (const q of ['j', 'jir', 'jira.', 'jira.se', 'jira sea', 'search ji'])
    assert.equal(names(search, q), ['a'], q);
  for (const q of ['ji search', 'sea jira', '"ji" sea r']) assert.equal(names(search, q), [], q);
});
test('a name is divided by its separators and capitals, and stays findable as a whole', () => {
  const name = 'acme.readOnly_userTable-HTTPServer/v2:list';
  const search = searchOf(server('a', [{ name: 'x', scope: name }]));
  for (const q of ['acme', 'readonly', 'READ only', 'user', 'userTable', 'http server', 'v2', 'list', name])
    assert.equal(pairs(search, q), ['a x'], q);
});
test('letters match in any case, width and composition', () => {
  const search = searchOf(server('a', ['CAFE\u0301', 'ΟΔΟΣ.find', 'ｆｕｌｌ']));
  for (const q of ['caf\u00e9', 'οδος', 'οδοσ', 'Full']) assert.equal(names(search, q), ['a'], q);
});

test('quoted text is searched for as it is, in names and descriptions of tools', () => {
  const search = searchOf(
    server('issues', [{ name: 'jira.search', description: 'Search (all) issues', scope: 'jira:read' }]),
    server('jira', ['x']),
  );
  for (const q of [
    '"a.s"',
    '"JIRA.search"',
    '"(ALL) i"',
    '"jira.search" issues',
    '"search" "issues"',
    '"a.s',
  ])
    assert.equal(pairs(search, q), ['issues jira.search'], q);
  for (const q of ['"jira:read"', '"a.*s"', '"search" "nothing"', '"jira search"'])
    assert.equal(pairs(search, q), [], q);
  assert.equal(names(search, 'jira "').sort(), ['issues', 'jira']);
});

test('a server that is put under an existing name replaces it, and a removed one is gone', () => {
  const search = searchOf(server('a', ['old.one', 'both']), server('b', ['both']));
  search.put(server('a', ['new.one', 'both']));
  assert.is(search.size, 2);
  assert.equal(names(search, 'old'), []);
  assert.equal(names(search, 'new'), ['a']);
  assert.equal(pairs(search, 'both'), ['a both', 'b both']);
  search.remove('a');
  search.remove('a');
  search.remove('nobody');
  assert.is(search.size, 1);
  assert.equal(pairs(search, 'both'), ['b both']);
  assert.equal(names(search, 'new'), []);
});
test('names that mean something to JavaScript are names like any other', () => {
  const hostile = ['__proto__', 'constructor', 'toString', '2', '1', 'hasOwnProperty'];
  const search = searchOf(...hostile.map((name) => server(name, [{ name, scope: name }], { owner: name })));
  for (const name of hostile) {
    assert.is(names(search, name)[0], name);
    assert.equal(pairs(search, '', { scope: name }), [`${name} ${name}`]);
    assert.equal(names(search, '', { owner: name }), [name]);
  }
  assert.is(find(search, '').facets.owner.length, hostile.length);
});
test('a query is bounded, whatever it contains', () => {
  const search = searchOf(server('a', ['jira.search']));
  for (const q of [
    'x'.repeat(10_000),
    'a.'.repeat(5_000),
    '"'.repeat(10_000),
    'a '.repeat(5_000),
    '\ud800\u0000',
  ])
    assert.ok(find(search, q).total <= 1);
  assert.equal(names(search, `jira${' '.repeat(200)}nothing`), ['a']);
  assert.equal(names(search, `${'jira '.repeat(10)}nothing`), ['a']);
});

const nameOf = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.:/-]{1,40}$/),
  fc.constantFrom('jira', 'Jira', 'jira.search', 'jira-search', '__proto__', '.', 'a b'),
  fc.webUrl({ withQueryParameters: false }).filter((url) => url.length <= 200),
);
test('every server ranks first for its own name', () => {
  const servers = fc.array(fc.record({ name: nameOf, tools: fc.array(nameOf, { maxLength: 4 }) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(servers, (all) => {
      const search = searchOf(...all.map(({ name, tools }) => server(name, tools)));
      for (const { name } of all) assert.is(names(search, name)[0], name);
    }),
  );
});
test('an index after additions and removals equals one that was built from the rest', () => {
  const servers = fc.array(fc.record({ name: nameOf, tools: fc.array(nameOf, { maxLength: 3 }) }), {
    maxLength: 10,
  });
  fc.assert(
    fc.property(servers, servers, nameOf, (before, after, q) => {
      const search = searchOf(...before.map(({ name, tools }) => server(name, tools)));
      for (const { name } of before) search.remove(name);
      for (const { name, tools } of after) search.put(server(name, tools));
      assert.equal(find(search, q), find(searchOf(...after.map((one) => server(one.name, one.tools))), q));
    }),
  );
});

test.run();
