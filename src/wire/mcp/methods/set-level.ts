/**
 * `logging/setLevel`: legacy, and only where a connection remembers. Since 2026-07-28 each request names its own level.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging
 */
import { Fault } from '../../fault.js';
import { preview } from '../../value.js';
import { settle } from '../connection.js';
import { isLogLevel, LOG_LEVELS } from '../log.js';
import type { Method } from '../mcp-server.js';

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
