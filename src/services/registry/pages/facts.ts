/** What is known of a server, as a list of terms. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { ServerView } from '../view.js';
import { segment } from './address.js';
import { switchedBy } from './forms.js';
import { listed, moment, outside, who } from './words.js';

export function facts(server: ServerView): Html {
  const { name, address, url, owner, version, manifest, checkedAt, nextAt, failures, addedAt, addedBy } =
    server;
  const issuers = manifest?.auth?.issuers;
  return html`<section class="panel facts" aria-labelledby="facts">
<h2 id="facts">About this server</h2>
<dl>
${owner === undefined ? undefined : fact('Owner', html`<span dir="auto">${visible(owner)}</span>`)}
${url === undefined ? undefined : fact('MCP endpoint', outside(url))}
${fact('Manifest', outside(address))}
${version === undefined ? undefined : fact('Version', visible(version))}
${
  manifest &&
  fact(
    'MCP revisions',
    listed(
      manifest.revisions.map((one) => html`<code class="one">${visible(one)}</code>`),
      html`, `,
    ),
  )
}
${manifest && fact('Tokens from', issuers === undefined ? html`nobody: it asks for no token` : listed(issuers.map(outside), html`<br>`))}
${manifest && fact('Promised', html`${manifest.slo.availabilityPercent} % available, 99 of 100 calls within ${manifest.slo.p99Ms} ms`)}
${fact('Last checked', checkedAt === undefined ? html`not yet` : moment(checkedAt))}
${nextAt === undefined ? undefined : fact('Next check', moment(nextAt))}
${failures === 0 ? undefined : fact('Failed checks in a row', html`<strong>${failures}</strong>`)}
${fact('Added', html`${moment(addedAt)}${addedBy && html` by ${who(addedBy)}`}`)}
${manifest && fact('Digest of the manifest', html`<code class="small">${visible(manifest.digest)}</code>`)}
</dl>
${switchedBy(server.switch)}
<p><a href="/api/servers/${segment(name)}">As JSON</a></p>
</section>`;
}

function fact(term: string, told: Html): Html {
  return html`<div><dt>${term}</dt><dd>${told}</dd></div>`;
}
