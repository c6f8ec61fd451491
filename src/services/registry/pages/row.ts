/** One server in the list: what it is, what needs a look, and which of its tools matched the words. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { shorten } from '../../../wire/value.js';
import type { Attention } from '../attention.js';
import type { ListView } from '../page-view.js';
import { serverPath, toolAnchor } from './address.js';
import { badge, plural, stateBadge, timestamp } from './parts.js';

type Row = ListView['servers'][number];
const MAX_DESCRIPTION = 200;

export function row(server: Row, now: Date, showsTools: boolean): Html {
  const { name, title, owner, version, state, failures, changedAt, matched, attention } = server;
  const { lines, more } = attention;
  const path = serverPath(name);
  return html`<li>
<div class="line"><h3><a href="${path}">${visible(name)}</a></h3>${stateBadge(state)}<span class="aside soft small">changed ${timestamp(changedAt, now)}</span></div>
${title !== undefined && html`<p dir="auto">${visible(title)}</p>`}
<p class="soft small">${owner !== undefined && html`<span dir="auto">${visible(owner)}</span> · `}${plural(server.tools, 'tool')}${version !== undefined && html` · version ${visible(version)}`}${failures > 0 && html` · <span class="bad">${failures === 1 ? 'the last check failed' : `the last ${failures} checks failed`}</span>`}</p>
${lines.length > 0 && html`<ul class="attention">${lines.map((one) => attentionLine(path, one))}${more > 0 && html`<li><a href="${path}">${more} more</a></li>`}</ul>`}
${showsTools && matched.length > 0 && html`<ul class="matched">${matched.map((tool) => match(name, tool))}</ul>`}
</li>`;
}

/** Leads to where a person can act on it. */
function attentionLine(path: string, { look, text, tool }: Attention): Html {
  const address = tool === undefined ? path : `${path}#${toolAnchor(tool)}`;
  return html`<li class="${look}"><a href="${address}" dir="auto">${visible(shorten(text, MAX_DESCRIPTION))}</a></li>`;
}

function match(
  server: string,
  { name, title, description, scope, destructive }: Row['matched'][number],
): Html {
  const address = `${serverPath(server)}#${toolAnchor(name)}`;
  return html`<li><a href="${address}"><code>${visible(name)}</code></a> ${title !== undefined && html`<span dir="auto">${visible(title)}</span> `}${destructive && badge('Destructive', 'bad')} <span class="soft small">scope <code>${visible(scope)}</code></span>
<p class="soft small" dir="auto">${visible(shorten(description.replace(/\s+/g, ' '), MAX_DESCRIPTION))}</p></li>`;
}
