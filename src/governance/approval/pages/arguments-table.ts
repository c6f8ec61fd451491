/** The arguments of a call: all of them, and none shortened. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { isRecord } from '../../../wire/value.js';

/** One row for each argument, then all of them as JSON, which tells the number 1 from the text "1". */
export function argumentsTable(args: unknown): Html {
  const rows = isRecord(args) ? Object.entries(args) : [];
  return html`${rows.length === 0 ? undefined : table(rows)}
<details${rows.length === 0 ? html` open` : undefined}><summary>As JSON</summary>
<pre>${visible(toJson(args))}</pre></details>`;
}

function table(rows: readonly [string, unknown][]): Html {
  const cells = rows.map(
    ([name, value]) =>
      html`<tr><th scope="row"><code>${visible(name)}</code></th><td>${cell(value)}</td></tr>`,
  );
  return html`<table class="arguments">
<caption>What the tool receives</caption>
<thead><tr><th scope="col">Argument</th><th scope="col">Value</th></tr></thead>
<tbody>${cells}</tbody>
</table>`;
}

function cell(value: unknown): Html {
  if (value === '') return html`<span class="soft">an empty text</span>`;
  if (typeof value === 'string') return html`<span class="text" dir="auto">${visible(value)}</span>`;
  return html`<code class="text">${visible(toJson(value))}</code>`;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2) ?? 'none';
}
