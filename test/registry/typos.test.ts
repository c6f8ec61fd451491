import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { typosBetween } from '../../src/wire/mcp/nearest.js';
import { names, searchOf, server } from './servers.js';

const test = suite('registry/search/typos');

test('an unknown word matches its neighbours, up to two typos in a long one', () => {
  const search = searchOf(server('a', ['jira.search']), server('b', ['postgres.query']));
  for (const q of ['jria', 'jirra', 'jora', 'serach', 'jira.serch']) assert.equal(names(search, q), ['a'], q);
  for (const q of ['postgers', 'pastgras', 'postgrees', 'posgtrse']) assert.equal(names(search, q), ['b'], q);
  for (const q of ['jra', 'jrra2', 'xir', 'jri', 'quwary', 'pstgrs']) assert.equal(names(search, q), [], q);
});
test('a known word matches exactly, unless it does not occur together with the others', () => {
  const search = searchOf(
    server('a', [{ name: 'x', description: 'Serch with a typo of its own.' }]),
    server('b', ['jira.search']),
  );
  assert.equal(names(search, 'serch'), ['a']);
  assert.equal(names(search, 'jira serch'), ['b']);
});
test('a number is not matched with another', () => {
  assert.equal(names(searchOf(server('a', ['report.2024'])), '2025'), []);
});
test('an exact word is worth more than a similar one, wherever the two are', () => {
  const search = searchOf(
    server('a', ['table.jira']),
    server('b', [{ name: 'x', description: 'A table, by jirb.' }]),
  );
  assert.equal(names(search, 'table jirb'), ['b']);
  assert.equal(names(search, 'tabel jirb'), ['b', 'a']);
});
test('each kind of typo is counted correctly', () => {
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
