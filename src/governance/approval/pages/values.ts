/** Arguments that somebody else chose, all of them, and none cut off. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { isRecord } from '../../../wire/value.js';

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
