/** What the registry's pages share: the way to the list, who is signed in, what the last form led to, the two files. */
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import type { Told, Visitor } from '../page-view.js';
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
  /** This page's own address, to come back to after signing in; absent where nobody should. */
  here?: string;
  visitor?: Visitor | undefined;
  told?: Told | undefined;
  /** What the script does first, on the pages that a person passes on the way to sign in and back. */
  step?: 'sign-in' | 'callback';
};

/** `top` stands above what the last form led to: the heading. */
export function page({ title, here, visitor, told, step }: Layout, top: Html, body: Html): string {
  const person =
    visitor === undefined ? here && html`<a href="${signInPath(here)}">Sign in</a>` : signedIn(visitor);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${visibleText(title)} - barewire registry</title>
<link rel="stylesheet" href="${STYLE_PATH}">
<script type="module" src="${SCRIPT_PATH}" data-name="registry" data-sign-in="${SIGN_IN_PATH}" data-step="${step ?? ''}" data-next="${LIVE_PATH}"></script>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header class="top">
<nav aria-label="Registry"><a href="${LIST_PATH}">All servers</a></nav>
${person}
</header>
<main id="main" tabindex="-1">
${top}
${told && toldBox(told)}
<p id="said" role="status" class="heard"></p>
<p id="stale" class="box warn" hidden>Something has changed here. What you are writing is kept; <a href="">load the page again</a> to see the change.</p>
${body}
</main>
<footer class="foot">
<nav aria-label="For programs"><a href="/openapi.json">OpenAPI document</a> <a href="/api/servers">All servers as JSON</a></nav>
</footer>
</body>
</html>
`.text;
}

function toldBox({ kind, text }: Told): Html {
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
