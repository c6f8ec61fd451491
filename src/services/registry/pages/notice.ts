/** Pages that say one thing: what went wrong, or that somebody has signed out; and where to go from there. */
import { html } from '../../../pages/html.js';
import type { Link, Problem } from '../../../pages/reply.js';
import { visible } from '../../../pages/visible.js';
import type { Visitor } from '../page-view.js';
import { LIST_PATH } from './address.js';
import { page } from './layout.js';

export type Notice = {
  title: string;
  text: string;
  /** Said as a problem, and to a screen reader at once. */
  wrong?: boolean;
  /** Where to go from here; the list unless told otherwise. */
  links?: readonly { to: string; text: string }[];
  visitor?: Visitor | undefined;
};

export function noticePage({ title, text, wrong = false, links = [BACK], visitor }: Notice): string {
  return page(
    { title, visitor },
    html`<h1>${visible(title)}</h1>`,
    html`${wrong ? html`<p class="box bad" role="alert">${visible(text)}</p>` : html`<p>${visible(text)}</p>`}
${links.map(({ to, text }) => html`<p><a href="${to}">${text}</a></p>`)}`,
  );
}

/** On the way to the authorization server, and back. */
export function signInPage(step: 'sign-in' | 'callback'): string {
  return page(
    { title: 'Signing in', step },
    html`<h1>Signing in</h1>`,
    html`<noscript><p class="box bad">Changing something here needs JavaScript. Your browser keeps the proof of who you are for exactly this address, and only a script can show it. A cookie would also go to every other program that listens on this machine.</p></noscript>`,
  );
}

const BACK = { to: LIST_PATH, text: 'All servers' };

/** What went wrong, and where to go from there. */
export function problemPage({ title, problem: text }: Problem, visitor?: Visitor, ...links: Link[]): string {
  return noticePage({ title, text, wrong: true, links, ...(visitor && { visitor }) });
}
