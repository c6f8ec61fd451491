/**
 * `tools/list`: the tools in the order of registration, a page at a time.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools
 */
import type { Method } from '../server.js';
import { listPage } from './list.js';

export const toolsList: Method = {
  name: 'tools/list',
  eras: ['modern', 'legacy'],
  handle: (request, exchange, server) =>
    listPage('tools', server.catalog.listed(exchange.revision), request, exchange, server),
};
