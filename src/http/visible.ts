/**
 * Text that somebody else chose, shown so that what is read is what is meant: nothing invisible stays unseen, and
 * nothing turns the text around.
 *
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
import { type Html, html } from './html.js';

const UNSEEN = /((?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}])/u;

/** The text, with every character that shows nothing written out by its number. */
export function visible(text: string): Html {
  const parts = text
    .split(UNSEEN)
    .map((part, at) => (at % 2 === 0 ? html`${part}` : html`<span class="unseen">${numberOf(part)}</span>`));
  return html`${parts}`;
}

/** The same where there is no markup: in a title, in an attribute that is read out. */
export function visibleText(text: string): string {
  return text
    .split(UNSEEN)
    .map((part, at) => (at % 2 === 0 ? part : `[${numberOf(part)}]`))
    .join('');
}

function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
