/** The arguments of a call: in one line for a list, and all of them for a decision. */
import { type Html, html } from '../../../pages/html.js';
import { unmistakable, unmistakableJson } from '../../../pages/visible.js';
import { isRecord, type JsonObject, shorten } from '../../../wire/value.js';

/** How much of a call one line shows: so many values, each up to so many characters. */
const MAX_VALUES = 3;
const MAX_VALUE = 80;

/**
 * `PAY · Bug · Refunds are sent twice`: the first values, in the order of the tool's schema, because a caller chooses the order of
 * the arguments. Undefined when there is no short value.
 */
export function summaryOf(args: unknown, schema: JsonObject = {}): Html | undefined {
  if (!isRecord(args)) return undefined;
  const { required, properties } = schema;
  const names: unknown[] = Array.isArray(required) ? [...required] : [];
  names.push(...Object.keys(isRecord(properties) ? properties : {}), ...Object.keys(args));
  const values = [...new Set(names)].flatMap((name) =>
    typeof name === 'string' && Object.hasOwn(args, name) ? (valueText(name, args[name]) ?? []) : [],
  );
  if (values.length === 0) return undefined;
  // Isolated, so that a value that is written from right to left does not move the others.
  return html`${values.slice(0, MAX_VALUES).map((text, at) => html`${at > 0 && ' · '}<bdi>${unmistakable(text)}</bdi>`)}`;
}

/** A number or a boolean says nothing without its name. */
function valueText(name: string, value: unknown): string | undefined {
  if (typeof value === 'string') return shorten(value.replace(/\s+/g, ' ').trim(), MAX_VALUE) || undefined;
  const isShort = typeof value === 'number' || typeof value === 'boolean';
  return isShort ? `${shorten(name, MAX_VALUE)} ${value}` : undefined;
}

/** All arguments of a call, and none shortened: one row for each, then all of them as JSON, which tells the number 1 from the text "1". */
export function argumentsTable(args: unknown): Html {
  const rows = isRecord(args) ? Object.entries(args) : [];
  return html`${rows.length === 0 ? undefined : argumentRows(rows)}
<details${rows.length === 0 ? html` open` : undefined}><summary>As JSON</summary>
<pre>${unmistakableJson(toJson(args))}</pre></details>`;
}

function argumentRows(rows: readonly [string, unknown][]): Html {
  const cells = rows.map(
    ([name, value]) =>
      html`<tr><th scope="row"><code>${unmistakable(name)}</code></th><td>${cell(value)}</td></tr>`,
  );
  return html`<table class="arguments">
<caption class="heard">What the tool receives</caption>
<thead><tr><th scope="col">Argument</th><th scope="col">Value</th></tr></thead>
<tbody>${cells}</tbody>
</table>`;
}

function cell(value: unknown): Html {
  if (value === '') return html`<span class="soft">an empty text</span>`;
  if (typeof value === 'string') return html`<span class="text" dir="auto">${unmistakable(value)}</span>`;
  return html`<code class="text">${unmistakableJson(toJson(value))}</code>`;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2) ?? 'none';
}
