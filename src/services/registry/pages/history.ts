/** The history of a server: each change as one sentence, newest first. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Finding, Identity } from '../entry.js';
import type { ServerPageView } from '../page-view.js';
import type { ChangeView } from '../view.js';
import { segment } from './address.js';
import { actorName, counted, timestamp } from './parts.js';
import { excerpt } from './trimmed.js';

const MAX_SENTENCE = 1_000;

export function historySection({ history, older, server, visitor }: ServerPageView): Html {
  return html`<section aria-labelledby="history">
<h2 id="history">History</h2>
${history.length === 0 ? html`<p class="soft">Nothing has happened yet.</p>` : html`<ol class="history panel">${history.map(historyItem)}</ol>`}
${visitor === undefined && history.length > 0 && html`<p class="soft small">Sign in to see who made each change and why.</p>`}
${older && html`<p class="soft small">Older changes are in <a href="/api/servers/${segment(server.name)}/history">the history as JSON</a>.</p>`}
</section>`;
}

function historyItem(change: ChangeView): Html {
  const { reason, at, by } = change;
  return html`<li>
<p>${excerpt(sentenceOf(change), MAX_SENTENCE)}</p>
${reason !== undefined && html`<p class="quoted">“<span class="text" dir="auto">${visible(reason)}</span>”</p>`}
<p class="soft small">${timestamp(at)}${by && html`, ${actorName(by)}`}</p>
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

function findingsSentence(added: readonly Finding[], settled: readonly Finding[]): string {
  const parts: string[] = [];
  if (added.length > 0) parts.push(`${counted(added.length, 'new finding')} (${codes(added)})`);
  if (settled.length > 0) parts.push(`${counted(settled.length, 'finding')} settled (${codes(settled)})`);
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
