/** The tools of a server, each in a panel that opens: what it does and takes, how to call or switch it. */
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import { MODERN } from '../../../wire/revisions.js';
import { isRecord, type JsonObject, shorten } from '../../../wire/value.js';
import type { ServerPageView } from '../page-view.js';
import type { ToolView } from '../view.js';
import { hasPath, toolAnchor, toolPath } from './address.js';
import { curlLine, exampleOf, propertiesOf, requiredOf, typesOf } from './curl.js';
import {
  badge,
  excerpt,
  findingList,
  lastSwitch,
  MAX_TEXT,
  plural,
  STATES,
  switchForm,
  trimSchema,
} from './parts.js';
import { toolQuarantine } from './quarantine.js';

const MAX_SUMMARY = 160;
const MAX_CURL = 4_000;
const MAX_JSON = 100_000;
const MAX_DESCRIPTION = 1_000;
/** Characters on a page, of all schemas and of all tools. More are in the JSON. */
const MAX_SCHEMAS = 200_000;
const MAX_TOOLS = 400_000;

export function toolsSection(view: ServerPageView): Html {
  const { tools, manifest } = view.server;
  let schemasLeft = MAX_SCHEMAS;
  let toolsLeft = MAX_TOOLS;
  const panels = tools.map((tool) => {
    if (toolsLeft <= 0) return nameOnly(view, tool);
    const schemas = schemasLeft > 0 ? schemasOf(view, tool) : SCHEMAS_LEFT_OUT;
    schemasLeft -= schemas.text.length;
    const whole = panel(view, tool, schemas);
    toolsLeft -= whole.text.length;
    return whole;
  });
  const none = manifest === undefined ? 'The manifest has not been read yet.' : 'It has no tools.';
  return html`<section aria-labelledby="tools">
<h2 id="tools">Tools${tools.length > 0 && html` <span class="number">${tools.length}</span>`}</h2>
${tools.length === 0 ? html`<p class="soft">${none}</p>` : panels}
</section>`;
}

const SCHEMAS_LEFT_OUT = html`<p class="soft">This page is too long to show more schemas. Those of this tool are in the server's JSON.</p>`;

/** A tool that the page has no room to show can be switched here, but not accepted unread. */
function nameOnly(view: ServerPageView, tool: ToolView): Html {
  return html`<div id="${toolAnchor(tool.name)}" class="soft"><code>${visible(tool.name)}</code> ${badge(STATES[tool.state])} The rest is in the server's JSON.
${toolSwitch(view, tool)}</div>`;
}

function panel(view: ServerPageView, tool: ToolView, schemas: Html): Html {
  const { name, title, description, destructive, scope, state, findings } = tool;
  const anchor = toolAnchor(name);
  const isHeld = state === 'quarantined';
  const summary = title ?? shorten(description.slice(0, MAX_TEXT).replace(/\s+/g, ' '), MAX_SUMMARY);
  return html`<details class="panel tool" id="part-${anchor}"${isHeld && html` open`}>
<summary>
<h3><code>${visible(name)}</code></h3>
${state !== 'on' && badge(STATES[state], isHeld ? 'warn' : 'off')}
${destructive && badge('Destructive', 'bad')}
${findings.length > 0 && badge(plural(findings.length, 'finding'), 'warn')}
<span class="line-of soft" dir="auto">${visible(summary)}</span>
</summary>
<div id="${anchor}" class="inside">
${toolQuarantine(view, tool)}
<p class="text" dir="auto">${excerpt(description)}</p>
<dl class="short">
<div><dt>Scope</dt><dd><code>${visible(scope)}</code></dd></div>
<div><dt>Changes state</dt><dd>${destructive ? 'Yes, a person should approve each call' : 'No'}</dd></div>
<div><dt>State</dt><dd>${STATES[state]}</dd></div>
</dl>
${findings.length > 0 && html`<h4>Findings</h4>${findingList(findings)}`}
${schemas}
${lastSwitch(tool.switch, view.now)}
${toolSwitch(view, tool)}
</div>
</details>`;
}

function schemasOf(view: ServerPageView, tool: ToolView): Html {
  const { name, schema, outputSchema, listed = {} } = tool;
  const title = 'Only in tools/list';
  const others = JSON.stringify(trimSchema(listed).schema, undefined, 2);
  return html`${schemaSection(name, 'Arguments', schema)}
${outputSchema && schemaSection(name, 'Result', outputSchema)}
${
  others !== '{}' &&
  html`<details><summary>${title}</summary>
<pre tabindex="0" role="group" aria-label="${title}">${excerpt(others)}</pre></details>`
}
${curlExample(view, tool)}`;
}

/** A table of the top-level members, and the schema itself. */
export function schemaSection(tool: string, what: 'Arguments' | 'Result', fullSchema: JsonObject): Html {
  const { schema, cut } = trimSchema(fullSchema);
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
<tbody>${members.map(([name, member]) => memberRow(name, isRecord(member) ? member : {}, required.includes(name)))}</tbody>
</table>
</div>`
}
${cut && html`<p class="soft small">The schema is longer than this page shows. All of it is in the server's JSON.</p>`}
<details id="${toolAnchor(tool)}:${what}"><summary>JSON Schema</summary>
<pre tabindex="0" role="group" aria-label="JSON Schema, ${what}">${excerpt(JSON.stringify(schema, undefined, 2), MAX_JSON)}</pre></details>`;
}

function memberRow(name: string, member: JsonObject, isRequired: boolean): Html {
  const { description } = member;
  return html`<tr>
<th scope="row"><code>${excerpt(name)}</code></th>
<td>${excerpt(typesOf(member).join(' or ') || 'see the schema')}</td>
<td>${isRequired ? html`<strong>required</strong>` : 'optional'}</td>
<td><span class="text" dir="auto">${typeof description === 'string' && excerpt(description, MAX_DESCRIPTION)}</span></td>
</tr>`;
}

function curlExample({ server, issuer: tokenIssuer }: ServerPageView, tool: ToolView): Html | undefined {
  const { url, manifest } = server;
  if (url === undefined || manifest?.revisions.includes(MODERN) !== true) return undefined;
  const { schema } = trimSchema(tool.schema);
  const id = `${toolAnchor(tool.name)}:curl`;
  const token = manifest.auth !== undefined;
  const line = curlLine({ url, token, tool: { name: tool.name, schema } }, exampleOf(schema));
  if (line === undefined || line.length > MAX_CURL) return undefined;
  const issuer = tokenIssuer ?? manifest.auth?.issuers[0];
  const from = issuer !== undefined && html` from <code>${visible(issuer)}</code>`;
  return html`<h4>Call it</h4>
<div class="copied">
<pre id="${id}" tabindex="0" role="group" aria-label="curl line"><code>${visible(line)}</code></pre>
<button type="button" class="btn" data-copy="${id}" hidden>Copy</button>
</div>
${token && html`<p class="soft small"><code>TOKEN</code> is an access token for the scope <code>${visible(tool.scope)}</code>${from}.</p>`}`;
}

function toolSwitch({ server, visitor }: ServerPageView, tool: ToolView): Html | undefined {
  const { name } = tool;
  if (visitor === undefined) return undefined;
  if (!hasPath(name))
    return html`<p class="soft">No address can hold this tool's name, so it cannot be accepted or switched here. Switch off the server instead.</p>`;
  const action = `${toolPath(server.name, name)}/switch`;
  const form = { csrf: visitor.csrf, action, inputs: { address: server.address, tool: name } };
  return switchForm(form, `${toolAnchor(name)}:switch`, name, tool.switch);
}
