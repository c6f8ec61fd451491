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
const MARK = html`<svg class="mark" width="32" height="16" viewBox="0 0 32 16" aria-hidden="true"><path d="M3 8h5M24 8h5" stroke="currentColor" stroke-width="6" stroke-linecap="round"/><path class="strand" d="M8 8h16M9 6.2c4.5-3 9 6.6 14 3.6M9 9.8c4.5 3 9-6.6 14-3.6"/></svg>`;

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
