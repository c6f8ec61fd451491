/**
 * `initialize`: the legacy handshake. It settles a revision and remembers nothing itself: unless the transport keeps
 * sessions, the next request may reach another replica and names its revision in a header.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization
 */
import { Fault } from '../../fault.js';
import type { Request } from '../../jsonrpc/message.js';
import { features, NEWEST_LEGACY, SUPPORTED } from '../../revisions.js';
import { isRecord, type JsonObject, preview } from '../../value.js';
import { capabilities } from '../capabilities.js';
import { checkCapabilities, settle } from '../connection.js';
import { negotiate } from '../era.js';
import { isLogLevel, LOG_LEVELS } from '../log.js';
import type { McpServer, Method } from '../mcp-server.js';

export const initialize: Method = {
  name: 'initialize',
  eras: ['legacy'],
  handle({ params }: Request, exchange, server: McpServer): JsonObject {
    const { protocolVersion, clientInfo } = params;
    if (typeof protocolVersion !== 'string') {
      throw new Fault(
        'invalidParams',
        `params.protocolVersion must be a string, received ${preview(protocolVersion)}`,
      );
    }
    if (!isRecord(params.capabilities)) {
      throw new Fault(
        'invalidParams',
        `params.capabilities must be an object, received ${preview(params.capabilities)}`,
      );
    }
    if (
      !isRecord(clientInfo) ||
      typeof clientInfo.name !== 'string' ||
      typeof clientInfo.version !== 'string'
    ) {
      throw new Fault(
        'invalidParams',
        `params.clientInfo must have a "name" and a "version", received ${preview(clientInfo)}`,
      );
    }
    checkCapabilities(params.capabilities, 'params.capabilities');
    const revision = negotiate(protocolVersion, NEWEST_LEGACY);
    const { name, title, version } = server.info;
    return {
      protocolVersion: revision,
      capabilities: capabilities(server, exchange),
      serverInfo:
        features(revision).structured && title !== undefined ? { name, title, version } : { name, version },
      ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
    };
  },
};

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

export const ping: Method = { name: 'ping', eras: ['legacy'], handle: () => ({}) };

export const setLevel: Method = {
  name: 'logging/setLevel',
  eras: ['legacy'],
  offered: ({ logging }, { transport }) => logging && transport.connection !== undefined,
  handle({ params }, { transport }) {
    if (!isLogLevel(params.level)) {
      throw new Fault(
        'invalidParams',
        `params.level must be one of ${LOG_LEVELS.join(', ')}, received ${preview(params.level)}`,
      );
    }
    return transport.connection === undefined ? {} : settle(transport.connection, { logLevel: params.level });
  },
};
