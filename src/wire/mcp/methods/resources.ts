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
  run: (call) => call.server.resources && listPage(call.server.resources.listed, call),
};

export const resourceTemplatesList: Method = {
  name: 'resources/templates/list',
  eras: ['modern', 'legacy'],
  run: (call) => call.server.resources && listPage(call.server.resources.listedTemplates, call),
};

export const resourcesRead: Method = {
  name: 'resources/read',
  eras: ['modern', 'legacy'],
  async run(call) {
    const { request, context, server } = call;
    if (server.resources === undefined) return undefined;
    const { uri } = request.params;
    if (typeof uri !== 'string') return notText(uri);
    context.subject = { target: uri };
    const missing = context.features.era === 'modern' ? 'invalidParams' : 'resourceNotFound';
    const resource = server.resources.find(uri);
    if (resource === undefined) return noResource(missing, uri);
    const refused = checkScope(resource.scope, call);
    if (refused !== undefined) return refused;
    const handled = await runHandler(call, (own) => resource.read(uri, resource.variables, own), {
      again: () => checkScopeAgain(resource.scope, call),
    });
    if (handled instanceof Fault) return handled;
    if ('asks' in handled) return handled.asks;
    const contents = plainContents(`resource ${uri}`, handled.returned);
    // Nothing there is an error and never an empty list (2026-07-28/resources/018).
    if (contents === undefined) return noResource(missing, uri);
    const { ttlMs, scope } = resource.cache;
    // What needs a scope is not for a cache that others share, and it may be masked for this caller alone (2026-07-28/caching/017).
    const needsScope = server.policy !== undefined && resource.scope !== undefined;
    return {
      contents: maskContents(contents, context.authorization.decision?.mask),
      ...cacheHints(context, ttlMs, needsScope ? 'private' : scope),
    };
  },
};

function notText(uri: unknown): Fault {
  return mustBe('params.uri', 'a string', uri);
}

function noResource(name: 'invalidParams' | 'resourceNotFound', uri: string): Fault {
  return new Fault(name, `no such resource: ${preview(uri)}`, { data: { uri } });
}

/** URIs that one client may watch. */
const MAX_WATCHED = 1_000;
/** Characters of one of them. Templates match URIs of any length, and what is watched is kept. */
const MAX_URI = 2_048;

export const resourcesSubscribe: Method = {
  name: 'resources/subscribe',
  eras: ['legacy'],
  run(call) {
    const { connection } = call.context.transport;
    if (connection === undefined) return undefined;
    const uri = readableUri(call);
    if (typeof uri !== 'string') return uri;
    if (uri.length > MAX_URI) {
      const detail = `params.uri may have at most ${MAX_URI} characters, received ${uri.length}`;
      return invalidParams(detail);
    }
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
    const { uri: watched } = call.request.params;
    // What is watched can be let go, also when it is gone or the caller may not read it any more.
    const uri = typeof watched === 'string' && connection.watched.has(watched) ? watched : readableUri(call);
    return typeof uri === 'string' ? settle(connection, { uri, watch: false }) : uri;
  },
};

/** The URI of a resource that the caller may read; undefined on a server without resources. */
function readableUri(call: Call): string | Fault | undefined {
  const { resources } = call.server;
  const { uri } = call.request.params;
  if (resources === undefined) return undefined;
  if (typeof uri !== 'string') return notText(uri);
  const resource = resources.find(uri);
  if (resource === undefined) return noResource('resourceNotFound', uri);
  return checkScope(resource.scope, call) ?? uri;
}
