/** What the search indexes, what it is asked for, and what it returns. */
import type { ServerState, ToolState } from '../entry.js';

export type Indexed = {
  name: string;
  title?: string;
  owner?: string;
  state: ServerState;
  /** Whether its last check found errors. */
  failing: boolean;
  tools: readonly {
    name: string;
    title?: string;
    description: string;
    scope: string;
    destructive: boolean;
    state: ToolState;
  }[];
};

export type Query = {
  /** Words, and phrases in double quotes. Empty: everything. */
  q: string;
  owner?: string | undefined;
  scope?: string | undefined;
  destructive?: boolean | undefined;
  /** The state of a server, or `failing`; `quarantined` also finds a server with a tool in quarantine. */
  state?: ServerState | 'failing' | undefined;
  offset: number;
  limit: number;
};

export type SearchResult = {
  /** Servers, best first; by name where the query has no words. */
  servers: readonly { name: string; score: number; tools: readonly string[] }[];
  total: number;
  facets: Facets;
};

/** Values and how many of the servers found have them, the most frequent first. */
export type Facets = {
  [Name in 'owner' | 'scope' | 'destructive' | 'state']: readonly { value: string; count: number }[];
};

export type Search = {
  /** Adds a server, or replaces the one with the same name. */
  put(server: Indexed): void;
  remove(name: string): void;
  find(query: Query): SearchResult;
  readonly size: number;
};
