/** All pages but consent and the device flow. Each begins by saying that this server is for development. */
import { bar, type Page } from '../../pages/bar.js';
import { type Html, html, htmlDocument } from '../../pages/html.js';
import { PEOPLE } from './people.js';
import { type ProtectedResource, scopesOf } from './resources.js';

export function page(title: string, body: Html): Page {
  return (links) =>
    htmlDocument(
      `${title} - barewire development sign-in`,
      '/style.css',
      undefined,
      html`<p class="dev" role="note"><strong>For development only.</strong> Made-up people, known passwords. Type no real password here.</p>
${bar('signin', { ...links, signin: '/' })}
<main id="main" tabindex="-1">
<h1>${title}</h1>
${body}
</main>`,
    );
}

/** A screen reader reads it out at once. */
export function alert(text: string | undefined): Html | false {
  return text !== undefined && html`<p class="box bad" role="alert">${text}</p>`;
}

export function notice(title: string, ...paragraphs: string[]): Page {
  return page(title, html`${paragraphs.map((text) => html`<p>${text}</p>`)}`);
}

/** A notice that something went wrong. */
export function refusal(title: string, problem: string, ...paragraphs: string[]): Page {
  return page(title, html`${alert(problem)}${paragraphs.map((text) => html`<p>${text}</p>`)}`);
}

export function hiddenInputs(fields: { [name: string]: string }): Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
}

export function homePage(
  issuer: string,
  resources: readonly ProtectedResource[],
  password: string | undefined,
): Page {
  return page(
    'Development authorization server',
    html`<p class="lead">It makes real OAuth tokens for made-up people, so that the servers beside it can be tried with real clients.</p>
<p class="actions"><a class="chip" href="/device">Connect a device</a> <a class="chip" href="/signout">Sign out</a> <a class="chip" href="/.well-known/oauth-authorization-server">Metadata</a> <a class="chip" href="/jwks">Keys</a></p>
<h2>Whom tokens are for</h2>
${resources.length === 0 ? html`<p>Nobody yet.</p>` : html`<ul class="rows">${resources.map((one) => resourceItem(issuer, one))}</ul>`}
<h2>Who can sign in</h2>
<p>${password === undefined ? 'All with the password that this server was started with:' : html`All with the password <code>${password}</code>:`}</p>
${PEOPLE_LIST}`,
  );
}

const PEOPLE_LIST = html`<ul class="rows">${PEOPLE.map(({ email, name, title }) => html`<li><code>${email}</code><p class="soft small">${name}, ${title}</p></li>`)}</ul>`;

function resourceItem(issuer: string, one: ProtectedResource): Html {
  const scopes = scopesOf(one);
  return html`<li><h3>${one.name}</h3>
<p>${scopes.map((scope) => html`<code>${scope}</code> `)}</p>
<pre>curl -s ${issuer}/token -u demo:demo-secret -d grant_type=client_credentials \\
  -d resource=${one.resource} -d scope='${scopes[0] ?? ''}'</pre></li>`;
}

type LoginPage = { action: string; csrf: string; clientName: string; login: string | undefined };

/** The client wants the person to sign in. `password`: undefined when it is a secret. */
export function loginPage(
  { action, csrf, clientName, login }: LoginPage,
  password: string | undefined,
  problem: string | undefined,
): Page {
  return page(
    'Sign in',
    html`${alert(problem)}
<p class="lead">to continue to <strong>${clientName}</strong></p>
<form method="post" action="${action}" class="panel">
${hiddenInputs({ csrf })}
<label for="login">E-mail address</label>
<input id="login" name="login" type="email" autocomplete="username" required value="${login ?? ''}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<div class="actions"><button class="btn go" name="do" value="login">Sign in</button></div>
</form>
<p class="soft small">The password is asked for each time. A browser hands this server's cookie to every program that listens on this machine, so the cookie decides nothing.</p>
<h2>Who can sign in</h2>
<p>${password === undefined ? 'All of them with the password that this server was started with.' : html`All of them with the password <code>${password}</code>.`}</p>
${PEOPLE_LIST}`,
  );
}

export function signOutPage(csrf: string, person: string | undefined): Page {
  if (person === undefined) return page('Signed out', html`<p>Nobody is signed in here.</p>`);
  return page(
    'Sign out',
    html`<p>You are signed in as <strong>${person}</strong>. Tokens that were given out stay valid until they end.</p>
<form method="post" action="/signout">
${hiddenInputs({ csrf })}
<div class="actions"><button class="btn go">Sign out</button></div>
</form>`,
  );
}
