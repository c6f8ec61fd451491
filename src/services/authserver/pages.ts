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

type LoginPage = { action: string; csrf: string; clientName: string; login: string | undefined };

/** The client wants the person to sign in. `password`: undefined when it is a secret. */
export function loginPage(
  { action, csrf, clientName, login }: LoginPage,
  password: string | undefined,
  problem: string | undefined,
): Page {
  const people = PEOPLE.map(
    ({ email, name, title }) =>
      html`<li><code>${email}</code><br><span class="soft">${name}, ${title}</span></li>`,
  );
  return page(
    'Sign in',
    html`${alert(problem)}
<p>to continue to <strong>${clientName}</strong></p>
<form method="post" action="${action}">
${hiddenInputs({ csrf })}
<label for="login">E-mail address</label>
<input id="login" name="login" type="email" autocomplete="username" required value="${login ?? ''}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<div class="actions"><button class="btn go" name="do" value="login">Sign in</button></div>
</form>
<p class="soft">The password is asked for each time. A browser hands this server's cookie to every program that listens on this machine, so the cookie decides nothing.</p>
<h2>Who can sign in</h2>
<p>${password === undefined ? 'All of them with the password that this server was started with.' : html`All of them with the password <code>${password}</code>.`}</p>
<ul>${people}</ul>`,
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
