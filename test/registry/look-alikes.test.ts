/** Names that look like another server's are a finding at both. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { looksLike, skeletonOf } from '../../src/services/registry/check/confusables.js';
import { Entries } from '../../src/services/registry/entries.js';
import type { Entry } from '../../src/services/registry/entry.js';
import { createSearch } from '../../src/services/registry/search/search.js';
import { applyCheck, newEntry } from '../../src/services/registry/step.js';
import { AT, BY, manifestOf } from './made.js';

const test = suite('registry/look-alikes');

for (const [one, other] of [
  ['internal-readonly-mcp', 'lnternal-readonly-mcp'],
  ['internal-readonly-mcp', 'Internal-Readonly-MCP'],
  ['com.example/mail', 'com.examp1e/mai1'],
  ['corn.example', 'com.example'],
  ['payments_mcp', 'payments-mcp'],
  ['g00gle', 'google'],
  ['Платежи', 'Плaтeжи'],
  ['paypal', 'раураӏ'],
  ['Admin', 'Αdmin'],
  ['admin', 'ａｄｍｉｎ'],
  ['admin', 'ad\u200bmin'],
] as const) {
  test(`${one} looks like ${other}`, () => assert.is(skeletonOf(one), skeletonOf(other)));
}

for (const [one, other] of [
  ['github', 'gitlab'],
  ['mail-read', 'mail-send'],
  ['jira', 'jira2'],
] as const) {
  test(`${one} does not look like ${other}`, () => assert.is.not(skeletonOf(one), skeletonOf(other)));
}

test('plain text looks like itself', () => assert.is(looksLike('Lists issues.'), 'Lists issues.'));

function registry(...servers: { name: string; title?: string }[]): { entries: Entries; all: Entry[] } {
  const entries = new Entries(createSearch());
  const all = servers.map((given, at) => {
    const origin = `https://s${at}.example`;
    const entry = newEntry(`${origin}/.well-known/mcp-capabilities`, BY, AT);
    const stepped = applyCheck(entry, {
      manifest: manifestOf(['a.read'], { ...given, url: `${origin}/mcp` }),
      findings: [],
      ...among(entries, entry),
    });
    if ('problem' in stepped) throw new Error(stepped.problem);
    entries.place(entry.address, { ...stepped.entry, seq: at + 1 });
    return stepped.entry;
  });
  return { entries, all };
}
const among = (entries: Entries, { address }: Entry) => ({
  isTaken: (name: string) => entries.taken(name, address),
  alsoSpeaking: () => [],
  alsoCalled: () => [],
  alsoAt: () => [],
  alike: (text: string) => entries.alike(text, address),
  at: AT,
});
const alike = ({ findings }: Entry) => findings.filter(({ code }) => code === 'name-looks-alike');

test('a server whose name looks like an existing one has a finding, and so does the existing one at its next check', () => {
  const { entries, all } = registry(
    { name: 'internal-mcp' },
    { name: 'lnternal-mcp' },
    { name: 'other-mcp' },
  );
  assert.equal(
    all.map(alike).map(({ length }) => length),
    [0, 1, 0],
  );
  assert.match(all.flatMap(alike)[0]?.message ?? '', '"lnternal-mcp" looks like "internal-mcp"');
  const [first] = all as [Entry];
  const again = applyCheck(first, { findings: [], ...among(entries, first) });
  assert.equal('entry' in again ? alike(again.entry).map(({ severity }) => severity) : [], ['warning']);
});

test('another case of a name, and a title in letters of another script, are findings; capitals in a title are not', () => {
  const names = registry({ name: 'mail-mcp' }, { name: 'Mail-MCP' });
  assert.equal(
    names.all.map(alike).map(({ length }) => length),
    [0, 1],
  );
  const titles = registry(
    { name: 'a', title: 'Payments' },
    { name: 'b', title: 'Рауments' },
    { name: 'c', title: 'payments' },
  );
  assert.equal(
    titles.all.map(alike).map(({ length }) => length),
    [0, 1, 1],
  );
  const honest = registry({ name: 'a', title: 'Jira search' }, { name: 'b', title: 'Jira Search' });
  assert.equal(honest.all.flatMap(alike), []);
});

test('nothing looks like a removed server any more', () => {
  const { entries, all } = registry({ name: 'internal-mcp' }, { name: 'x' });
  const [first, second] = all as [Entry, Entry];
  assert.equal(entries.alike('lnternal-mcp', second.address), ['internal-mcp']);
  entries.place(first.address, undefined);
  assert.equal(entries.alike('lnternal-mcp', second.address), []);
});

test.run();
