import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { visible, visibleText } from '../../src/pages/visible.js';

const test = suite('http/visible');

const unseen = (number: string): string => `<span class="unseen">U+${number}</span>`;

test('a character that is invisible or reverses the text is written out', () => {
  for (const [character, number] of [
    ['\u202e', '202E'],
    ['\u200b', '200B'],
    ['\u2066', '2066'],
    ['\ufeff', 'FEFF'],
    ['\u0000', '0000'],
    ['\u001b', '001B'],
    ['\r', '000D'],
    ['\u2028', '2028'],
    ['\ud800', 'D800'],
    ['\u{e0041}', 'E0041'],
  ]) {
    assert.is(visible(`a${character}b`).text, `a${unseen(String(number))}b`);
    assert.is(visibleText(`<${character}b`), `<[U+${number}]b`);
  }
});

test('letters of any script, line breaks, tabs and whole surrogate pairs are left as they are', () => {
  const text = 'Ärger\n\tשלום 許可 🙂';
  assert.is(visible(text).text, text);
});

test.run();
