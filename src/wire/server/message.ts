/**
 * One message to its outcome: revision, session, mirrored headers, then dispatched. A modern request ends when its
 * client leaves; a legacy one goes on (2025-11-25/transports/031).
 */
import { Fault } from '../fault.js';
import { type Id, isId, type Message, type Notification, type Request } from '../jsonrpc/message.js';
import { type Connection, createConnection } from '../mcp/connection.js';
import { dispatch } from '../mcp/dispatch.js';
import { negotiate, revisionOverHttp } from '../mcp/era.js';
import { legacyCaller, metaOf, modernCaller } from '../mcp/meta.js';
import { type Reply, refuse } from '../mcp/reply.js';
import { RequestContext, Stopped } from '../mcp/request-context.js';
import { validateNameHeaders } from '../mcp/request-headers.js';
import { isThenable } from '../mcp/run-handler.js';
import { type Principal, principalKey } from '../principal.js';
import { type Era, features, NEWEST_LEGACY, type Revision } from '../revisions.js';
import { carrierOf, failQuestion, keepStream, takeAnswer } from './http-transport.js';
import { atExpiry } from './in-flight.js';
import { checkRoom, header, type Incoming, sessionOf } from './incoming.js';
import { checkListeners } from './listeners.js';
import type { Session } from './ports.js';

/** An answer, the end of a cancelled request, or nothing where nothing was asked. */
export type Outcome = Reply | 'abandoned' | undefined;

export async function answerMessage(incoming: Incoming, message: Message): Promise<Outcome> {
  // Only a legacy request is refused in band: a notification has no answer that could carry an error.
  let answeredIn: Era = 'modern';
  try {
    if (message.kind === 'answer') return await takeAnswer(incoming, message);
    if (message.kind === 'refused') {
      const answered = await failQuestion(incoming, message);
      const refused = answered ? { kind: message.kind, id: undefined } : message;
      return await reject(incoming, refused, message.fault, 'modern');
    }
    const spoken = revisionOverHttp(message, header(incoming, 'mcp-protocol-version'));
    if (spoken.kind === 'refused') return await reject(incoming, message, spoken.fault, 'modern');
    const { era } = features(spoken.revision);
    if (message.kind === 'request') answeredIn = era;
    const opens = message.kind === 'request' && message.method === 'initialize' && era === 'legacy';
    if (opens) return await initialize(incoming, message);
    const found = era === 'legacy' ? sessionOf(incoming) : undefined;
    const session = isThenable(found) ? await found : found;
    const revision = session?.connection.revision ?? spoken.revision;
    if (message.kind === 'notification') return await takeNotification(incoming, message, era, session);
    const fault = era === 'modern' ? validateNameHeaders(message, incoming.headers) : undefined;
    if (fault !== undefined) return await reject(incoming, message, fault, era);
    return await run(incoming, message, revision, session?.connection, session);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return reject(incoming, message, error, answeredIn);
  }
}

/** The refusal of a message that comes to no method, written down like those that do. */
export async function reject(
  { server, principal, headers, answer }: Incoming,
  message: Message | { kind: 'refused'; id: Id | undefined },
  fault: Fault,
  era: Era,
): Promise<Reply> {
  // Only a request, or what was meant as one, is answered under its id.
  const id = message.kind === 'request' || message.kind === 'refused' ? message.id : undefined;
  const reply = refuse(id, fault, era);
  answer.decided();
  const request = message.kind === 'request' || message.kind === 'notification' ? message : { id };
  await server.audit?.rejected({ fault, status: reply.status, principal, request, headers });
  return reply;
}

// The session begins with a handshake that succeeded; what the answer offers counts on it already.
async function initialize(incoming: Incoming, message: Request): Promise<Outcome> {
  const revision = negotiate(message.params.protocolVersion, NEWEST_LEGACY);
  const { sessions } = incoming;
  if (sessions === undefined) return run(incoming, message, revision, undefined, undefined);
  const connection = createConnection(revision, message.params);
  const outcome = await run(incoming, message, revision, connection, undefined);
  if (typeof outcome !== 'object' || !('result' in outcome.response)) return outcome;
  // However long that takes, no stream may begin for it: its head would lack the session.
  incoming.answer.decided();
  const { id } = await sessions.open(principalKey(incoming.principal), connection);
  incoming.answer.addHeaders({ 'mcp-session-id': id });
  return outcome;
}

async function run(
  incoming: Incoming,
  message: Request,
  revision: Revision,
  connection: Connection | undefined,
  session: Session | undefined,
): Promise<Outcome> {
  const { inFlight, server, count, principal } = incoming;
  const { era } = features(revision);
  const meta = metaOf(message.params);
  const caller = era === 'modern' ? modernCaller(principal, meta) : legacyCaller(principal, meta, connection);
  if (caller instanceof Fault) return reject(incoming, message, caller, era);
  const listens = message.method === 'subscriptions/listen';
  if (listens) checkListeners(incoming);
  if (session !== undefined) checkRoom(session, inFlight, message.id);
  // Those who listen have a bound of their own.
  if (!listens) incoming.usage.beginCall();
  const began = performance.now();
  const carrier = carrierOf(incoming, session, connection, began);
  const exchange = new RequestContext(message.id, revision, caller, carrier);
  keepStream(incoming, session, exchange);
  const done = inFlight.add(
    ownerOf(session, era, principal),
    exchange,
    listens ? principalKey(principal) : undefined,
  );
  const unexpire = listens ? stopAtExpiry(exchange, principal) : undefined;
  const stay = era === 'modern' ? inFlight.stopWhenGone(incoming.socket, exchange) : undefined;
  if (session !== undefined) session.running += 1;
  try {
    const reply = await dispatch(server, message, exchange);
    const cancelled = exchange.stopped?.why === 'cancelled';
    count?.(message.method, era, cancelled ? undefined : reply, (performance.now() - began) / 1_000);
    return cancelled ? 'abandoned' : reply;
  } finally {
    stay?.();
    unexpire?.();
    done();
    if (!listens) incoming.usage.endCall();
    if (session !== undefined) session.running -= 1;
  }
}

/** Within whose requests an id is looked for when one is cancelled, which only legacy clients do by a message. */
function ownerOf(session: Session | undefined, era: Era, principal: Principal): string {
  return session?.id ?? (era === 'legacy' ? principalKey(principal) : '');
}

function stopAtExpiry(exchange: RequestContext, principal: Principal): () => void {
  return atExpiry(principal, () =>
    exchange.stop(new Stopped('expired', 'the token of this stream has expired')),
  );
}

// A notification is never answered with a message, only taken or refused (2026-07-28/basic/027).
async function takeNotification(
  incoming: Incoming,
  notification: Notification,
  era: Era,
  session: Session | undefined,
): Promise<Outcome> {
  const { method, params } = notification;
  if (era === 'modern') {
    const mirrored = header(incoming, 'mcp-method');
    if (mirrored === undefined || mirrored === method) return undefined;
    const differs = new Fault('headerMismatch', 'Mcp-Method differs from the method in the body');
    return reject(incoming, notification, differs, era);
  }
  const { requestId, reason } = params;
  if (method === 'notifications/cancelled' && isId(requestId)) {
    const why = typeof reason === 'string' ? reason : 'the client cancelled the request';
    const here = incoming.inFlight.cancel(ownerOf(session, era, incoming.principal), requestId, why);
    if (!here && session !== undefined) await incoming.sessions?.elsewhere?.cancel(session, requestId, why);
  }
  return undefined;
}
