/**
 * `server/discover`: which revisions and capabilities there are, before any other request. Modern only.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/discover
 */
import { SUPPORTED } from '../../revisions.js';
import { capabilities } from '../capabilities.js';
import type { Method } from '../mcp-server.js';

export const discover: Method = {
  name: 'server/discover',
  eras: ['modern'],
  handle: (_request, exchange, server) => ({
    supportedVersions: SUPPORTED,
    capabilities: capabilities(server, exchange),
    ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
    ttlMs: server.settings.listTtlMs,
    // What only a caller with a token is told is not for a cache that others share (2026-07-28/caching/018).
    cacheScope: server.policy === undefined ? 'public' : 'private',
  }),
};
