/**
 * Which revision a message speaks. The body decides and the `MCP-Protocol-Version` header is held against it: a
 * message whose `_meta` carries the modern fields is modern, `initialize` is legacy, and everything else speaks what
 * its header says, or 2025-03-26 without one. No connection is remembered (2026-07-28/basic/029); only stdio passes
 * in the revision that its process agreed on.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import { Fault } from '../fault.js';
import { NULL_PARAMS } from '../jsonrpc/message.js';
import { features, isRevision, MODERN, type Revision, SUPPORTED, WITHOUT_HEADER } from '../revisions.js';
import { type JsonObject, preview } from '../value.js';
import { checkMeta, claimsModern, metaOf, PROTOCOL_VERSION } from './meta.js';

type Opening = { method: string; params: JsonObject };

/** The messages whose `params` may be left out, in the schemas of all legacy revisions; there, null counts as left out. */
const PARAMS_OPTIONAL = new Set([
  'ping',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'notifications/initialized',
  'notifications/roots/list_changed',
]);

function nullParams({ method, params }: Opening, header?: string): NegotiatedRevision | undefined {
  if (params !== NULL_PARAMS || (PARAMS_OPTIONAL.has(method) && header !== MODERN)) return undefined;
  return refused(new Fault('invalidRequest', '"params" must be an object, received null'));
}
export type NegotiatedRevision = { kind: 'spoken'; revision: Revision } | { kind: 'refused'; fault: Fault };

/** The revision of a request or notification that came by HTTP with this version header. */
export function revisionOverHttp(opening: Opening, header: string | undefined): NegotiatedRevision {
  const wrong = nullParams(opening, header);
  if (wrong !== undefined) return wrong;
  const { method, params } = opening;
  const meta = metaOf(params);
  if (!claimsModern(meta)) {
    // The negotiation is in the body of `initialize`; a header beside it says nothing yet.
    if (method === 'initialize') return spoken(WITHOUT_HEADER);
    if (header === undefined) return spoken(WITHOUT_HEADER);
    if (!isRevision(header)) return refused(unsupported(header));
    // A notification carries no `_meta` of its own, so for it the modern header is enough.
    if (features(header).era === 'modern' && !method.startsWith('notifications/'))
      return gone(method) ?? incomplete(undefined);
    return spoken(header);
  }
  const claim = meta[PROTOCOL_VERSION];
  if (header !== undefined && typeof claim === 'string' && header !== claim) {
    return refused(
      new Fault(
        'headerMismatch',
        `MCP-Protocol-Version is ${preview(header)} but the body says ${preview(claim)}`,
      ),
    );
  }
  const inBody = revisionInBody(method, meta);
  if (inBody.kind === 'refused' || features(inBody.revision).era === 'legacy' || header !== undefined)
    return inBody;
  return refused(
    new Fault('headerMismatch', `the header MCP-Protocol-Version is missing; send ${preview(claim)}`),
  );
}

/** The revision of a message that came without headers (stdio), where `agreed` is what `initialize` settled. */
export function revisionOverStdio(opening: Opening, agreed: Revision | undefined): NegotiatedRevision {
  const wrong = nullParams(opening);
  if (wrong !== undefined) return wrong;
  const { method, params } = opening;
  const meta = metaOf(params);
  if (claimsModern(meta)) return revisionInBody(method, meta);
  // A ping may come before the handshake (2025-11-25/ping/001).
  const early = method === 'initialize' || method === 'ping';
  if (early || agreed !== undefined) return spoken(agreed ?? WITHOUT_HEADER);
  if (method.startsWith('notifications/')) return spoken(WITHOUT_HEADER);
  return incomplete('send "initialize" first, or put the modern fields into params._meta');
}

function revisionInBody(method: string, meta: JsonObject): NegotiatedRevision {
  const claim = meta[PROTOCOL_VERSION];
  if (typeof claim !== 'string') return gone(method) ?? incomplete(undefined, meta);
  if (!isRevision(claim)) return refused(unsupported(claim));
  // A legacy revision named in `_meta` is served as that revision: it is one that this server speaks.
  if (features(claim).era === 'legacy') return spoken(claim);
  const fault = checkMeta(meta);
  return fault === undefined ? spoken(claim) : (gone(method) ?? refused(fault));
}

/** What is wrong with the `_meta` of a method that no longer exists does not matter. */
function gone(method: string): NegotiatedRevision | undefined {
  const fault = removedMethod(method);
  return fault && refused(fault);
}

function unsupported(requested: string): Fault {
  return new Fault(
    'unsupportedVersion',
    `${preview(requested)} is not served; choose one of ${SUPPORTED.join(', ')}`,
    {
      data: { supported: SUPPORTED, requested },
    },
  );
}

function incomplete(hint: string | undefined, meta?: JsonObject): NegotiatedRevision {
  const fault = checkMeta(meta) ?? new Fault('incompleteMeta', `"${PROTOCOL_VERSION}" must be a string`);
  if (hint === undefined) return refused(fault);
  return refused(new Fault('incompleteMeta', hint, { data: { supported: SUPPORTED } }));
}

function spoken(revision: Revision): NegotiatedRevision {
  return { kind: 'spoken', revision };
}

function refused(fault: Fault): NegotiatedRevision {
  return { kind: 'refused', fault };
}

/** What `initialize` answers: the proposal if it is a legacy revision we serve, else our newest (2025-11-25/lifecycle/010). */
export function negotiate(proposal: unknown, newest: Revision): Revision {
  return isRevision(proposal) && proposal !== MODERN ? proposal : newest;
}

/** What takes the method's place. */
const REMOVED = new Map([
  [
    'initialize',
    'each request says in params._meta what it speaks, and server/discover tells what the server has',
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

/** The refusal of a method that this revision removed; undefined for any other. */
export function removedMethod(method: string): Fault | undefined {
  const instead = REMOVED.get(method);
  if (instead === undefined) return undefined;
  return new Fault('methodNotFound', `${method} was removed in revision ${MODERN}: ${instead}`);
}
