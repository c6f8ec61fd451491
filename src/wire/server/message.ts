/**
 * Takes one message to its outcome: finds its revision and session, checks its mirrored headers, dispatches it. A modern request
 * ends when its client leaves; a legacy one goes on (2025-11-25/transports/031).
 */
import { Fault } from '../fault.js';
import { type Id, isId, type Message, type Notification, type Request } from '../jsonrpc/message.js';
import { type Connection, createConnection } from '../mcp/connection.js';
import { dispatch, openCall } from '../mcp/dispatch.js';
import { negotiate, revisionOverHttp } from '../mcp/era.js';
import { type Reply, refuse } from '../mcp/reply.js';
import { type RequestContext, Stopped } from '../mcp/request-context.js';
import { validateNotificationHeader } from '../mcp/request-headers.js';
import { isThenable } from '../mcp/run-handler.js';
import { type Principal, principalKey } from '../principal.js';
import { type Era, features, NEWEST_LEGACY, type Revision } from '../revisions.js';
import { atExpiry } from './in-flight.js';
import {
  checkListeners,
  checkRoom,
  failQuestion,
  header,
  type Incoming,
  keepStream,
  sessionOf,
  takeAnswer,
  transportOf,
} from './incoming.js';
import type { Session } from './ports.js';

/** An answer, the end of a cancelled request, or nothing for a message that asks for nothing. */
export type Outcome = Reply | 'abandoned' | undefined;

export async function answerMessage(incoming: Incoming, message: Message): Promise<Outcome> {
  // Only a legacy request is refused in band: a notification has no answer to carry an error.
  let era: Era = 'modern';
  const refuseWith = (fault: Fault): Promise<Reply> => reject(incoming, message, fault, era);
  try {
    if (message.kind === 'answer') {
      const refused = await takeAnswer(incoming, message);
      return refused && (await refuseWith(refused));
    }
    if (message.kind === 'refused') {
      const answered = await failQuestion(incoming, message);
      const named = answered ? { kind: message.kind, id: undefined } : message;
      return await reject(incoming, named, message.fault, era);
    }
    const revision = revisionOverHttp(message, header(incoming, 'mcp-protocol-version'));
    if (revision instanceof Fault) return await refuseWith(revision);
    const legacy = features(revision).era === 'legacy';
    if (legacy && message.kind === 'request') era = 'legacy';
    if (legacy && message.kind === 'request' && message.method === 'initialize')
      return await initialize(incoming, message);
    const known = legacy ? sessionOf(incoming) : undefined;
    const session = isThenable(known) ? await known : known;
    if (session instanceof Fault) return await refuseWith(session);
    if (message.kind === 'notification') return await takeNotification(incoming, message, legacy, session);
    const agreed = session?.connection.revision ?? revision;
    return await run(incoming, message, agreed, session?.connection, session);
  } catch (error) {
    // Lost I/O, for example when the state that replicas share is out of reach.
    if (!(error instanceof Fault)) throw error;
    return refuseWith(error);
  }
}

/** Refuses a message that never reaches a method, and records it like one that does. */
export async function reject(
  { server, principal, headers, answer }: Incoming,
  message: Message | { kind: 'refused'; id: Id | undefined },
  fault: Fault,
  era: Era,
): Promise<Reply> {
  // Only a request, or a message meant as one, gets an answer under its id.
  const id = message.kind === 'request' || message.kind === 'refused' ? message.id : undefined;
  const reply = refuse(id, fault, era);
  answer.decided();
  const request = message.kind === 'request' || message.kind === 'notification' ? message : { id };
  await server.audit?.rejected({ fault, status: reply.status, principal, request, headers });
  return reply;
}

// The session begins only after a successful handshake, but the answer already offers what needs a session.
async function initialize(incoming: Incoming, message: Request): Promise<Outcome> {
  const revision = negotiate(message.params.protocolVersion, NEWEST_LEGACY);
  const { sessions } = incoming;
  if (sessions === undefined) return run(incoming, message, revision, undefined, undefined);
  const connection = createConnection(revision, message.params);
  const outcome = await run(incoming, message, revision, connection, undefined);
  if (typeof outcome !== 'object' || !('result' in outcome.response)) return outcome;
  // However long that takes, no stream may open before the session: the stream's head would lack the session id.
  incoming.answer.decided();
  const session = await sessions.open(principalKey(incoming.principal), connection);
  if (session instanceof Fault) return reject(incoming, message, session, 'legacy');
  incoming.answer.addHeaders({ 'mcp-session-id': session.id });
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
  const began = performance.now();
  const transport = transportOf(incoming, session, connection, began);
  const call = openCall(server, message, revision, principal, transport);
  if (call instanceof Fault) return reject(incoming, message, call, era);
  const { context } = call;
  const listens = message.method === 'subscriptions/listen';
  const full =
    (session && checkRoom(session, inFlight, message.id)) ??
    // Listening clients have a separate bound.
    (listens ? checkListeners(incoming) : incoming.usage.beginCall());
  if (full !== undefined) return reject(incoming, message, full, era);
  keepStream(incoming, session, context);
  const done = inFlight.add(
    ownerOf(session, era, principal),
    context,
    listens ? principalKey(principal) : undefined,
  );
  const unexpire = listens ? stopAtExpiry(context, principal) : undefined;
  const stay = era === 'modern' ? inFlight.stopWhenGone(incoming.socket, context) : undefined;
  if (session !== undefined) session.running += 1;
  try {
    const reply = await dispatch(call);
    const cancelled = context.stopped?.why === 'cancelled';
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

/** The owner whose requests we search for an id to cancel; only legacy clients cancel by message. */
function ownerOf(session: Session | undefined, era: Era, principal: Principal): string {
  return session?.id ?? (era === 'legacy' ? principalKey(principal) : '');
}

function stopAtExpiry(context: RequestContext, principal: Principal): () => void {
  return atExpiry(principal, () =>
    context.stop(new Stopped('expired', 'the token of this stream has expired')),
  );
}

// A notification never gets a message in return; we only accept or refuse it (2026-07-28/basic/027).
async function takeNotification(
  incoming: Incoming,
  notification: Notification,
  legacy: boolean,
  session: Session | undefined,
): Promise<Outcome> {
  const { method, params } = notification;
  if (!legacy) {
    const mismatch = validateNotificationHeader(method, incoming.headers);
    return mismatch && reject(incoming, notification, mismatch, 'modern');
  }
  const { requestId, reason } = params;
  if (method === 'notifications/cancelled' && isId(requestId)) {
    const why = typeof reason === 'string' ? reason : 'the client cancelled the request';
    const here = incoming.inFlight.cancel(ownerOf(session, 'legacy', incoming.principal), requestId, why);
    if (!here && session !== undefined) await incoming.sessions?.elsewhere?.cancel(session, requestId, why);
  }
  return undefined;
}
