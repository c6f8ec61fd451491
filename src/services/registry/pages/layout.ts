/** The frame of every page of the registry: navigation, the person who is signed in, and the result of the last form. */
import { type Html, html, htmlDocument } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import type { FormResult, Visitor } from '../page-view.js';
import {
  LIST_PATH,
  LIVE_PATH,
  SCRIPT_PATH,
  SIGN_IN_PATH,
  SIGN_OUT_PATH,
  STYLE_PATH,
  signInPath,
} from './address.js';

export type Layout = {
  title: string;
  /** The page's own address, where signing in leads back to. Without it the page has no link to sign in. */
  here?: string;
  visitor?: Visitor | undefined;
  formResult?: FormResult | undefined;
  /** What the script does on the pages that a person passes while signing in. */
  step?: 'sign-in' | 'callback';
};

/** `heading` stands above the result of the last form. */
export function page(layout: Layout, heading: Html, body: Html): string {
  const { title, here, visitor, formResult, step } = layout;
  const person =
    visitor === undefined ? here && html`<a href="${signInPath(here)}">Sign in</a>` : signedIn(visitor);
  return htmlDocument(
    visibleText(`${title} - barewire registry`),
    STYLE_PATH,
    html`<script type="module" src="${SCRIPT_PATH}" data-name="registry" data-sign-in="${SIGN_IN_PATH}" data-step="${step ?? ''}" data-next="${LIVE_PATH}"></script>`,
    html`<a class="skip" href="#main">To the content</a>
<header class="top">
<nav aria-label="Registry"><a href="${LIST_PATH}">All servers</a></nav>
${person}
</header>
<main id="main" tabindex="-1">
${heading}
${formResult && resultBox(formResult)}
<p id="said" role="status" class="heard"></p>
<p id="stale" class="box warn" hidden>This page has changed. What you are writing is kept; <a href="">reload the page</a> to see the change.</p>
${body}
</main>
<footer class="foot">
<nav aria-label="For programs"><a href="/openapi.json">OpenAPI document</a> <a href="/api/servers">All servers as JSON</a></nav>
</footer>`,
  );
}

function resultBox({ kind, text }: FormResult): Html {
  return kind === 'done'
    ? html`<p class="box good" role="status">${visible(text)}</p>`
    : html`<p class="box bad" role="alert">${visible(text)}</p>`;
}

function signedIn({ user, tenant, csrf }: Visitor): Html {
  return html`<form method="post" action="${SIGN_OUT_PATH}" data-leaves>
<input type="hidden" name="csrf" value="${csrf}">
<span>${visible(user)} <span class="soft">of ${visible(tenant)}</span></span>
<button class="quiet">Sign out</button>
</form>`;
}
