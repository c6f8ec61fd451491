/** One server: its state, the findings, changes that nobody has accepted, facts, tools and history. */
import type { Page } from '../../../pages/bar.js';
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import type { Finding, Identity } from '../entry.js';
import type { ServerPageView } from '../page-view.js';
import type { ChangeView, ServerView } from '../view.js';
import { LIST_PATH, segment, serverPath, signInPath } from './address.js';
import { page } from './layout.js';
import {
  actionForm,
  actorName,
  badge,
  confirmation,
  excerpt,
  findingList,
  lastSwitch,
  plural,
  STATES,
  stateBadge,
  switchForm,
  timestamp,
  webLink,
} from './parts.js';
import { guidanceQuarantine, identityQuarantine } from './quarantine.js';
import { toolsSection } from './tools.js';

const MAX_SENTENCE = 1_000;

export function serverPage(view: ServerPageView): Page {
  const { server, visitor, formResult } = view;
  const { name, title, address, state, allFindings, quarantined } = server;
  const here = serverPath(name);
  const announcement = `${name}: ${STATES[state]}. The page is up to date.`;
  return page(
    { title: `${name}: ${STATES[state]}`, visitor, formResult },
    html`<p class="kicker"><a href="${LIST_PATH}">All servers</a></p>`,
    html`<div data-live="server" data-server="${name}" data-address="${address}" data-said="${visibleText(announcement)}">
<div class="line"><h1>${visible(name)}</h1>${stateBadge(state)}${quarantined > 0 && badge(`${plural(quarantined, 'tool')} in quarantine`, 'warn')}</div>
${title !== undefined && html`<p class="lead" dir="auto">${visible(title)}</p>`}
${stateBox(server)}
${identityQuarantine(view)}
${guidanceQuarantine(view)}
${
  allFindings.length > 0 &&
  html`<section class="panel" aria-labelledby="findings">
<h2 id="findings">${plural(allFindings.length, 'finding')}</h2>
${findingList(allFindings, here)}
</section>`
}
<div class="split">
<div class="side">
${facts(server, view.now)}
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
  const failureText = `It has not sent a valid manifest yet.${failures > 0 ? ' The registry will try again.' : ''}`;
  const text = checkedAt === undefined ? 'The registry is fetching its manifest.' : failureText;
  return html`<p class="box">${text} This page updates by itself.</p>`;
}

function facts(server: ServerView, now: Date): Html {
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
${fact('Last checked', checkedAt === undefined ? html`not yet` : timestamp(checkedAt, now))}
${nextAt !== undefined && fact('Next check', timestamp(nextAt, now))}
${failures > 0 && fact('Failed checks in a row', html`<strong>${failures}</strong>`)}
${fact('Added', html`${timestamp(addedAt, now)}${addedBy && html` by ${actorName(addedBy)}`}`)}
${manifest && fact('Digest of the manifest', html`<code class="small">${visible(manifest.digest)}</code>`)}
</dl>
${lastSwitch(server.switch, now)}
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
  // Another server may take the name while this page is open. Actions apply to the one that it shows.
  const form = (action: string) => ({ csrf, action: `${serverPath(name)}/${action}`, inputs: { address } });
  const removal = actionForm(
    form('remove'),
    html`<p>The registry removes this server and stops checking it. Its history stays.</p>
<button class="btn no">Remove ${visible(name)}</button>`,
  );
  return html`<section class="panel actions-of" aria-labelledby="actions">
<h2 id="actions">Actions</h2>
${actionForm(form('validate'), html`<button class="btn">Check now</button>`)}
${switchForm(form('switch'), 'switch', name, last)}
${confirmation('remove', 'Remove…', removal)}
</section>`;
}

function historySection({ history, older, server, visitor, now }: ServerPageView): Html {
  return html`<section aria-labelledby="history">
<h2 id="history">History</h2>
${history.length === 0 ? html`<p class="soft">Nothing has happened yet.</p>` : html`<ol class="history panel">${history.map((change) => historyItem(change, now))}</ol>`}
${visitor === undefined && history.length > 0 && html`<p class="soft small">Sign in to see who made each change and why.</p>`}
${older && html`<p class="soft small">Older changes are in <a href="/api/servers/${segment(server.name)}/history">the history as JSON</a>.</p>`}
</section>`;
}

function historyItem(change: ChangeView, now: Date): Html {
  const { reason, at, by } = change;
  return html`<li>
<p>${excerpt(sentenceOf(change), MAX_SENTENCE)}</p>
${reason !== undefined && html`<p class="quoted">“<span class="text" dir="auto">${visible(reason)}</span>”</p>`}
<p class="soft small">${timestamp(at, now)}${by && html`, ${actorName(by)}`}</p>
</li>`;
}

type Sentences = { [Kind in ChangeView['kind']]: (change: Extract<ChangeView, { kind: Kind }>) => string };
const SENTENCES: Sentences = {
  added: () => 'The server was added.',
  removed: () => 'The server was removed.',
  manifest: ({ version, digest }) => `The manifest changed: version ${version}, ${short(digest)}.`,
  'manifest-set-aside': ({ url }) =>
    `The manifest of ${url} was set aside, because it is from another origin, and a server can only speak for its own.`,
  'tool-appeared': ({ tool }) => `The tool ${tool} appeared.`,
  'tool-gone': ({ tool }) => `The tool ${tool} is gone.`,
  'tool-quarantined': ({ tool, before }) =>
    `The tool ${tool} was put in quarantine: ${before === null ? 'nobody has accepted it yet' : 'it changed'}.`,
  'tool-restored': ({ tool }) => `The tool ${tool} left quarantine: it is the accepted one again.`,
  'tool-accepted': ({ tool, digest }) => `The tool ${tool} was accepted as it is now, ${short(digest)}.`,
  'identity-quarantined': ({ before, after }) =>
    `The server was put in quarantine: its ${changedParts(before, after)} changed.`,
  'identity-accepted': ({ identity: { name, owner, url } }) =>
    `The server was accepted as ${name} of ${owner} at ${url}.`,
  'identity-restored': () => 'The server left quarantine: it has its accepted identity again.',
  'guidance-quarantined': ({ items }) =>
    `The server was put in quarantine: its guidance for models changed (${items.join(', ')}).`,
  'guidance-accepted': ({ digest }) =>
    `The server's guidance for models was accepted as it is now, ${short(digest)}.`,
  'guidance-restored': () => 'The server left quarantine: its guidance for models is the accepted one again.',
  findings: ({ found, gone }) => findingsSentence(found, gone),
  switched: ({ tool, enabled }) =>
    `${tool === undefined ? 'The server' : `The tool ${tool}`} was switched ${enabled ? 'on' : 'off'}.`,
};

/** Plain text. It quotes what strangers wrote, so it must be escaped where it is shown. */
export function sentenceOf(change: ChangeView): string {
  const sentence = SENTENCES[change.kind] as (change: ChangeView) => string;
  return sentence(change);
}

function findingsSentence(newOnes: readonly Finding[], oldOnes: readonly Finding[]): string {
  const parts: string[] = [];
  if (newOnes.length > 0) parts.push(`${plural(newOnes.length, 'new finding')} (${codes(newOnes)})`);
  if (oldOnes.length > 0) parts.push(`${plural(oldOnes.length, 'finding')} settled (${codes(oldOnes)})`);
  return parts.length === 0 ? 'A check found the same as before.' : `A check: ${parts.join(', ')}.`;
}

function codes(findings: readonly Finding[]): string {
  const all = findings.map(({ code, tool }) => (tool === undefined ? code : `${code} at ${tool}`));
  return [...new Set(all)].join(', ');
}

function changedParts(before: Identity, after: Identity): string {
  const words = (['name', 'url', 'owner', 'issuers'] as const)
    .filter((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]))
    .map((part) => (part === 'url' ? 'address' : part));
  return words.length === 0 ? 'identity' : words.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** Enough of a digest to tell two apart at a glance. All of it is in the JSON. */
function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
