/** One server: its state, the findings, changes that nobody has accepted, facts, tools and history. */
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import type { ServerPageView } from '../page-view.js';
import type { ServerView } from '../view.js';
import { segment, serverPath, signInPath } from './address.js';
import { findingsSection } from './findings.js';
import { actionForm, confirmation, lastSwitch, switchForm } from './forms.js';
import { historySection } from './history.js';
import { page } from './layout.js';
import { guidanceQuarantine, identityQuarantine } from './quarantine.js';
import { toolsSection } from './tools.js';
import { actorName, badge, counted, join, STATES, stateBadge, timestamp, webLink } from './words.js';

export function serverPage(view: ServerPageView): string {
  const { server, visitor, formResult } = view;
  const { name, title, address, state, allFindings, quarantined } = server;
  const here = serverPath(name);
  const announcement = `${name}: ${STATES[state]}. The page is up to date.`;
  return page(
    { title: `${name}: ${STATES[state]}`, here, visitor, formResult },
    html``,
    html`<div data-live="server" data-server="${name}" data-address="${address}" data-said="${visibleText(announcement)}">
<div class="line"><h1>${visible(name)}</h1>${stateBadge(state)}${quarantined === 0 ? undefined : badge(`${counted(quarantined, 'tool')} in quarantine`, 'warn')}</div>
${title === undefined ? undefined : html`<p class="lead" dir="auto">${visible(title)}</p>`}
${stateBox(server)}
${identityQuarantine(view)}
${guidanceQuarantine(view)}
${findingsSection(allFindings, here)}
<div class="split">
<div class="side">
${facts(server)}
${visitor === undefined ? html`<p><a href="${signInPath(here)}">Sign in to switch, accept or remove</a></p>` : actions(server, visitor.csrf)}
</div>
<div>
${toolsSection(view)}
${historySection(view)}
</div>
</div>
</div>`,
  );
}

function stateBox({ state, manifest, failures, checkedAt }: ServerView): Html | undefined {
  if (state === 'off')
    return html`<p class="box">Switched off. Clients and agents should not use this server.</p>`;
  if (manifest !== undefined) return undefined;
  const text =
    checkedAt === undefined
      ? 'The registry is fetching its manifest.'
      : failures > 0
        ? 'It has not sent a valid manifest yet. The registry will try again.'
        : 'It has not sent a valid manifest yet.';
  return html`<p class="box">${text} This page updates by itself.</p>`;
}

function facts(server: ServerView): Html {
  const { name, address, url, owner, version, manifest, checkedAt, nextAt, failures, addedAt, addedBy } =
    server;
  const revisions = manifest?.revisions.map(
    (revision) => html`<code class="one">${visible(revision)}</code>`,
  );
  const issuers = manifest?.auth?.issuers.map(webLink);
  return html`<section class="panel facts" aria-labelledby="facts">
<h2 id="facts">About this server</h2>
<dl>
${owner === undefined ? undefined : fact('Owner', html`<span dir="auto">${visible(owner)}</span>`)}
${url === undefined ? undefined : fact('MCP endpoint', webLink(url))}
${fact('Manifest', webLink(address))}
${version === undefined ? undefined : fact('Version', visible(version))}
${revisions && fact('MCP revisions', join(revisions, html`, `))}
${manifest && fact('Tokens from', issuers === undefined ? html`none: it needs no token` : join(issuers, html`<br>`))}
${manifest && fact('Promised', html`${manifest.slo.availabilityPercent} % available, 99 of 100 calls within ${manifest.slo.p99Ms} ms`)}
${fact('Last checked', checkedAt === undefined ? html`not yet` : timestamp(checkedAt))}
${nextAt === undefined ? undefined : fact('Next check', timestamp(nextAt))}
${failures === 0 ? undefined : fact('Failed checks in a row', html`<strong>${failures}</strong>`)}
${fact('Added', html`${timestamp(addedAt)}${addedBy && html` by ${actorName(addedBy)}`}`)}
${manifest && fact('Digest of the manifest', html`<code class="small">${visible(manifest.digest)}</code>`)}
</dl>
${lastSwitch(server.switch)}
<p><a href="/api/servers/${segment(name)}">As JSON</a></p>
</section>`;
}

function fact(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function actions({ name, address, switch: switched }: ServerView, csrf: string): Html {
  const path = serverPath(name);
  // Another server may take the name while this page is open. Actions apply to the server that the page shows.
  const hidden = { address };
  return html`<section class="panel actions-of" aria-labelledby="actions">
<h2 id="actions">Actions</h2>
${actionForm({ csrf, action: `${path}/validate`, hidden }, html`<button>Check now</button>`)}
${switchForm({ csrf, action: `${path}/switch`, hidden, id: 'switch', name, switched })}
${confirmation(
  'remove',
  html`Remove…`,
  actionForm(
    { csrf, action: `${path}/remove`, hidden },
    html`<p>The registry removes this server and stops checking it. Its history stays.</p>
<button class="no">Remove ${visible(name)}</button>`,
  ),
)}
</section>`;
}
