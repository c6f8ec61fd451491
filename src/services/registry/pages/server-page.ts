/** One server: its state, the findings, changes that nobody has accepted, facts, tools and history. */
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import type { ServerPageView } from '../page-view.js';
import type { ServerView } from '../view.js';
import { segment, serverPath, signInPath } from './address.js';
import { historySection } from './history.js';
import { page } from './layout.js';
import {
  actionForm,
  actorName,
  badge,
  confirmation,
  counted,
  findingList,
  lastSwitch,
  STATES,
  stateBadge,
  switchForm,
  timestamp,
  webLink,
} from './parts.js';
import { guidanceQuarantine, identityQuarantine } from './quarantine.js';
import { toolsSection } from './tools.js';

export function serverPage(view: ServerPageView): string {
  const { server, visitor, formResult } = view;
  const { name, title, address, state, allFindings, quarantined } = server;
  const here = serverPath(name);
  const announcement = `${name}: ${STATES[state]}. The page is up to date.`;
  return page(
    { title: `${name}: ${STATES[state]}`, here, visitor, formResult },
    html``,
    html`<div data-live="server" data-server="${name}" data-address="${address}" data-said="${visibleText(announcement)}">
<div class="line"><h1>${visible(name)}</h1>${stateBadge(state)}${quarantined > 0 && badge(`${counted(quarantined, 'tool')} in quarantine`, 'warn')}</div>
${title !== undefined && html`<p class="lead" dir="auto">${visible(title)}</p>`}
${stateBox(server)}
${identityQuarantine(view)}
${guidanceQuarantine(view)}
${
  allFindings.length > 0 &&
  html`<section class="panel" aria-labelledby="findings">
<h2 id="findings">${counted(allFindings.length, 'finding')}</h2>
${findingList(allFindings, here)}
</section>`
}
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
  const retry = failures > 0 ? ' The registry will try again.' : '';
  const text =
    checkedAt === undefined
      ? 'The registry is fetching its manifest.'
      : `It has not sent a valid manifest yet.${retry}`;
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
${owner !== undefined && fact('Owner', html`<span dir="auto">${visible(owner)}</span>`)}
${url !== undefined && fact('MCP endpoint', webLink(url))}
${fact('Manifest', webLink(address))}
${version !== undefined && fact('Version', visible(version))}
${revisions && fact('MCP revisions', join(revisions, html`, `))}
${manifest && fact('Tokens from', issuers === undefined ? html`none: it needs no token` : join(issuers, html`<br>`))}
${manifest && fact('Promised', html`${manifest.slo.availabilityPercent} % available, 99 of 100 calls within ${manifest.slo.p99Ms} ms`)}
${fact('Last checked', checkedAt === undefined ? html`not yet` : timestamp(checkedAt))}
${nextAt !== undefined && fact('Next check', timestamp(nextAt))}
${failures > 0 && fact('Failed checks in a row', html`<strong>${failures}</strong>`)}
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

function join(parts: readonly Html[], separator: Html): Html {
  return html`${parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]))}`;
}

function actions({ name, address, switch: last }: ServerView, csrf: string): Html {
  // Another server may take the name while this page is open. Actions apply to the server that the page shows.
  const form = (action: string) => ({ csrf, action: `${serverPath(name)}/${action}`, hidden: { address } });
  const removal = actionForm(
    form('remove'),
    html`<p>The registry removes this server and stops checking it. Its history stays.</p>
<button class="no">Remove ${visible(name)}</button>`,
  );
  return html`<section class="panel actions-of" aria-labelledby="actions">
<h2 id="actions">Actions</h2>
${actionForm(form('validate'), html`<button>Check now</button>`)}
${switchForm(form('switch'), 'switch', name, last)}
${confirmation('remove', 'Remove…', removal)}
</section>`;
}
