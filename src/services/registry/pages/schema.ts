/** A schema on a page: a table of its top-level members, the schema itself, and arguments for an example call. */
import { type Html, html } from '../../../pages/html.js';
import { visibleText } from '../../../pages/visible.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { toolAnchor } from './address.js';
import { excerpt, trimSchema } from './trimmed.js';

const MAX_JSON = 100_000;
const MAX_DESCRIPTION = 1_000;

export function schemaSection(tool: string, what: 'Arguments' | 'Result', given: JsonObject): Html {
  const { schema, cut } = trimSchema(given);
  const members = Object.entries(propertiesOf(schema));
  const required = requiredOf(schema);
  return html`<h4>${what}</h4>
${
  members.length === 0
    ? html`<p class="soft">No ${what === 'Arguments' ? 'arguments' : 'members'} are listed.</p>`
    : html`<div class="scroll" role="group" tabindex="0" aria-label="${visibleText(`${what} of ${tool}`)}">
<table class="schema">
<caption class="heard">${excerpt(`${what} of ${tool}`)}</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Required</th><th scope="col">Description</th></tr></thead>
<tbody>${members.map(([name, member]) => row(name, isRecord(member) ? member : {}, required.includes(name)))}</tbody>
</table>
</div>`
}
${cut ? html`<p class="soft small">The schema is longer than this page shows. All of it is in the server's JSON.</p>` : undefined}
<details id="${toolAnchor(tool)}:${what}"><summary>JSON Schema</summary>
<pre tabindex="0" role="group" aria-label="JSON Schema, ${what}">${excerpt(JSON.stringify(schema, undefined, 2), MAX_JSON)}</pre></details>`;
}

function row(name: string, member: JsonObject, isRequired: boolean): Html {
  const { description } = member;
  const text = typeof description === 'string' ? excerpt(description, MAX_DESCRIPTION) : undefined;
  return html`<tr>
<th scope="row"><code>${excerpt(name)}</code></th>
<td>${excerpt(typesOf(member).join(' or ') || 'see the schema')}</td>
<td>${isRequired ? html`<strong>required</strong>` : 'optional'}</td>
<td><span class="text" dir="auto">${text}</span></td>
</tr>`;
}

/** The example or default that the schema gives, or its required members, with placeholders where it gives none for them. */
export function exampleOf(schema: JsonObject): unknown {
  const properties = propertiesOf(schema);
  const members = requiredOf(schema).map((name) => {
    const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return [name, isRecord(member) ? (givenValue(member) ?? placeholder(member)) : 'example'];
  });
  return givenValue(schema) ?? Object.fromEntries(members);
}

function givenValue({ examples, default: standard, const: only, enum: values }: JsonObject): unknown {
  const [example] = Array.isArray(examples) ? examples : [];
  const [value] = Array.isArray(values) ? values : [];
  return example ?? standard ?? only ?? value;
}

function placeholder(member: JsonObject): unknown {
  const { minimum } = member;
  switch (typesOf(member).find((type) => type !== 'null')) {
    case 'integer':
    case 'number':
      return typeof minimum === 'number' ? minimum : 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return exampleOf(member);
    default:
      return 'example';
  }
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isRecord(properties) ? properties : {};
}

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function typesOf({ type }: JsonObject): string[] {
  return [type].flat().filter((one) => typeof one === 'string');
}
