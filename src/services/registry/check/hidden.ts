/**
 * Text that nobody sees: characters without a shape where no honest writing needs them. Where one is needed it is left
 * alone: a joiner between letters that join or are written without spaces, a direction mark in text from right to left,
 * what emoji are made of.
 */

import { numberOf, UNSEEN_IN_TEXT } from '../../../pages/unseen.js';
import { shorten } from '../../../wire/value.js';

/** Private characters, halves of pairs and line separators are drawn in some way: they are no hiding place. */
const HIDDEN = `(?![\\r\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}])${UNSEEN_IN_TEXT}`;
const scripts = (names: string): string =>
  names
    .split(' ')
    .map((name) => `\\p{Script=${name}}`)
    .join('');
/** Scripts that join their letters, or write words without spaces between them. */
const JOINING = scripts(
  'Arabic Syriac Nko Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Khmer Myanmar Tibetan',
);
const RIGHT_TO_LEFT = scripts('Arabic Hebrew Syriac Thaana Nko');
const tags = (text: string): string =>
  [...text].map((one) => `\\u{${(0xe0000 + (one.codePointAt(0) ?? 0)).toString(16)}}`).join('');
const NEEDED = new RegExp(
  [
    '(?<=\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\ufe0f)\\u200d(?=\\p{Extended_Pictographic})',
    // The flags of England, Scotland and Wales are spelt in tags.
    `(?<=\\u{1f3f4})(?:${['gbeng', 'gbsct', 'gbwls'].map(tags).join('|')})\\u{e007f}`,
    `(?<=[${JOINING}\\p{M}])[\\u200b-\\u200d\\u2060]`,
    `(?<=[${RIGHT_TO_LEFT}][\\p{M}\\p{P}\\p{S}\\p{N} ]{0,3})[\\u200e\\u200f\\u061c]`,
    `[\\u200e\\u200f\\u061c](?=[\\p{P}\\p{S}\\p{N} ]{0,3}[${RIGHT_TO_LEFT}])`,
    '(?<=\\p{Script=Mongolian})[\\u180b-\\u180f]',
    // Variants of one character, registered for Chinese characters and for mathematical signs.
    '(?<=\\p{Script=Han})[\\ufe00-\\ufe02\\u{e0100}-\\u{e0103}]',
    '(?<=\\p{Sm})\\ufe00',
    '(?<=[\\u2801-\\u28ff])\\u2800|\\u2800(?=[\\u2801-\\u28ff])',
  ].join('|'),
  'gu',
);
const EVERY_HIDDEN = new RegExp(HIDDEN, 'gu');
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;
/** So many are looked at to say which they are; one would do to know that there are some. */
const MAX_NAMED = 1_000;

/** What is hidden in the text, in words; undefined: nothing. */
export function hiddenIn(text: string): string | undefined {
  if (PLAIN.test(text)) return undefined;
  const characters: string[] = [];
  for (const [character] of text.replace(NEEDED, '').matchAll(EVERY_HIDDEN)) {
    characters.push(character);
    if (characters.length === MAX_NAMED) break;
  }
  return characters.length === 0 ? undefined : named(characters);
}

/** Tags spell ASCII that no screen shows: words of their own. */
export function spelled(text: string): string {
  return text.replace(/[\u{e0020}-\u{e007e}]+/gu, (all) => ` ${letters(all)} `);
}

function letters(all: string): string {
  return [...all].map((tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000)).join('');
}

function named(characters: readonly string[]): string {
  const tags = characters.filter((one) => one >= '\u{e0020}' && one <= '\u{e007e}');
  const names = [...new Set(characters)].map(numberOf);
  const list = `${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`;
  return tags.length === 0
    ? list
    : `${list}, which spell ${JSON.stringify(shorten(letters(tags.join('')), 120))}`;
}
