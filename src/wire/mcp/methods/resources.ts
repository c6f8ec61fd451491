/**
 * `resources/list`, `resources/templates/list` and `resources/read`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources
 */

import { Fault, invalidParams, mustBe } from '../../fault.js';
import { preview } from '../../value.js';
import { checkScope, checkScopeAgain } from '../authority.js';
import { settle } from '../connection.js';
import { maskContents } from '../masking.js';
import type { Call, Method } from '../mcp-server.js';
import { cacheHints, listPage } from '../page.js';
import { plainContents } from '../plain.js';
import { runHandler } from '../run-handler.js';

export const resourcesList: Method = {
  name: 'resources/list',
  eras: ['modern', 'legacy'],
  run: (call) => call.server.resources && listPage(call.server.resources.listing, call),
};

export const resourceTemplatesList: Method = {
  name: 'resources/templates/list',
  eras: ['modern', 'legacy'],
  run: (call) => call.server.resources && listPage(call.server.resources.templateListing, call),
};

export const resourcesRead: Method = {
  name: 'resources/read',
  eras: ['modern', 'legacy'],
  async run(call) {
    const { request, context, server } = call;
    if (server.resources === undefined) return undefined;
    const { uri } = request.params;
    if (typeof uri !== 'string') return notAString(uri);
    context.subject = { target: uri };
    const faultName = context.features.era === 'modern' ? 'invalidParams' : 'resourceNotFound';
    const resource = server.resources.find(uri);
    if (resource === undefined) return noResource(faultName, uri);
    const refusal = checkScope(resource.scope, call);
    if (refusal !== undefined) return refusal;
    const outcome = await runHandler(
      call,
      (handlerContext) => resource.read(uri, resource.variables, handlerContext),
      {
        afterWait: () => checkScopeAgain(resource.scope, call),
      },
    );
    if (outcome instanceof Fault) return outcome;
    if ('inputRequired' in outcome) return outcome.inputRequired;
    const contents = plainContents(`resource ${uri}`, outcome.value);
    // A missing resource is an error, never an empty list (2026-07-28/resources/018).
    if (contents === undefined) return noResource(faultName, uri);
    const { ttlMs, scope } = resource.cache;
    // A shared cache must not hold what needs a scope, and it may be masked for this caller alone (2026-07-28/caching/017).
    const needsScope = server.policy !== undefined && resource.scope !== undefined;
    return {
      contents: maskContents(contents, context.authorization.decision?.mask),
      ...cacheHints(context, ttlMs, needsScope ? 'private' : scope),
    };
  },
};

function notAString(uri: unknown): Fault {
  return mustBe('params.uri', 'a string', uri);
}

function noResource(name: 'invalidParams' | 'resourceNotFound', uri: string): Fault {
  return new Fault(name, `no such resource: ${preview(uri)}`, { data: { uri } });
}

/** How many URIs one client may watch. */
const MAX_WATCHED = 1_000;
/** Templates match URIs of any length, and the server keeps the watched ones. */
const MAX_URI_CHARS = 2_048;

export const resourcesSubscribe: Method = {
  name: 'resources/subscribe',
  eras: ['legacy'],
  run(call) {
    const { connection } = call.context.transport;
    if (connection === undefined) return undefined;
    const uri = readableUri(call);
    if (typeof uri !== 'string') return uri;
    if (uri.length > MAX_URI_CHARS)
      return invalidParams(`params.uri may have at most ${MAX_URI_CHARS} characters, received ${uri.length}`);
    if (connection.watched.size >= MAX_WATCHED && !connection.watched.has(uri))
      return invalidParams(`at most ${MAX_WATCHED} resources are watched`);
    return settle(connection, { uri, watch: true });
  },
};

export const resourcesUnsubscribe: Method = {
  name: 'resources/unsubscribe',
  eras: ['legacy'],
  run(call) {
    const { connection } = call.context.transport;
    if (connection === undefined) return undefined;
    const { uri: sentUri } = call.request.params;
    // A client may unsubscribe even if the resource is gone or it may no longer read it.
    const uri = typeof sentUri === 'string' && connection.watched.has(sentUri) ? sentUri : readableUri(call);
    return typeof uri === 'string' ? settle(connection, { uri, watch: false }) : uri;
  },
};

/** The URI of a resource that the caller may read; undefined on a server without resources. */
function readableUri(call: Call): string | Fault | undefined {
  const { resources } = call.server;
  const { uri } = call.request.params;
  if (resources === undefined) return undefined;
  if (typeof uri !== 'string') return notAString(uri);
  const resource = resources.find(uri);
  if (resource === undefined) return noResource('resourceNotFound', uri);
  return checkScope(resource.scope, call) ?? uri;
}
