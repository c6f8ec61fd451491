/** Who is signed in, for the head of a page, and the form that signs them out. */
import { type Html, html } from '../html.js';
import { visible } from '../visible.js';

type Person = { user: string; tenant: string; csrf: string };

export function signedIn({ user, tenant, csrf }: Person, signOutPath: string): Html {
  return html`<form method="post" action="${signOutPath}" data-leaves>
<input type="hidden" name="csrf" value="${csrf}">
<span>${visible(user)} <span class="soft">of ${visible(tenant)}</span></span>
<button class="btn">Sign out</button>
</form>`;
}
