/**
 * Finds the revision of a message. The body decides, and the `MCP-Protocol-Version` header must agree with it. A message whose `_meta`
 * has the modern fields is modern, `initialize` is legacy, and any other message has the revision in its header, or 2025-03-26 without
 * one. No connection is remembered (2026-07-28/basic/029); only stdio passes in the revision that its process negotiated.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import { Fault } from '../fault.js';
import { NULL_PARAMS } from '../jsonrpc/message.js';
import {
  isRevision,
  MODERN,
  NEWEST_LEGACY,
  REVISIONS,
  type Revision,
  SUPPORTED,
  WITHOUT_HEADER,
} from '../revisions.js';
import { type JsonObject, preview } from '../value.js';
import { checkMeta, claimsModern, metaOf, PROTOCOL_VERSION } from './meta.js';
import type { Headers } from './request-headers.js';

const VERSION_HEADER = 'mcp-protocol-version';

type Opening = { method: string; params: JsonObject };

/** The messages whose `params` are optional in the schemas of all legacy revisions; there, null counts as left out. */
const PARAMS_OPTIONAL = new Set([
  'ping',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'notifications/initialized',
  'notifications/roots/list_changed',
]);

/** The revision of a request or notification over HTTP. */
export function revisionOverHttp({ method, params }: Opening, headers: Headers): Revision | Fault {
  const header = headers[VERSION_HEADER];
  if (params === NULL_PARAMS && (!PARAMS_OPTIONAL.has(method) || header === MODERN)) return nullParams();
  const meta = metaOf(params);
  if (!claimsModern(meta)) {
    // `initialize` negotiates in its body, so its header does not count yet.
    if (method === 'initialize') return WITHOUT_HEADER;
    const headerRevision = revisionInHeader(headers) ?? WITHOUT_HEADER;
    // A notification needs no `_meta`, so the modern header is enough for it.
    const needsMeta = isModern(headerRevision) && !method.startsWith('notifications/');
    return needsMeta ? (removedMethod(method) ?? incompleteMeta()) : headerRevision;
  }
  const claim = meta[PROTOCOL_VERSION];
  if (header !== undefined && typeof claim === 'string' && header !== claim) {
    const detail = `MCP-Protocol-Version is ${preview(header)} but the body says ${preview(claim)}`;
    return new Fault('headerMismatch', detail);
  }
  const revision = revisionInBody(method, meta);
  if (revision instanceof Fault || REVISIONS[revision].era === 'legacy' || header !== undefined)
    return revision;
  return new Fault('headerMismatch', `the header MCP-Protocol-Version is missing; send ${preview(claim)}`);
}

/**
 * The revision that the version header names; undefined without one. A GET, a DELETE, a batch or a client's response has no other sign of
 * its revision, and a value that is not served is refused on each of them (2025-11-25/transports/065).
 */
export function revisionInHeader(headers: Headers): Revision | Fault | undefined {
  const header = headers[VERSION_HEADER];
  return header === undefined || isRevision(header) ? header : unsupportedVersion(header);
}

/** Whether a header names a revision without sessions, GET, and responses from clients. */
export function isModern(revision: Revision | Fault | undefined): boolean {
  return typeof revision === 'string' && REVISIONS[revision].era === 'modern';
}

/** The revision of a message without headers; `negotiatedRevision` is what `initialize` settled. */
export function revisionOverStdio(
  { method, params }: Opening,
  negotiatedRevision?: Revision,
): Revision | Fault {
  if (params === NULL_PARAMS && !PARAMS_OPTIONAL.has(method)) return nullParams();
  const meta = metaOf(params);
  if (claimsModern(meta)) return revisionInBody(method, meta);
  if (negotiatedRevision !== undefined) return negotiatedRevision;
  // A ping may come before the handshake (2025-11-25/ping/001).
  if (method === 'initialize' || method === 'ping' || method.startsWith('notifications/'))
    return WITHOUT_HEADER;
  const hint = 'send "initialize" first, or put the modern fields into params._meta';
  return new Fault('incompleteMeta', hint, { data: { supported: SUPPORTED } });
}

function revisionInBody(method: string, meta: JsonObject): Revision | Fault {
  const claim = meta[PROTOCOL_VERSION];
  if (typeof claim !== 'string') return removedMethod(method) ?? incompleteMeta(meta);
  if (!isRevision(claim)) return unsupportedVersion(claim);
  // This server speaks legacy revisions too, so one named in `_meta` is served.
  if (REVISIONS[claim].era === 'legacy') return claim;
  const fault = checkMeta(meta);
  // If the method no longer exists, it does not matter what is wrong with its `_meta`.
  return fault === undefined ? claim : (removedMethod(method) ?? fault);
}

function nullParams(): Fault {
  return new Fault('invalidRequest', '"params" must be an object, received null');
}

function unsupportedVersion(requested: unknown): Fault {
  const detail = `${preview(requested)} is not served; choose one of ${SUPPORTED.join(', ')}`;
  return new Fault('unsupportedVersion', detail, { data: { supported: SUPPORTED, requested } });
}

function incompleteMeta(meta?: JsonObject): Fault {
  return checkMeta(meta) ?? new Fault('incompleteMeta', `"${PROTOCOL_VERSION}" must be a string`);
}

/** What `initialize` answers: the proposal if it is a legacy revision that we serve, otherwise our newest (2025-11-25/lifecycle/010). */
export function negotiate(proposal: unknown): Revision {
  return isRevision(proposal) && proposal !== MODERN ? proposal : NEWEST_LEGACY;
}

/** What to use instead of each removed method. */
const REPLACEMENTS = new Map([
  [
    'initialize',
    'each request names its revision in params._meta, and server/discover lists what the server offers',
  ],
  ['ping', 'the answer to any request, such as server/discover, shows that the server is there'],
  [
    'logging/setLevel',
    'a request that wants log messages has "io.modelcontextprotocol/logLevel" in params._meta',
  ],
  ['resources/subscribe', 'subscriptions/listen takes its place'],
  ['resources/unsubscribe', 'a client that no longer listens ends its subscriptions/listen'],
  ['tasks/list', 'a client keeps the ids of its tasks'],
  ['tasks/result', 'tasks/get has the result of a task that is done'],
]);

/** The refusal of a method that the modern revision removed; undefined for any other. */
export function removedMethod(method: string): Fault | undefined {
  const replacement = REPLACEMENTS.get(method);
  if (replacement === undefined) return undefined;
  return new Fault('methodNotFound', `${method} was removed in revision ${MODERN}: ${replacement}`);
}
