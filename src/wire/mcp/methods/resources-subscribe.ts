/**
 * `resources/subscribe` and `resources/unsubscribe`: legacy, and only where a connection remembers. Since 2026-07-28 a
 * client names the URIs in `subscriptions/listen` instead.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions
 */
import { Fault } from '../../fault.js';
import type { Request } from '../../jsonrpc/message.js';
import { preview } from '../../value.js';
import { settle } from '../connection.js';
import type { McpServer, Method } from '../mcp-server.js';
import { requireScope } from '../refusals.js';
import type { RequestContext } from '../request-context.js';

/** URIs that one client may watch. */
const MAX_WATCHED = 1_000;
/** Characters of one of them. Templates match URIs of any length, and what is watched is kept. */
const MAX_URI = 2_048;

const offered: NonNullable<Method['offered']> = (server, exchange) =>
  server.resources !== undefined && exchange.transport.connection !== undefined;

export const resourcesSubscribe: Method = {
  name: 'resources/subscribe',
  eras: ['legacy'],
  offered,
  handle(request, exchange, server) {
    const uri = read(request, exchange, server);
    const { connection } = exchange.transport;
    if (connection === undefined) return {};
    if (uri.length > MAX_URI) {
      const detail = `params.uri may have at most ${MAX_URI} characters, received ${uri.length}`;
      throw new Fault('invalidParams', detail);
    }
    if (connection.watched.size >= MAX_WATCHED)
      throw new Fault('invalidParams', `at most ${MAX_WATCHED} resources are watched`);
    return settle(connection, { uri, watch: true });
  },
};

export const resourcesUnsubscribe: Method = {
  name: 'resources/unsubscribe',
  eras: ['legacy'],
  offered,
  handle(request, exchange, server) {
    const uri = read(request, exchange, server);
    const { connection } = exchange.transport;
    return connection === undefined ? {} : settle(connection, { uri, watch: false });
  },
};

/** The URI of a resource that the caller may read. */
function read({ params }: Request, exchange: RequestContext, { resources, policy }: McpServer): string {
  const { uri } = params;
  if (typeof uri !== 'string')
    throw new Fault('invalidParams', `params.uri must be a string, received ${preview(uri)}`);
  const found = resources?.find(uri);
  if (found === undefined) {
    throw new Fault('resourceNotFound', `no such resource: ${preview(uri)}`, { data: { uri } });
  }
  requireScope(found.scope, exchange, policy);
  return uri;
}
