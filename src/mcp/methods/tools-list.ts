/**
 * `tools/list`: the tools in the order of registration, a page at a time.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools
 */
import { Fault } from '../../fault.js';
import { pageOf } from '../page.js';
import type { Method } from '../server.js';

export const toolsList: Method = {
  name: 'tools/list',
  eras: ['modern', 'legacy'],
  handle({ params }, { revision, features }, { catalog, settings }) {
    const page = pageOf('tools', catalog.listed(revision), params.cursor, settings.pageSize);
    if (page instanceof Fault) throw page;
    const { items, nextCursor } = page;
    return {
      tools: items,
      ...(nextCursor === undefined ? {} : { nextCursor }),
      ...(features.era === 'modern' ? { ttlMs: settings.listTtlMs, cacheScope: 'private' } : {}),
    };
  },
};
