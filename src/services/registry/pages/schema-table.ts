/** A schema as a table of its members, and as it is. */
import { type Html, html } from '../../../pages/html.js';
import { visibleText } from '../../../pages/visible.js';
import type { JsonObject } from '../../../wire/value.js';
import { toolAnchor } from './address.js';
import { type SchemaRow, schemaRows } from './schema-rows.js';
import { shown, trimmed } from './trimmed.js';

const MAX_JSON = 100_000;
const MAX_DESCRIPTION = 1_000;
const MAX_PATH = 300;

const PRESENCE: { [Name in SchemaRow['presence']]: string } = {
  required: 'required',
  optional: 'optional',
  some: 'in some forms',
};

/** `what`: the heading, and with the tool's name the table's own. */
export function schemaTable(tool: string, what: 'Arguments' | 'Result', given: JsonObject): Html {
  const { schema, cut: less } = trimmed(given);
  const { rows, cut } = schemaRows(schema);
  return html`<h4>${what}</h4>
${rows.length === 0 ? html`<p class="soft">${what === 'Arguments' ? 'It takes none.' : 'Nothing is told of its members.'}</p>` : table(`${what} of ${tool}`, rows)}
${cut && !less ? html`<p class="soft small">There is more: see the schema itself.</p>` : undefined}
${less ? html`<p class="soft small">It is longer than a page shows: all of it is in the server's JSON.</p>` : undefined}
<details id="${toolAnchor(tool)}:${what}"><summary>JSON Schema</summary>
<pre tabindex="0" role="group" aria-label="JSON Schema, ${what}">${shown(JSON.stringify(schema, undefined, 2), MAX_JSON)}</pre></details>`;
}

function table(caption: string, rows: readonly SchemaRow[]): Html {
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${visibleText(caption)}">
<table class="schema">
<caption class="heard">${shown(caption)}</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Required</th><th scope="col">What it is</th></tr></thead>
<tbody>${rows.map(line)}</tbody>
</table>
</div>`;
}

function line({ path, type, presence, description, limits }: SchemaRow): Html {
  const told =
    description === undefined
      ? undefined
      : html`<span class="text" dir="auto">${shown(description, MAX_DESCRIPTION)}</span>`;
  const held =
    limits.length === 0
      ? undefined
      : html`<ul class="limits">${limits.map((one) => html`<li>${shown(one)}</li>`)}</ul>`;
  return html`<tr>
<th scope="row"><code>${shown(path, MAX_PATH)}</code></th>
<td>${shown(type, MAX_PATH)}</td>
<td>${presence === 'required' ? html`<strong>required</strong>` : PRESENCE[presence]}</td>
<td>${told}${held}</td>
</tr>`;
}
