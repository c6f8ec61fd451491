/** Signing in, and signing out. */

import { html } from '../../../pages/html.js';
import { PEOPLE } from '../people.js';
import { alert, hidden, page } from './layout.js';

export type LoginPage = {
  action: string;
  csrf: string;
  /** Who wants the person to sign in. */
  clientName: string;
  login: string | undefined;
  problem: string | undefined;
  /** Undefined when it is a secret. */
  password: string | undefined;
};

export function loginPage({ action, csrf, clientName, login, problem, password }: LoginPage): string {
  const people = PEOPLE.map(
    ({ email, name, title }) =>
      html`<li><code>${email}</code><br><span class="soft">${name}, ${title}</span></li>`,
  );
  return page(
    'Sign in',
    html`${alert(problem)}
<p>to continue to <strong>${clientName}</strong></p>
<form method="post" action="${action}">
${hidden({ csrf })}
<label for="login">E-mail address</label>
<input id="login" name="login" type="email" autocomplete="username" required value="${login ?? ''}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<div class="actions"><button class="main" name="do" value="login">Sign in</button></div>
</form>
<p class="soft">The password is asked for each time. A browser hands this server's cookie to every program that listens on this machine, so the cookie decides nothing.</p>
<h2>Who can sign in</h2>
<p>${password === undefined ? 'All of them with the password that this server was started with.' : html`All of them with the password <code>${password}</code>.`}</p>
<ul>${people}</ul>`,
  );
}

export function signOutPage(csrf: string, person: string | undefined): string {
  if (person === undefined) return page('Signed out', html`<p>Nobody is signed in here.</p>`);
  return page(
    'Sign out',
    html`<p>You are signed in as <strong>${person}</strong>. Tokens that were given out stay valid until they end.</p>
<form method="post" action="/signout">
${hidden({ csrf })}
<div class="actions"><button class="main">Sign out</button></div>
</form>`,
  );
}
