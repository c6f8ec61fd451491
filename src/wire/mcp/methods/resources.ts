/**
 * `resources/list`, `resources/templates/list` and `resources/read`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources
 */
import { Fault } from '../../fault.js';
import type { Request } from '../../jsonrpc/message.js';
import { preview } from '../../value.js';
import { requireScope, requireScopeAgain } from '../authority.js';
import { settle } from '../connection.js';
import { maskContents } from '../masking.js';
import type { McpServer, Method } from '../mcp-server.js';
import { listingOf } from '../page.js';
import { plainContents } from '../plain-result.js';
import type { RequestContext } from '../request-context.js';
import { runHandler } from '../run-handler.js';
import { cacheHints, listPage } from './list.js';

const NONE = listingOf('resources', [], 'uri');
const NO_TEMPLATES = listingOf('resourceTemplates', [], 'uriTemplate');
const offered: NonNullable<Method['offered']> = ({ resources }) => resources !== undefined;

export const resourcesList: Method = {
  name: 'resources/list',
  eras: ['modern', 'legacy'],
  offered,
  handle: (request, exchange, server) =>
    listPage(server.resources?.listed ?? NONE, request, exchange, server),
};

export const resourceTemplatesList: Method = {
  name: 'resources/templates/list',
  eras: ['modern', 'legacy'],
  offered,
  handle: (request, exchange, server) =>
    listPage(server.resources?.listedTemplates ?? NO_TEMPLATES, request, exchange, server),
};

export const resourcesRead: Method = {
  name: 'resources/read',
  eras: ['modern', 'legacy'],
  offered,
  async handle(request, exchange, server) {
    const { uri } = request.params;
    if (typeof uri !== 'string') {
      throw new Fault('invalidParams', `params.uri must be a string, received ${preview(uri)}`);
    }
    exchange.audit.target = uri;
    const missing = exchange.features.era === 'modern' ? 'invalidParams' : 'resourceNotFound';
    const found = server.resources?.find(uri);
    if (found === undefined) throw new Fault(missing, `no such resource: ${preview(uri)}`, { data: { uri } });
    requireScope(found.scope, exchange, server.policy);
    exchange.audit.ran = true;
    return runHandler(
      request,
      exchange,
      server,
      (context) => found.read(uri, found.variables, context),
      (returned) => {
        const contents = plainContents(`resource ${uri}`, returned);
        // Nothing there is an error and never an empty list (2026-07-28/resources/018).
        if (contents === undefined)
          throw new Fault(missing, `no such resource: ${preview(uri)}`, { data: { uri } });
        const shown = maskContents(contents, exchange.audit.decision?.mask);
        return { contents: shown, ...cacheHints(exchange, found.cache.ttlMs, found.cache.scope) };
      },
      () => requireScopeAgain(found.scope, exchange, server),
    );
  },
};

/** URIs that one client may watch. */
const MAX_WATCHED = 1_000;
/** Characters of one of them. Templates match URIs of any length, and what is watched is kept. */
const MAX_URI = 2_048;

const watchable: NonNullable<Method['offered']> = (server, exchange) =>
  server.resources !== undefined && exchange.transport.connection !== undefined;

export const resourcesSubscribe: Method = {
  name: 'resources/subscribe',
  eras: ['legacy'],
  offered: watchable,
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
  offered: watchable,
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
