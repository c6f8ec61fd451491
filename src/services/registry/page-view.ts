/** What the pages are made from: no page asks anything of its own. */

import type { Facets, Query } from './search/search.js';
import type { ChangeView, ServerSummary, ServerView, ToolMatch } from './view.js';

/** Somebody who is signed in and may change things; `csrf` goes into every form. */
export type Visitor = { user: string; tenant: string; csrf: string };

/** What the last form led to, shown once at the top of the page. */
export type Told = { kind: 'done' | 'wrong'; text: string };

export type ListView = {
  query: Query;
  /** All that match, whichever page this is. */
  total: number;
  /** Every server there is. */
  all: number;
  servers: readonly (ServerSummary & {
    /** The tools that the words were found in, best first, at most five. */
    matched: readonly ToolMatch[];
  })[];
  facets: Facets;
  visitor?: Visitor;
  told?: Told;
};

export type ServerPageView = {
  server: ServerView;
  /** Newest first. */
  history: readonly ChangeView[];
  /** Whether there is more of it. */
  older: boolean;
  /** The registry's own address, for `curl` lines, without a slash at its end. */
  origin: string;
  /** How to get a token, where that is known: the issuer's address. */
  issuer?: string;
  visitor?: Visitor;
  told?: Told;
};
