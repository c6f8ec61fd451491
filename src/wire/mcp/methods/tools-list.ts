/**
 * `tools/list`: the tools in the order of registration, a page at a time. Where a policy decides about calls, each tool
 * says in `_meta` which scopes a call needs and whether this caller has them, by the predicate that decides the call.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools
 */
import { isRecord, type JsonObject } from '../../value.js';
import type { McpServer, Method } from '../mcp-server.js';
import type { Listing } from '../page.js';
import type { RequestContext } from '../request-context.js';
import { listPage } from './list.js';

/** In a listed tool's `_meta`: `{ scopes, granted }`. The prefix is this project's own (2026-07-28/basic/051). */
export const ACCESS = 'barewire/access';

export const toolsList: Method = {
  name: 'tools/list',
  eras: ['modern', 'legacy'],
  handle(request, exchange, server) {
    const { catalog } = server;
    const listing: Listing<JsonObject> = {
      name: 'tools',
      items: catalog.listed(exchange.revision),
      keyOf: ({ name }) => String(name),
      placeOf: catalog.placeOf,
    };
    const page = listPage(listing, request, exchange, server);
    return { ...page, tools: withAccess(page.tools as JsonObject[], exchange, server) };
  },
};

// `_meta` on tools came with 2025-06-18. Only for what is shown: a page costs the same, however long the list is.
function withAccess(
  listed: readonly JsonObject[],
  { features, caller }: RequestContext,
  { policy, catalog }: McpServer,
): readonly JsonObject[] {
  if (policy === undefined || !features.structured) return listed;
  return listed.map((item) => {
    const tool = catalog.get(String(item.name))?.tool;
    if (tool === undefined) return item;
    const _meta = isRecord(item._meta) ? item._meta : {};
    return { ...item, _meta: { ..._meta, [ACCESS]: policy.access(tool, caller.principal) } };
  });
}
