/**
 * What changed without anybody's consent, before and after, and the form that accepts exactly that. What is longer than a
 * page shows says so: it is in the server's JSON, and it is accepted as a whole.
 */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Difference } from '../diff.js';
import type { ServerPageView } from '../page-view.js';
import type { ServerView, ToolView } from '../view.js';
import { hasPath, serverPath, toolAnchor, toolPath } from './address.js';
import { marked } from './changed-text.js';
import { actionForm, type Form, reasonField } from './forms.js';
import { shown, trimmed } from './trimmed.js';

/** What is in quarantine has more to be read than this only when it is another altogether. */
const MAX_ROWS = 100;
const MAX_POINTER = 300;

export function identityQuarantine({ server, visitor }: ServerPageView): Html | undefined {
  const { name, address, identity, manifest } = server;
  if (identity === undefined || manifest === undefined) return undefined;
  return html`<section class="panel held" aria-labelledby="held">
<h2 id="held">In quarantine: it is not who it was</h2>
<p>The manifest names another owner, address or issuer than the ones that were accepted. Until somebody accepts them, nothing of this server is to be used: calls and tokens would go elsewhere.</p>
${differenceTable(identity.changes, 'What the server says of itself')}
${
  visitor &&
  acceptForm('accept', html`Accept ${visible(name)} as it is now`, {
    csrf: visitor.csrf,
    action: `${serverPath(name)}/accept`,
    hidden: { address, digest: manifest.digest },
  })
}
</section>`;
}

export function guidanceQuarantine({ server, visitor }: ServerPageView): Html | undefined {
  const { name, address, guidance } = server;
  if (guidance === undefined) return undefined;
  const changes = guidance.changes.map(({ item, before, after }) => ({
    pointer: item,
    ...(before === null ? {} : { before }),
    after,
  }));
  return html`<section class="panel held" aria-labelledby="held-guidance">
<h2 id="held-guidance">In quarantine: it tells models something else</h2>
<p>Its instructions, prompts or resources are not what was accepted, or hide something. They reach a model as they are, so nothing of this server is to be used until somebody accepts them.</p>
${differenceTable(changes, 'What it tells models')}
${
  visitor &&
  acceptForm('accept-guidance', html`Accept what ${visible(name)} tells models now`, {
    csrf: visitor.csrf,
    action: `${serverPath(name)}/accept`,
    hidden: { address, digest: guidance.digest },
  })
}
</section>`;
}

export function toolQuarantine({ server, visitor }: ServerPageView, tool: ToolView): Html | undefined {
  if (tool.state !== 'quarantined') return undefined;
  const isNew = tool.accepted === null || tool.accepted === undefined;
  const changes = tool.changes ?? [];
  const text = isNew
    ? 'Nobody has accepted this tool yet. Until somebody does, it is not to be called.'
    : 'This tool is not what was accepted. Until somebody accepts the change, it is not to be called.';
  return html`<div class="held">
<h4>In quarantine</h4>
<p>${text}</p>
${changes.length === 0 ? undefined : differenceTable(changes, isNew ? 'What is new' : 'What has changed')}
${visitor && hasPath(tool.name) ? acceptTool(server, tool, visitor.csrf) : undefined}
</div>`;
}

function acceptTool(
  server: Pick<ServerView, 'name' | 'address'>,
  { name, digest }: ToolView,
  csrf: string,
): Html {
  return acceptForm(`${toolAnchor(name)}:accept`, html`Accept ${visible(name)} as it is now`, {
    csrf,
    action: `${toolPath(server.name, name)}/accept`,
    // The digest of what was read here: whatever it has become meanwhile is not accepted with it.
    hidden: { address: server.address, tool: name, digest },
  });
}

function acceptForm(id: string, button: Html, form: Form): Html {
  return actionForm(
    form,
    html`${reasonField(`${id}-reason`)}
<button class="main">${button}</button>`,
  );
}

function differenceTable(changes: readonly Difference[], caption: string): Html {
  const more = changes.length - MAX_ROWS;
  const rows = changes.slice(0, MAX_ROWS).map(
    ({ pointer, ...change }) => html`<tr>
<th scope="row"><code>${shown(pointer.replace(/^\//, '') || 'all of it', MAX_POINTER)}</code></th>
<td data-side="Before">${sideOf(change, 'before')}</td>
<td data-side="Now">${sideOf(change, 'after')}</td>
</tr>`,
  );
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}">
<table class="difference">
<caption>${caption}</caption>
<thead><tr><th scope="col">Where</th><th scope="col">Before</th><th scope="col">Now</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</div>
${more > 0 ? html`<p class="soft small">There are ${more} more changes: they are in the server's JSON.</p>` : undefined}`;
}

function sideOf(change: Omit<Difference, 'pointer'>, side: 'before' | 'after'): Html {
  const value = change[side];
  if (value === undefined) return html`<span class="soft">nothing</span>`;
  if (value === '') return html`<span class="soft">an empty text</span>`;
  if (typeof value !== 'string') return html`<code class="text">${shown(jsonOf(value))}</code>`;
  const other = change[side === 'before' ? 'after' : 'before'];
  const text = typeof other === 'string' ? marked(value, other) : shown(value);
  return html`<span class="text" dir="auto">${text}</span>`;
}

function jsonOf(value: unknown): string {
  const { schema } = trimmed({ value });
  return JSON.stringify(schema.value, undefined, 2) ?? '';
}
