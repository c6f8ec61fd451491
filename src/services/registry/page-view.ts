/** The data that the list and the server page show. */
import type { attentionOf } from './attention.js';
import type { Facets, Query } from './search/types.js';
import type { ChangeView, ServerSummary, ServerView, ToolMatch } from './view.js';

/** The person who is signed in. `csrf` goes into every form. */
export type Visitor = { user: string; tenant: string; csrf: string };

/** The result of the form that led to the page. */
export type FormResult = { kind: 'done' | 'wrong'; text: string };

export type ListView = {
  query: Query;
  /** How many servers match, on all pages of the list. */
  total: number;
  /** How many servers there are. */
  all: number;
  servers: readonly (ServerSummary & {
    /** The tools that match the words, best first, at most five. */
    matched: readonly ToolMatch[];
    /** What to look at first. */
    attention: ReturnType<typeof attentionOf>;
  })[];
  facets: Facets;
  now: Date;
  visitor?: Visitor | undefined;
  formResult?: FormResult | undefined;
};

export type ServerPageView = {
  server: ServerView;
  /** Newest first. */
  history: readonly ChangeView[];
  /** Whether there is older history. */
  older: boolean;
  now: Date;
  /** Who issues tokens for the curl lines, if that is known. */
  issuer?: string | undefined;
  visitor?: Visitor | undefined;
  formResult?: FormResult | undefined;
};
