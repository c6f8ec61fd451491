import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { typosBetween } from '../../src/wire/mcp/nearest.js';
import { find, names, searchOf, server } from './servers.js';

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
test('what had to be taken for another word is worth less than any word that stands there', () => {
  const search = searchOf(
    server('a', ['table.jirra', { name: 'x', description: 'table' }]),
    server('b', [{ name: 'x', description: 'A table, by jirb.' }]),
  );
  const [exact] = find(search, 'table jirb').servers;
  assert.is(exact?.name, 'b');
  assert.ok((exact?.score ?? 0) > 0);
  const typo = find(search, 'jiraa').servers.map(({ score }) => score);
  assert.ok(
    typo.every((score) => score < 2),
    String(typo),
  );
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
