/**
 * Shows text from outside as it is: characters that show nothing, or reverse the text around them, are
 * written out.
 *
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */

import { Html, html } from './html.js';
import { numberOf, type Run, unseenRuns } from './unseen.js';

/** The text with each unseen character as its number in a box, and how often it is repeated. */
export function visible(text: string): Html {
  return html`${replaceRuns(
    text,
    (part) => html`${part}`,
    (run) => html`<span class="unseen">${run}</span>`,
  )}`;
}

/** The same, for between tags only: there a quotation mark needs no entity, and JSON is full of them. */
export function visibleData(text: string): Html {
  return new Html(visible(text).text.replaceAll('&quot;', '"').replaceAll('&#39;', "'"));
}

/** The same without markup, for titles and attributes. */
export function visibleText(text: string): string {
  return replaceRuns(text, String, (run) => `[${run}]`).join('');
}

function replaceRuns<Part>(text: string, keep: (part: string) => Part, name: (run: string) => Part): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const run of unseenRuns(text)) {
    parts.push(keep(text.slice(from, run.at)), name(nameOf(run)));
    from = run.at + run.length;
  }
  return [...parts, keep(text.slice(from))];
}

function nameOf({ character, count }: Run): string {
  return count === 1 ? numberOf(character) : `${numberOf(character)} × ${count}`;
}
