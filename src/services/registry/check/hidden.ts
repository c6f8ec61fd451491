/**
 * Finds text that nobody sees: invisible characters where honest writing needs none. Those that writing needs are allowed: a
 * joiner between letters that join or are written without spaces, a direction mark in text from right to left, the parts of
 * emoji.
 */
import { numberOf, UNSEEN_IN_TEXT } from '../../../pages/unseen.js';
import { shorten } from '../../../wire/value.js';

/** Private characters, half surrogate pairs and line separators are drawn somehow, so they hide nothing. */
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
/** The message names at most these; one would prove that there are some. */
const MAX_NAMED = 1_000;

/** Describes the hidden characters; undefined when there are none. */
export function hiddenIn(text: string): string | undefined {
  if (PLAIN.test(text)) return undefined;
  const characters: string[] = [];
  for (const [character] of text.replace(NEEDED, '').matchAll(EVERY_HIDDEN)) {
    characters.push(character);
    if (characters.length === MAX_NAMED) break;
  }
  return characters.length === 0 ? undefined : describe(characters);
}

/** Replaces tag characters, which no screen shows, by the ASCII that they spell. */
export function decodeTags(text: string): string {
  return text.replace(/[\u{e0020}-\u{e007e}]+/gu, (all) => ` ${letters(all)} `);
}

function letters(all: string): string {
  return [...all].map((tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000)).join('');
}

function describe(characters: readonly string[]): string {
  const tags = characters.filter((one) => one >= '\u{e0020}' && one <= '\u{e007e}');
  const names = [...new Set(characters)].map(numberOf);
  const list = `${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`;
  return tags.length === 0
    ? list
    : `${list}, which spell ${JSON.stringify(shorten(letters(tags.join('')), 120))}`;
}
