import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { typosBetween } from '../../src/wire/mcp/nearest.js';
import { names, searchOf, server } from './servers.js';

const test = suite('registry/search/typos');

test('a word that nothing has is taken for its neighbours, up to two typos in a long one', () => {
  const search = searchOf(server('a', ['jira.search']), server('b', ['postgres.query']));
  for (const q of ['jria', 'jirra', 'jora', 'serach', 'jira.serch']) assert.equal(names(search, q), ['a'], q);
  for (const q of ['postgers', 'pastgras', 'postgrees', 'posgtrse']) assert.equal(names(search, q), ['b'], q);
  for (const q of ['jra', 'jrra2', 'xir', 'jri', 'quwary', 'pstgrs']) assert.equal(names(search, q), [], q);
});
test('a word that something has is taken as it is, unless it does not go together with the others', () => {
  const search = searchOf(
    server('a', [{ name: 'x', description: 'Serch with a typo of its own.' }]),
    server('b', ['jira.search']),
  );
  assert.equal(names(search, 'serch'), ['a']);
  assert.equal(names(search, 'jira serch'), ['b']);
});
test('a number is not taken for another', () => {
  assert.equal(names(searchOf(server('a', ['report.2024'])), '2025'), []);
});
test('a word that stands in a server is worth more than a word near it, wherever the two stand', () => {
  const search = searchOf(
    server('a', ['table.jira']),
    server('b', [{ name: 'x', description: 'A table, by jirb.' }]),
  );
  assert.equal(names(search, 'table jirb'), ['b']);
  assert.equal(names(search, 'tabel jirb'), ['b', 'a']);
});
test('typos are counted as what they are', () => {
  const cases: [string, string, number, number | undefined][] = [
    ['jira', 'jira', 1, 0],
    ['jira', 'jria', 1, 1],
    ['jira', 'jia', 1, 1],
    ['jira', 'jirra', 1, 1],
    ['jira', 'jura', 1, 1],
    ['jira', 'jrai', 1, undefined],
    ['jira', 'jrai', 2, 2],
    ['', 'ab', 2, 2],
    ['ab', 'abcd', 1, undefined],
  ];
  for (const [left, right, most, expected] of cases) {
    assert.is(typosBetween(left, right, most), expected, `${left} ${right}`);
    assert.is(typosBetween(right, left, most), expected, `${right} ${left}`);
  }
});

test.run();
