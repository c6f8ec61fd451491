/** The head of every page: the mark and the name, the pages that this process serves, and what a page adds on the right. */
import { type Html, html } from './html.js';

export type PageName = 'start' | 'learn' | 'trace' | 'registry' | 'approvals' | 'signin';

/** Their addresses; a page without one is not linked. */
export type Links = { readonly [Name in PageName]?: string | undefined };

/** A page before it is sent, because the addresses of the others may be known only then. */
export type Page = (links: Links) => string;

/** In the order of the navigation. The start page is linked by the name. */
const LABELS = {
  learn: 'Learn',
  trace: 'Trace',
  registry: 'Registry',
  approvals: 'Approvals',
  signin: 'Sign-in',
} as const;
const NAMES = Object.keys(LABELS) as (keyof typeof LABELS)[];

/** A wire between two ends of its sheath. */
const MARK = html`<svg width="40" height="16" viewBox="0 0 40 16" aria-hidden="true"><path class="strand" d="M10 8h20M10 6.5c5-5 15-5 20 0M10 9.5c5 5 15 5 20 0"/><path d="M1 7a3 3 0 0 1 3-3h7v8H4a3 3 0 0 1-3-3zM39 7a3 3 0 0 0-3-3h-7v8h7a3 3 0 0 0 3-3z" fill="currentColor"/></svg>`;

/**
 * `current`: where the reader is, on that page or below it. The page has one `<main id="main" tabindex="-1">`, to which the first
 * link of the page leads those who do not want to hear the navigation again.
 */
export function bar(current: PageName | undefined, links: Links, aside?: Html): Html {
  const name = html`${MARK}barewire`;
  const here = (page: PageName): Html | false => page === current && html` aria-current="true"`;
  const items = NAMES.flatMap((page) => {
    const address = links[page];
    return address === undefined ? [] : [html`<a href="${address}"${here(page)}>${LABELS[page]}</a>`];
  });
  return html`<a class="skip" href="#main">To the content</a>
<header class="bar">
${links.start === undefined ? html`<span class="name">${name}</span>` : html`<a class="name" href="${links.start}"${here('start')}>${name}</a>`}
${items.length > 0 && html`<nav aria-label="barewire">${items}</nav>`}
${aside}
</header>`;
}
