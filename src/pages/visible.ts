/**
 * Shows text from outside as it is: characters that show nothing, or reverse the text around them, are
 * written out. Where people decide about a text, letters that pass for those of another alphabet are named as well.
 *
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
import { Html, html } from './html.js';
import { type LookAlike, lookAlikes, lookAlikesInJson } from './look-alikes.js';
import { numberOf, type Run, unseenRuns } from './unseen.js';

/** The text with each unseen character as its number in a box, and how often it is repeated. */
export function visible(text: string): Html {
  return inBoxes(text, unseenMarks(text));
}

/** The same, for between tags only: there a quotation mark needs no entity, and JSON is full of them. */
export function visibleData(text: string): Html {
  return new Html(visible(text).text.replaceAll('&quot;', '"').replaceAll('&#39;', "'"));
}

/** The same without markup, for titles and attributes. */
export function visibleText(text: string): string {
  return inBrackets(text, unseenMarks(text));
}

/** For what a person decides about: `p` `Cyrillic а` `ypal`, with the middle in a box. */
export function unmistakable(text: string): Html {
  return inBoxes(text, allMarks(text, lookAlikes(text)));
}

export function unmistakableText(text: string): string {
  return inBrackets(text, allMarks(text, lookAlikes(text)));
}

/** The same for a JSON text. */
export function unmistakableJson(json: string): Html {
  return inBoxes(json, allMarks(json, lookAlikesInJson(json)));
}

export function unmistakableJsonText(json: string): string {
  return inBrackets(json, allMarks(json, lookAlikesInJson(json)));
}

/** A part of a text, and the words that take its place. */
type Mark = { at: number; length: number; words: string };

const unseenMarks = (text: string): Mark[] => Array.from(unseenRuns(text), unseenMark);

function allMarks(text: string, alikes: Iterable<LookAlike>): Mark[] {
  const alikeMarks = Array.from(alikes, ({ alphabet, letters, at, length }) => ({
    ...{ at, length },
    words: `${alphabet} ${letters}`,
  }));
  if (alikeMarks.length === 0) return unseenMarks(text);
  return [...unseenMarks(text), ...alikeMarks].sort((one, other) => one.at - other.at);
}

function unseenMark({ character, count, at, length }: Run): Mark {
  const number = numberOf(character);
  return { at, length, words: count === 1 ? number : `${number} × ${count}` };
}

function inBoxes(text: string, marks: readonly Mark[]): Html {
  return html`${replaceMarks(
    text,
    marks,
    (part) => html`${part}`,
    (words) => html`<span class="unseen">${words}</span>`,
  )}`;
}

function inBrackets(text: string, marks: readonly Mark[]): string {
  return replaceMarks(text, marks, String, (words) => `[${words}]`).join('');
}

function replaceMarks<Part>(
  text: string,
  marks: readonly Mark[],
  keep: (part: string) => Part,
  name: (words: string) => Part,
): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { at, length, words } of marks) {
    parts.push(keep(text.slice(from, at)), name(words));
    from = at + length;
  }
  return [...parts, keep(text.slice(from))];
}
