/**
 * The consent page. The client comes first and is described by what can be checked, not only by its own name. An approval
 * is requested in separate words, one tool at a time.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/security-considerations
 */
import { DECIDES } from '../../../governance/approval/addresses.js';
import { APPROVED } from '../../../oauth/scopes.js';
import { type Html, html } from '../../../pages/html.js';
import { REGISTRY_WRITE } from '../../registry/token-names.js';
import type { ConsentRequest, RequestedScope, Requester } from '../consent.js';
import type { ProtectedTool } from '../resources.js';
import { hidden, page } from './layout.js';

const OPENID_WORDS: ReadonlyMap<string, string> = new Map([
  ['openid', 'Know your e-mail address'],
  ['offline_access', 'Keep its access while you are away'],
]);

/** Descriptions of scopes that open no tool. */
const SCOPE_WORDS: ReadonlyMap<string, string> = new Map([
  [DECIDES, 'Approve or refuse, in your name, what programs of your organisation want to change'],
  [REGISTRY_WRITE, 'Add servers to the registry, switch them and their tools on and off, and accept changes'],
]);

export type ConsentPage = { action: string; csrf: string; person: string; consent: ConsentRequest };

export function consentPage({ action, csrf, person, consent }: ConsentPage): string {
  const { requester, resources, openid, approves } = consent;
  const yes = approves === undefined ? 'Allow' : 'Approve';
  return page(
    approves === undefined
      ? `Allow access for “${requester.name}”?`
      : `Approve what “${requester.name}” wants to do?`,
    html`${who(requester)}
${approves === undefined ? undefined : approval(approves)}
${resources.map(
  ({ resource, scopes }) =>
    html`<h2>At ${resource.name}</h2>
<p class="soft"><code>${resource.resource}</code></p>
<ul>${scopes.filter(({ scope }) => scope !== APPROVED).map(scopeItem)}</ul>`,
)}
${openid.length === 0 ? undefined : html`<h2>About you</h2><ul>${openid.map(openidItem)}</ul>`}
<p class="soft">You are signed in as <strong>${person}</strong>. Not you? <a href="/signout">Sign out</a>, and start again.</p>
<form method="post" action="${action}">
${hidden({ csrf, login: person })}
<div class="actions">
<button class="main" name="do" value="allow">${yes}</button>
<button name="do" value="deny">Deny</button>
</div>
</form>`,
  );
}

function who({ name, clientId, clientHost, redirectHost, loopbackOnly }: Requester): Html {
  return html`<dl>
<dt>It calls itself</dt><dd><strong>${name}</strong></dd>
<dt>Client id</dt><dd><code>${clientId}</code></dd>
${clientHost === undefined ? undefined : html`<dt>Described at</dt><dd><strong>${clientHost}</strong></dd>`}
<dt>The answer goes to</dt><dd>${
    redirectHost === undefined
      ? 'the device or terminal that showed you the code'
      : html`<strong>${redirectHost}</strong>`
  }</dd>
</dl>
${
  loopbackOnly
    ? html`<div class="box warn"><p><strong>This client runs on this machine.</strong> Any program here could use its name: continue only if you have just started it yourself.</p></div>`
    : undefined
}`;
}

function approval(tools: readonly ProtectedTool[]): Html {
  const items = tools.map(
    ({ name, title, description }) =>
      html`<li><strong>${title}</strong> (<code>${name}</code>)<br>${description}</li>`,
  );
  const what =
    items.length === 0
      ? html`<p>The request opens no tool that changes anything.</p>`
      : html`<p>Once you approve, and for a short time, it may change things as you:</p><ul>${items}</ul>`;
  return html`<div class="box bad"><h2>Your approval is asked for</h2>${what}<p>You are asked each time (<code>${APPROVED}</code>); nobody else can say yes for you.</p></div>`;
}

function scopeItem({ scope, tools, isNew }: RequestedScope): Html {
  const titles = SCOPE_WORDS.get(scope) ?? tools.map(({ title }) => title).join('; ');
  return html`<li><code>${scope}</code> ${badge(isNew)}${titles === '' ? undefined : html`<br>${titles}`}</li>`;
}

function openidItem({ scope, isNew }: RequestedScope): Html {
  return html`<li>${OPENID_WORDS.get(scope) ?? scope} ${badge(isNew)}</li>`;
}

function badge(isNew: boolean): Html {
  return isNew ? html`<span class="new">new</span>` : html`<span class="soft">allowed before</span>`;
}
