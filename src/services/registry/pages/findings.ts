/** What is not as it should be, the worst first, each with what to do about it. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Finding } from '../entry.js';
import { toolAnchor } from './address.js';
import { shown } from './trimmed.js';
import { badge, counted, SEVERITIES } from './words.js';

const MAX_SHOWN = 100;
const ORDER: readonly Finding['severity'][] = ['error', 'warning', 'info'];

export function findings(all: readonly Finding[], server: string): Html | undefined {
  if (all.length === 0) return undefined;
  return html`<section class="panel" aria-labelledby="findings">
<h2 id="findings">${counted(all.length, 'finding')}</h2>
${findingList(all, server)}
</section>`;
}

/** With `server`, the page's path, each tool is linked; without it all are about the tool that they stand by. */
export function findingList(all: readonly Finding[], server?: string): Html {
  const sorted = [...all].sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity));
  const more = sorted.length - MAX_SHOWN;
  return html`<ul class="findings">${sorted.slice(0, MAX_SHOWN).map((one) => item(one, server))}</ul>
${more > 0 ? html`<p class="soft small">There are ${more} more in the server's JSON.</p>` : undefined}`;
}

function item({ severity, tool, message, mend, code }: Finding, server: string | undefined): Html {
  const { word, look } = SEVERITIES[severity];
  const about =
    tool === undefined || server === undefined
      ? undefined
      : html`<a href="${server}#${toolAnchor(tool)}"><code>${visible(tool)}</code></a>: `;
  return html`<li>${badge(word, look)} <div>${about}<span class="text" dir="auto">${shown(message)}</span>
<p class="soft small">${visible(mend)} <code>${visible(code)}</code></p></div></li>`;
}
