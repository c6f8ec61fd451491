/** Made-up servers for the search, and their search results in short. */

import { createSearch } from '../../src/services/registry/search/search.js';
import type { Indexed, Query, Search, SearchResult } from '../../src/services/registry/search/types.js';

type ToolWords = Partial<Indexed['tools'][number]> & { name: string };

export function server(
  name: string,
  tools: readonly (string | ToolWords)[] = [],
  rest: Partial<Indexed> = {},
): Indexed {
  return {
    name,
    state: 'on',
    failing: false,
    tools: tools.map((tool) => ({
      description: 'Nothing.',
      scope: 'x',
      destructive: false,
      state: 'on',
      ...(typeof tool === 'string' ? { name: tool } : tool),
    })),
    ...rest,
  };
}
export function searchOf(...servers: Indexed[]): Search {
  const search = createSearch();
  for (const each of servers) search.put(each);
  return search;
}
export const find = (search: Search, q: string, rest: Partial<Query> = {}): SearchResult =>
  search.find({ q, offset: 0, limit: 100, ...rest });
export const names = (search: Search, q: string, rest: Partial<Query> = {}): string[] =>
  find(search, q, rest).servers.map(({ name }) => name);
export const pairs = (search: Search, q: string, rest: Partial<Query> = {}): string[] =>
  find(search, q, rest).servers.flatMap(({ name, tools }) => tools.map((tool) => `${name} ${tool}`));
