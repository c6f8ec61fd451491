/**
 * Text that somebody else chose, shown so that what is read is what is meant: nothing invisible stays unseen, and
 * nothing turns the text around.
 *
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */

import { type Html, html } from './html.js';
import { numberOf, type Run, unseenRuns } from './unseen.js';

/** The text, with every character that shows nothing written out by its number, and how often it stands there in a row. */
export function visible(text: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const run of unseenRuns(text)) {
    parts.push(html`${text.slice(from, run.at)}<span class="unseen">${nameOf(run)}</span>`);
    from = run.at + run.length;
  }
  return from === 0 ? html`${text}` : html`${parts}${text.slice(from)}`;
}

/** The same where there is no markup: in a title, in an attribute that is read out. */
export function visibleText(text: string): string {
  let shown = '';
  let from = 0;
  for (const run of unseenRuns(text)) {
    shown += `${text.slice(from, run.at)}[${nameOf(run)}]`;
    from = run.at + run.length;
  }
  return shown + text.slice(from);
}

function nameOf({ character, count }: Run): string {
  return count === 1 ? numberOf(character) : `${numberOf(character)} × ${count}`;
}
