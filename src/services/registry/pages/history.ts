/** The history of a server: each change as one sentence, newest first. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Finding, Identity } from '../entry.js';
import type { ServerPageView } from '../page-view.js';
import type { ChangeView } from '../view.js';
import { segment } from './address.js';
import { excerpt } from './trimmed.js';
import { actorName, counted, timestamp } from './words.js';

const MAX_SENTENCE = 1_000;

export function historySection({ history, older, server, visitor }: ServerPageView): Html {
  return html`<section aria-labelledby="history">
<h2 id="history">History</h2>
${history.length === 0 ? html`<p class="soft">Nothing has happened yet.</p>` : html`<ol class="history panel">${history.map(item)}</ol>`}
${visitor === undefined && history.length > 0 ? html`<p class="soft small">Sign in to see who made each change and why.</p>` : undefined}
${older ? html`<p class="soft small">Older changes are in <a href="/api/servers/${segment(server.name)}/history">the history as JSON</a>.</p>` : undefined}
</section>`;
}

function item(change: ChangeView): Html {
  const { reason, at, by } = change;
  return html`<li>
<p>${excerpt(sentenceOf(change), MAX_SENTENCE)}</p>
${reason === undefined ? undefined : html`<p class="quoted">“<span class="text" dir="auto">${visible(reason)}</span>”</p>`}
<p class="soft small">${timestamp(at)}${by && html`, ${actorName(by)}`}</p>
</li>`;
}

/** Plain text. It quotes what strangers wrote, so it must be escaped where it is shown. */
export function sentenceOf(change: ChangeView): string {
  switch (change.kind) {
    case 'added':
      return 'The server was added.';
    case 'removed':
      return 'The server was removed.';
    case 'manifest':
      return `The manifest changed: version ${change.version}, ${short(change.digest)}.`;
    case 'manifest-set-aside':
      return `The manifest of ${change.url} was set aside, because it is from another origin, and a server can only speak for its own.`;
    case 'tool-appeared':
      return `The tool ${change.tool} appeared.`;
    case 'tool-gone':
      return `The tool ${change.tool} is gone.`;
    case 'tool-quarantined':
      return change.before === null
        ? `The tool ${change.tool} was put in quarantine: nobody has accepted it yet.`
        : `The tool ${change.tool} was put in quarantine: it changed.`;
    case 'tool-restored':
      return `The tool ${change.tool} left quarantine: it is the accepted one again.`;
    case 'tool-accepted':
      return `The tool ${change.tool} was accepted as it is now, ${short(change.digest)}.`;
    case 'identity-quarantined':
      return `The server was put in quarantine: its ${changedParts(change.before, change.after)} changed.`;
    case 'identity-accepted':
      return `The server was accepted as ${change.identity.name} of ${change.identity.owner} at ${change.identity.url}.`;
    case 'identity-restored':
      return 'The server left quarantine: it has its accepted identity again.';
    case 'guidance-quarantined':
      return `The server was put in quarantine: its guidance for models changed (${change.items.join(', ')}).`;
    case 'guidance-accepted':
      return `The server's guidance for models was accepted as it is now, ${short(change.digest)}.`;
    case 'guidance-restored':
      return 'The server left quarantine: its guidance for models is the accepted one again.';
    case 'findings':
      return findingsSentence(change.found, change.gone);
    case 'switched': {
      const subject = change.tool === undefined ? 'The server' : `The tool ${change.tool}`;
      return `${subject} was switched ${change.enabled ? 'on' : 'off'}.`;
    }
  }
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
  const parts = { name: 'name', url: 'address', owner: 'owner', issuers: 'issuers' };
  const words = (['name', 'url', 'owner', 'issuers'] as const)
    .filter((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]))
    .map((part) => parts[part]);
  return words.length === 0 ? 'identity' : words.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** Enough of a digest to tell two apart at a glance. All of it is in the JSON. */
function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
