/** The tools of a server, each in a part that opens: what it does, what it takes, how to call it, and how to stop it. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { MODERN } from '../../../wire/revisions.js';
import { shorten } from '../../../wire/value.js';
import type { ServerPageView } from '../page-view.js';
import type { ToolView } from '../view.js';
import { hasPath, toolAnchor, toolPath } from './address.js';
import { curlLine } from './curl.js';
import { findingList } from './findings.js';
import { switchedBy, switchForm } from './forms.js';
import { toolQuarantine } from './quarantine.js';
import { exampleOf, schemaSection } from './schema.js';
import { MAX_TEXT, shown, trimmed } from './trimmed.js';
import { badge, STATES } from './words.js';

const MAX_SUMMARY = 160;
const MAX_CURL = 4_000;
/** Characters of schemas on a page, and of all its tools: a thousand with long schemas are read as JSON, and not in a browser. */
const MAX_SCHEMAS = 200_000;
const MAX_TOOLS = 400_000;

export function tools(view: ServerPageView): Html {
  const { tools: all, manifest } = view.server;
  let schemasLeft = MAX_SCHEMAS;
  let toolsLeft = MAX_TOOLS;
  const parts = all.map((tool) => {
    if (toolsLeft <= 0) return nameOnly(view, tool);
    const schemas = schemasLeft > 0 ? inDetail(view, tool) : TOO_MUCH;
    schemasLeft -= schemas.text.length;
    const made = part(view, tool, schemas);
    toolsLeft -= made.text.length;
    return made;
  });
  const none = manifest === undefined ? 'They are listed when its manifest is there.' : 'It has none.';
  return html`<section aria-labelledby="tools">
<h2 id="tools">Tools${all.length === 0 ? undefined : html` <span class="number">${all.length}</span>`}</h2>
${all.length === 0 ? html`<p class="soft">${none}</p>` : parts}
</section>`;
}

const TOO_MUCH = html`<p class="soft">There is more on this page than a browser shows well. The schemas of this tool are in the server's JSON.</p>`;

/** What is not shown cannot be accepted here, and can be switched. */
function nameOnly(view: ServerPageView, tool: ToolView): Html {
  const anchor = toolAnchor(tool.name);
  return html`<div id="${anchor}" class="soft"><code>${visible(tool.name)}</code> ${badge(STATES[tool.state])} All of it is in the server's JSON.
${stop(view, tool, anchor)}</div>`;
}

function part(view: ServerPageView, tool: ToolView, schemas: Html): Html {
  const { name, title, description, destructive, scope, state, findings } = tool;
  const anchor = toolAnchor(name);
  const look = state === 'quarantined' ? 'warn' : 'off';
  return html`<details class="panel tool" id="part-${anchor}"${state === 'quarantined' ? html` open` : undefined}>
<summary>
<h3><code>${visible(name)}</code></h3>
${state === 'on' ? undefined : badge(STATES[state], look)}
${destructive ? badge('Destructive', 'bad') : undefined}
${findings.length === 0 ? undefined : badge(findings.length === 1 ? '1 finding' : `${findings.length} findings`, 'warn')}
<span class="line-of soft" dir="auto">${visible(title ?? shorten(description.slice(0, MAX_TEXT).replace(/\s+/g, ' '), MAX_SUMMARY))}</span>
</summary>
<div id="${anchor}" class="inside">
${toolQuarantine(view, tool)}
<p class="text" dir="auto">${shown(description)}</p>
<dl class="short">
<div><dt>Scope</dt><dd><code>${visible(scope)}</code></dd></div>
<div><dt>Changes state</dt><dd>${destructive ? 'Yes, a person should approve each call' : 'No'}</dd></div>
<div><dt>State</dt><dd>${STATES[state]}</dd></div>
</dl>
${findings.length === 0 ? undefined : html`<h4>Findings</h4>${findingList(findings)}`}
${schemas}
${switchedBy(tool.switch)}
${stop(view, tool, anchor)}
</div>
</details>`;
}

function inDetail(view: ServerPageView, tool: ToolView): Html {
  return html`${schemaSection(tool.name, 'Arguments', tool.schema)}
${tool.outputSchema === undefined ? undefined : schemaSection(tool.name, 'Result', tool.outputSchema)}
${beyond(tool)}
${call(view, { ...tool, schema: trimmed(tool.schema).schema })}`;
}

/** What only tools/list says of it. */
function beyond({ listed = {} }: ToolView): Html | undefined {
  if (Object.keys(listed).length === 0) return undefined;
  const { schema } = trimmed(listed);
  return html`<details><summary>What tools/list says besides</summary>
<pre tabindex="0" role="group" aria-label="What tools/list says besides">${shown(JSON.stringify(schema, undefined, 2))}</pre></details>`;
}

function call(view: ServerPageView, { name, schema, scope }: ToolView): Html {
  const { url, manifest } = view.server;
  const id = `${toolAnchor(name)}:curl`;
  const token = manifest?.auth !== undefined;
  const line =
    url === undefined ? undefined : curlLine({ url, token, tool: { name, schema } }, exampleOf(schema));
  const modern = manifest?.revisions.includes(MODERN) === true;
  if (line === undefined || line.length > MAX_CURL || !modern) return html``;
  const issuer = view.issuer ?? manifest?.auth?.issuers[0];
  const from = issuer === undefined ? undefined : html` from <code>${visible(issuer)}</code>`;
  return html`<h4>Call it</h4>
<div class="copied">
<pre id="${id}" tabindex="0" role="group" aria-label="curl line"><code>${visible(line)}</code></pre>
<button type="button" class="quiet" data-copy="${id}" hidden>Copy</button>
</div>
${token ? html`<p class="soft small"><code>TOKEN</code> is an access token for the scope <code>${visible(scope)}</code>${from}.</p>` : undefined}`;
}

function stop(
  { server, visitor }: ServerPageView,
  { name, switch: switched }: ToolView,
  anchor: string,
): Html | undefined {
  if (visitor === undefined) return undefined;
  if (!hasPath(name))
    return html`<p class="soft">No address can hold this tool's name, so it cannot be accepted or switched here. Switch off the server instead.</p>`;
  const action = `${toolPath(server.name, name)}/switch`;
  return switchForm({
    csrf: visitor.csrf,
    action,
    hidden: { address: server.address, tool: name },
    id: `${anchor}:switch`,
    name,
    switched,
  });
}
