/** The findings about a server, the worst first, each with what to do about it. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Finding } from '../entry.js';
import { toolAnchor } from './address.js';
import { excerpt } from './trimmed.js';
import { badge, counted, SEVERITIES } from './words.js';

const MAX_SHOWN = 100;
const ORDER: readonly Finding['severity'][] = ['error', 'warning', 'info'];

export function findingsSection(findings: readonly Finding[], server: string): Html | undefined {
  if (findings.length === 0) return undefined;
  return html`<section class="panel" aria-labelledby="findings">
<h2 id="findings">${counted(findings.length, 'finding')}</h2>
${findingList(findings, server)}
</section>`;
}

/** With the path of the server's page, each finding links its tool. Without, the list stands in that tool's own panel. */
export function findingList(findings: readonly Finding[], server?: string): Html {
  const sorted = [...findings].sort(
    (left, right) => ORDER.indexOf(left.severity) - ORDER.indexOf(right.severity),
  );
  const more = sorted.length - MAX_SHOWN;
  return html`<ul class="findings">${sorted.slice(0, MAX_SHOWN).map((finding) => item(finding, server))}</ul>
${more > 0 ? html`<p class="soft small">${more} more are in the server's JSON.</p>` : undefined}`;
}

function item({ severity, tool, message, mend, code }: Finding, server: string | undefined): Html {
  const { word, look } = SEVERITIES[severity];
  const link =
    tool === undefined || server === undefined
      ? undefined
      : html`<a href="${server}#${toolAnchor(tool)}"><code>${visible(tool)}</code></a>: `;
  return html`<li>${badge(word, look)} <div>${link}<span class="text" dir="auto">${excerpt(message)}</span>
<p class="soft small">${visible(mend)} <code>${visible(code)}</code></p></div></li>`;
}
