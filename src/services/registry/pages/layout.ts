/** The frame of every page of the registry, and the pages with one message. */
import { bar, type Page } from '../../../pages/bar.js';
import { type Html, html, htmlDocument } from '../../../pages/html.js';
import type { Link, Problem } from '../../../pages/reply.js';
import { signedIn } from '../../../pages/signin/signed-in.js';
import { visible, visibleText } from '../../../pages/visible.js';
import type { FormResult, Visitor } from '../page-view.js';
import * as paths from './address.js';

export type Layout = {
  title: string;
  visitor?: Visitor | undefined;
  formResult?: FormResult | undefined;
  /** What the script does on the pages that a person passes while signing in. */
  step?: 'sign-in' | 'callback';
};

/** `heading` stands above the result of the last form. */
export function page(layout: Layout, heading: Html, body: Html): Page {
  const { title, visitor, formResult, step } = layout;
  return (links) =>
    htmlDocument(
      visibleText(`${title} - barewire registry`),
      paths.STYLE_PATH,
      html`<script type="module" src="${paths.SCRIPT_PATH}" data-name="registry" data-sign-in="${paths.SIGN_IN_PATH}" data-step="${step ?? ''}" data-next="${paths.LIVE_PATH}"></script>`,
      html`${bar('registry', { ...links, registry: paths.LIST_PATH }, visitor && signedIn(visitor, paths.SIGN_OUT_PATH))}
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
  const [look, role] = kind === 'done' ? ['good', 'status'] : ['bad', 'alert'];
  return html`<p class="box ${look}" role="${role}">${visible(text)}</p>`;
}

export function noticePage(title: string, text: string, ...links: Link[]): Page {
  return messagePage({ title }, html`<p>${visible(text)}</p>`, links);
}

/** A screen reader announces the problem at once. */
export function problemPage({ title, problem }: Problem, visitor?: Visitor, ...links: Link[]): Page {
  const message = html`<p class="box bad" role="alert">${visible(problem)}</p>`;
  return messagePage({ title, visitor }, message, links);
}

function messagePage(layout: Layout, message: Html, links: readonly Link[]): Page {
  return page(
    layout,
    html`<h1>${visible(layout.title)}</h1>`,
    html`${message}
${links.map(({ to, text }) => html`<p><a href="${to}">${text}</a></p>`)}`,
  );
}

/** On the way to the authorization server, and back. */
export function signInPage(step: 'sign-in' | 'callback'): Page {
  return page(
    { title: 'Signing in', step },
    html`<h1>Signing in</h1>`,
    html`<noscript><p class="box bad">Changes here need JavaScript. Your browser keeps your session for this address alone, and only a script can send it. A browser would send a cookie to every other program that listens on this machine.</p></noscript>`,
  );
}
