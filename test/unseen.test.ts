/** One list of invisible characters, and everything that shows a stranger's text uses it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { printable } from '../src/governance/audit/command.js';
import { escaped } from '../src/lesson/player/visible.js';
import { UNSEEN, unseenRuns } from '../src/pages/unseen.js';
import { visible, visibleText } from '../src/pages/visible.js';
import { clientNameOf } from '../src/services/authserver/consent.js';
import { MANIFEST_SCHEMA } from '../src/services/registry/manifest/schema.js';
import { curlLine } from '../src/services/registry/pages/curl.js';

const test = suite('unseen');

/** What the fonts of a browser leave blank, and what turns text around. */
const BLANK =
  '\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180e\u200b\u200f\u202e\u2060\u2066\u206f\u2800\u3164\ufe00\ufe0f\ufeff\uffa0\ufff9\u{1bca0}\u{1d173}\u{e0001}\u{e0041}\u{e0100}\u{e01ef}\u0000\u001b\u2028';

for (const character of BLANK) {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  test(`U+${code.toUpperCase().padStart(4, '0')} is seen on pages, in terminals, in records, and in lines for curl`, () => {
    const text = `a${character}b`;
    for (const shown of [
      visible(text).text,
      visibleText(text),
      escaped(text),
      printable(text),
      clientNameOf({ clientName: text, clientId: 'c' } as Parameters<typeof clientNameOf>[0]),
      curlLine({ url: 'https://a.example/mcp', token: false, tool: { name: 't', schema: {} } }, { text }) ??
        text,
    ]) {
      assert.not.ok(shown.includes(character), JSON.stringify(shown));
    }
  });
}

test('every default ignorable code point of Unicode is on the list', () => {
  const [every, ignorable] = [new RegExp(`^${UNSEEN}$`, 'u'), /^\p{Default_Ignorable_Code_Point}$/u];
  let count = 0;
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (!ignorable.test(character)) continue;
    count += 1;
    assert.ok(every.test(character), code.toString(16));
  }
  assert.ok(count > 4_000);
});

test('what a manifest counts as text is nothing that is on the list, for all characters of the first plane', () => {
  const { properties } = MANIFEST_SCHEMA as { properties: { title: { pattern: string } } };
  const [seen, every] = [new RegExp(`^${properties.title.pattern}$`, 'u'), new RegExp(`^${UNSEEN}$`, 'u')];
  for (let code = 0; code <= 0xffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (/\s|\p{Cs}/u.test(character)) continue;
    assert.is(seen.test(character), !every.test(character), code.toString(16));
  }
});

test('letters, emoji and the visible format signs are left alone', () => {
  for (const text of ['Ärger\n\tשלום 許可 🙂', '\u2764\ufe0f', '1\ufe0f\u20e3', '\u0600\u0661 \u06dd'])
    assert.equal([...unseenRuns(text)], []);
});

test('a selector that draws nothing is seen, also behind an emoji that has one', () => {
  assert.equal(
    [...unseenRuns('a\ufe0f \u2764\ufe0f\ufe0f')].map(({ at }) => at),
    [1, 5],
  );
});

test('a run of one character is one mark, however long it is', () => {
  assert.is(visible('\u200b'.repeat(333_000)).text, '<span class="unseen">U+200B × 333000</span>');
  assert.is(visibleText('a\u200b\u200b\u200cb'), 'a[U+200B × 2][U+200C]b');
});

test('no other file of src has a list of its own', () => {
  const src = fileURLToPath(new URL('../src', import.meta.url));
  const names = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const own = names
    .sort()
    .filter((name) => /\\p\{C[fo]?\}|\\u200b(?!-)/i.test(readFileSync(join(src, name), 'utf8')));
  assert.equal(own, ['pages/unseen.ts', 'services/registry/check/hidden.ts']);
  assert.ok(names.length > 100);
});

test.run();
