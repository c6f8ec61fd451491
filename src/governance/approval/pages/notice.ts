/** Pages that say one thing, most of them what went wrong, and where to go from there. */
import { html } from '../../../pages/html.js';
import type { Link, Problem } from '../../../pages/reply.js';
import type { Session } from '../../../pages/signin/session.js';
import { page } from './layout.js';

export function problemPage({ title, problem }: Problem, session?: Session, ...links: Link[]): string {
  return page(
    { title, session },
    html`<h1>${title}</h1><p class="box bad" role="alert">${problem}</p>${links.map(line)}`,
  );
}

export function noticePage(title: string, text: string, ...links: Link[]): string {
  return page({ title }, html`<h1>${title}</h1><p>${text}</p>${links.map(line)}`);
}

const line = ({ to, text }: Link) => html`<p><a href="${to}">${text}</a></p>`;
