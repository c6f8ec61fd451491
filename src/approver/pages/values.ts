/**
 * Values that somebody else chose, shown so that what is read is what is meant: nothing invisible stays unseen, nothing
 * turns the text around, and nothing is cut off.
 *
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
import { type Html, html } from '../../http/html.js';
import { isRecord } from '../../value.js';

const UNSEEN = /((?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}])/u;

/** The text, with every character that shows nothing written out by its number. */
export function visible(text: string): Html {
  const parts = text
    .split(UNSEEN)
    .map((part, at) => (at % 2 === 0 ? html`${part}` : html`<span class="unseen">${numberOf(part)}</span>`));
  return html`${parts}`;
}

/** One row for each argument, and all of them once more as JSON, where a number is no text. */
export function argumentsTable(args: unknown): Html {
  const rows = isRecord(args) ? Object.entries(args) : [];
  return html`${rows.length === 0 ? undefined : table(rows)}
<details${rows.length === 0 ? html` open` : undefined}><summary>As JSON</summary>
<pre>${visible(JSON.stringify(args, undefined, 2) ?? 'none')}</pre></details>`;
}

function table(rows: readonly [string, unknown][]): Html {
  const cells = rows.map(
    ([name, value]) =>
      html`<tr><th scope="row"><code>${visible(name)}</code></th><td>${shown(value)}</td></tr>`,
  );
  return html`<table class="arguments">
<caption>What the tool is given</caption>
<thead><tr><th scope="col">Argument</th><th scope="col">Value</th></tr></thead>
<tbody>${cells}</tbody>
</table>`;
}

function shown(value: unknown): Html {
  if (value === '') return html`<span class="soft">an empty text</span>`;
  if (typeof value === 'string') return html`<span class="text" dir="auto">${visible(value)}</span>`;
  return html`<code class="text">${visible(JSON.stringify(value, undefined, 2) ?? 'none')}</code>`;
}

function numberOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
