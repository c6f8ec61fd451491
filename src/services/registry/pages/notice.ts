/** Pages with one message, such as a problem or a sign-out, and links that lead on. */
import { html } from '../../../pages/html.js';
import type { Link, Problem } from '../../../pages/reply.js';
import { visible } from '../../../pages/visible.js';
import type { Visitor } from '../page-view.js';
import { LIST_PATH } from './address.js';
import { page } from './layout.js';

export type Notice = {
  title: string;
  text: string;
  /** A problem is shown as one, and a screen reader announces it at once. */
  isProblem?: boolean;
  links?: readonly { to: string; text: string }[];
  visitor?: Visitor | undefined;
};

export const BACK = { to: LIST_PATH, text: 'All servers' };

export function noticePage({ title, text, isProblem = false, links = [BACK], visitor }: Notice): string {
  return page(
    { title, visitor },
    html`<h1>${visible(title)}</h1>`,
    html`${isProblem ? html`<p class="box bad" role="alert">${visible(text)}</p>` : html`<p>${visible(text)}</p>`}
${links.map(({ to, text }) => html`<p><a href="${to}">${text}</a></p>`)}`,
  );
}

export function problemPage({ title, problem }: Problem, visitor?: Visitor, ...links: Link[]): string {
  return noticePage({ title, text: problem, isProblem: true, links, visitor });
}

/** On the way to the authorization server, and back. */
export function signInPage(step: 'sign-in' | 'callback'): string {
  return page(
    { title: 'Signing in', step },
    html`<h1>Signing in</h1>`,
    html`<noscript><p class="box bad">Changes here need JavaScript. Your browser keeps your session for this address alone, and only a script can send it. A browser would send a cookie to every other program that listens on this machine.</p></noscript>`,
  );
}
