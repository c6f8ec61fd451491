/** The home page: what this server is, which resources it issues tokens for, and a command to try. */
import { type Html, html } from '../../../pages/html.js';
import { PEOPLE } from '../people.js';
import { type ProtectedResource, scopesOf } from '../resources.js';
import { page } from './layout.js';

export function homePage(
  issuer: string,
  resources: readonly ProtectedResource[],
  password: string | undefined,
): string {
  return page(
    'Development authorization server',
    html`<p>It makes real OAuth tokens for made-up people, so that the servers beside it can be tried with real clients.</p>
<ul>
<li><a href="/.well-known/oauth-authorization-server">Metadata</a> and <a href="/jwks">keys</a></li>
<li><a href="/device">Connect a device</a></li>
<li><a href="/signout">Sign out</a></li>
</ul>
<h2>Whom tokens are for</h2>
${resources.length === 0 ? html`<p>Nobody yet.</p>` : resources.map((one) => resourceItem(issuer, one))}
<h2>Who can sign in</h2>
<p>${password === undefined ? 'All with the password that this server was started with:' : html`All with the password <code>${password}</code>:`}</p>
<ul>${PEOPLE.map(({ email }) => html`<li><code>${email}</code></li>`)}</ul>`,
  );
}

function resourceItem(issuer: string, one: ProtectedResource): Html {
  const [first = ''] = scopesOf(one);
  return html`<p><strong>${one.name}</strong>: ${scopesOf(one).join(' ')}</p>
<p><code>curl -s ${new URL(issuer).host}/token -u demo:demo-secret -d grant_type=client_credentials -d resource=${one.resource} -d scope='${first}'</code></p>`;
}
