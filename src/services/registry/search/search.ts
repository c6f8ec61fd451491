/** The index over all servers and their tools: what is looked for, and what is found. */
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
  /** Words; what stands in double quotes is looked for as it stands. Empty: everything. */
  q: string;
  owner?: string;
  scope?: string;
  destructive?: boolean;
  /** A server's state, or `failing`; `quarantined` also where one of its tools is. */
  state?: ServerState | 'failing';
  /** How many servers to pass over, and how many to give. */
  offset: number;
  limit: number;
};

export type Found = {
  /** Servers, best first; by name where nothing was looked for. */
  servers: readonly { name: string; score: number; tools: readonly string[] }[];
  total: number;
  facets: Facets;
};

/** Values and how many of the servers found have them, most first, at most so many. */
export type Facets = {
  [Name in 'owner' | 'scope' | 'destructive' | 'state']: readonly { value: string; count: number }[];
};

export type Search = {
  /** Adds it, or puts it in the place of the one with that name. */
  put(server: Indexed): void;
  remove(name: string): void;
  find(query: Query): Found;
  readonly size: number;
};
