/** What happened to a server, newest first. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { ServerPageView } from '../page-view.js';
import type { ChangeView } from '../view.js';
import { segment } from './address.js';
import { reasonOf, sentenceOf } from './sentence.js';
import { shown } from './trimmed.js';
import { moment, who } from './words.js';

const MAX_SENTENCE = 1_000;

export function history({ history: changes, older, server, visitor }: ServerPageView): Html {
  return html`<section aria-labelledby="history">
<h2 id="history">History</h2>
${changes.length === 0 ? html`<p class="soft">Nothing has happened yet.</p>` : html`<ol class="history panel">${changes.map(item)}</ol>`}
${visitor === undefined && changes.length > 0 ? html`<p class="soft small">Sign in to see who made each change and why.</p>` : undefined}
${older ? html`<p class="soft small">This is not all of it. The rest is in <a href="/api/servers/${segment(server.name)}/history">the history as JSON</a>.</p>` : undefined}
</section>`;
}

function item(change: ChangeView): Html {
  const reason = reasonOf(change);
  return html`<li>
<p>${shown(sentenceOf(change), MAX_SENTENCE)}</p>
${reason === undefined ? undefined : html`<p class="quoted">“<span class="text" dir="auto">${visible(reason)}</span>”</p>`}
<p class="soft small">${moment(change.at)}${change.by && html`, ${who(change.by)}`}</p>
</li>`;
}
