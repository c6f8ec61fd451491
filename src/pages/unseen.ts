/**
 * The one list of characters that show nothing or reverse the text around them. Unicode says which characters
 * a font may leave out; a few blank ones are added here, and format characters that everybody can see are
 * excluded.
 *
 * @see https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */

/**
 * Controls, formats, surrogates, private use, line separators; blank Braille, null notehead, Khitan filler.
 */
const CLASSES =
  '\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}\\u2800\\u{1d159}\\u{16fe4}';
/** Prepended_Concatenation_Mark, which regular expressions do not have, and the joiners of hieroglyphs. */
const SEEN = '\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}\\u{13430}-\\u{13440}';
const PICTURE = '\\p{Extended_Pictographic}|\\p{Emoji_Modifier}';
/** One selector after a picture or a keycap decides how it is drawn, so its effect is visible. */
const DRAWN = `(?<=${PICTURE}|[#*\\d])[\\ufe0e\\ufe0f]`;

/** All of them, including line breaks and tabs. */
export const UNSEEN = `(?![${SEEN}])[${CLASSES}]`;

/** All except line feeds, tabs, and the selectors of emoji. */
export const UNSEEN_IN_TEXT = `(?!${DRAWN}|[\\n\\t])${UNSEEN}`;

const EVERY = new RegExp(UNSEEN, 'gu');
const IN_TEXT = new RegExp(UNSEEN_IN_TEXT, 'gu');
const RUN = new RegExp(`(${UNSEEN_IN_TEXT})\\1*`, 'gu');

export function replaceUnseen(text: string, write: (character: string) => string): string {
  return text.replace(EVERY, write);
}

/** For text that people read: line feeds, tabs and emoji stay as they are. */
export function replaceUnseenInText(text: string, write: (character: string) => string): string {
  return text.replace(IN_TEXT, write);
}

/** One unseen character, how often it is repeated, and where this stands in the text. */
export type Run = { character: string; count: number; at: number; length: number };

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

/** As a JSON string writes it: `\u200b`. */
export function escapeOf(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}
