/**
 * Characters that show nothing, or that turn the text around: the one list of them. Whatever a stranger wrote is shown,
 * printed, pasted and scanned by it. Unicode says which characters a font may leave out; a few blank ones come on top,
 * and the signs that Unicode counts as format characters although everybody sees them are taken away.
 *
 * @see https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */

/** Controls, formats, halves of pairs, private characters, separators of lines; the blank Braille cell, note and filler. */
const CLASSES =
  '\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}\\u2800\\u{1d159}\\u{16fe4}';
/** Prepended_Concatenation_Mark, of which regular expressions know nothing, and the joiners of hieroglyphs. */
const SEEN = '\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}\\u{13430}-\\u{13440}';
const PICTURE = '\\p{Extended_Pictographic}|\\p{Emoji_Modifier}';
/** One selector right behind a picture or a keycap decides how that is drawn, so it shows. */
const DRAWN = `(?<=${PICTURE}|[#*\\d])[\\ufe0e\\ufe0f]`;

/** Every one of them, line breaks and tabs among them. */
export const UNSEEN = `(?![${SEEN}])[${CLASSES}]`;

/** Those that leave a reader in the dark: not line feeds and tabs, and not what tells how an emoji is drawn. */
export const UNSEEN_IN_TEXT = `(?!${DRAWN}|[\\n\\t])${UNSEEN}`;

const EVERY = new RegExp(UNSEEN, 'gu');
const IN_TEXT = new RegExp(UNSEEN_IN_TEXT, 'gu');
const RUN = new RegExp(`(${UNSEEN_IN_TEXT})\\1*`, 'gu');

/** The text with each of these characters as `write` has it. */
export function replaceUnseen(text: string, write: (character: string) => string): string {
  return text.replace(EVERY, write);
}

/** The same of a text that people read: its line feeds and tabs stay, and emoji as they are drawn. */
export function replaceUnseenInText(text: string, write: (character: string) => string): string {
  return text.replace(IN_TEXT, write);
}

/** A character, and how often it follows on itself. */
export type Run = { character: string; count: number; at: number; length: number };

/** Where a text that people read has such characters, one run at a time. */
export function* unseenRuns(text: string): Generator<Run> {
  for (const match of text.matchAll(RUN)) {
    const [{ length }, character = ''] = match;
    yield { character, count: length / character.length, at: match.index, length };
  }
}

/** `U+200B` */
export function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** As JSON writes it within a string: `\u200b`. */
export function escapeOf(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}
