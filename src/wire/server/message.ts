/**
 * Answers one message: finds its revision and session, opens the call, and dispatches it. A modern request ends when its client leaves;
 * a legacy one goes on (2025-11-25/transports/031).
 */
import { after } from '../clock.js';
import { Fault } from '../fault.js';
import type { Message, Request } from '../jsonrpc/message.js';
import { busy, shareOf, shareTaken } from '../mcp/budget.js';
import type { Connection } from '../mcp/connection.js';
import { dispatch, internalFault, openCall } from '../mcp/dispatch.js';
import { negotiate, revisionOverHttp } from '../mcp/era.js';
import { createConnection } from '../mcp/meta.js';
import { type Reply, refuse } from '../mcp/reply.js';
import { Stopped } from '../mcp/request-context.js';
import { validateNotificationHeader } from '../mcp/request-headers.js';
import type { Transport } from '../mcp/transport.js';
import { principalKey } from '../principal.js';
import { type Era, REVISIONS, type Revision } from '../revisions.js';
import { atExpiry } from './in-flight.js';
import type { Post } from './incoming.js';
import {
  checkRoom,
  keepStream,
  openSession,
  ownerOf,
  peekSession,
  sessionOf,
  settle,
  takeNotification,
  takeResponse,
} from './legacy.js';
import type { Session } from './ports.js';
import { rejectMessage } from './reject.js';

/** A reply, the end of a cancelled request, or undefined for a message that gets no reply. */
type Outcome = Reply | 'abandoned' | undefined;

/** Answers a POST that holds one message. */
export async function answerOne(post: Post, message: Message): Promise<void> {
  const outcome = await answerMessage(post, message);
  if (outcome === undefined) return post.answer.accept();
  if (outcome !== 'abandoned') return post.answer.finish(outcome);
  const fault = new Fault('cancelled', 'the request was cancelled by its sender');
  post.answer.abandon(refuse(message.kind === 'request' ? message.id : undefined, fault, 'legacy').text);
}

export async function answerMessage(post: Post, message: Message): Promise<Outcome> {
  // Only a legacy request is refused in band, because a notification has no answer to carry an error.
  let era: Era = 'modern';
  try {
    if (message.kind === 'answer') {
      const fault = await takeResponse(post, message);
      return fault && (await rejectMessage(post, message, fault, era));
    }
    if (message.kind === 'refused') {
      const { id, fault, mayAnswer } = message;
      // A message without a method may be meant as a response to our question, which then fails.
      const isResponse =
        id !== undefined &&
        mayAnswer === true &&
        (await settle(post, await peekSession(post), { kind: 'answer', id, fault }));
      return await rejectMessage(post, isResponse ? { kind: 'refused', id: undefined } : message, fault, era);
    }
    const revision = revisionOverHttp(message, post.request.headers);
    if (revision instanceof Fault) return await rejectMessage(post, message, revision, era);
    if (REVISIONS[revision].era === 'modern') {
      if (message.kind === 'request') return await run(post, message, revision);
      const mismatch = validateNotificationHeader(message.method, post.request.headers);
      return mismatch && (await rejectMessage(post, message, mismatch, era));
    }
    if (message.kind === 'request') era = 'legacy';
    if (message.kind === 'request' && message.method === 'initialize') {
      const agreedRevision = negotiate(message.params.protocolVersion);
      if (post.route.sessions === undefined) return await run(post, message, agreedRevision);
      const connection = createConnection(agreedRevision, message.params);
      const outcome = await run(post, message, agreedRevision, connection);
      return typeof outcome === 'object' ? await openSession(post, message, connection, outcome) : outcome;
    }
    const session = await sessionOf(post);
    if (session instanceof Fault) return await rejectMessage(post, message, session, era);
    if (message.kind === 'notification') return await takeNotification(post, message, session);
    return await run(post, message, session?.connection.revision ?? revision, session?.connection, session);
  } catch (error) {
    return refuseAfter(error, post, message, era);
  }
}

/** The refusal of a message after an error, so that it gets an answer whatever has failed. */
export async function refuseAfter(error: unknown, post: Post, message: Message, era: Era): Promise<Reply> {
  let cause = error;
  // Lost I/O, for example if the state that replicas share cannot be reached.
  if (error instanceof Fault) {
    try {
      return await rejectMessage(post, message, error, era);
    } catch (failure) {
      cause = failure;
    }
  }
  post.answer.cancelOpening();
  post.route.onError(cause, 'http.request-failed', {
    method: 'method' in message ? message.method : undefined,
  });
  const id = message.kind === 'request' || message.kind === 'refused' ? message.id : undefined;
  return refuse(id, internalFault(cause), era);
}

/** Runs a request. A legacy one may have a connection and a session. */
async function run(
  post: Post,
  request: Request,
  revision: Revision,
  connection?: Connection,
  session?: Session,
): Promise<Outcome> {
  const { route, principal, usage, began } = post;
  const { inFlight, server, count } = route;
  const { era } = REVISIONS[revision];
  const transport = transportOf(post, connection, session);
  const call = openCall(server, request, revision, principal, transport);
  if (call instanceof Fault) return rejectMessage(post, request, call, era);
  const { context } = call;

  const listens = request.method === 'subscriptions/listen';
  // Listening clients have a bound of their own.
  const roomFault =
    (session && checkRoom(session, post, request)) ?? (listens ? checkListeners(post) : usage.beginCall());
  if (roomFault !== undefined) return rejectMessage(post, request, roomFault, era);
  if (session !== undefined) keepStream(post, session, context);
  // A modern request ends with its connection. A client cancels a legacy one by a message with its id.
  const isModern = era === 'modern';
  const entry = inFlight.add(context, isModern ? '' : ownerOf(post, session), {
    listener: listens ? principalKey(principal) : undefined,
    socket: isModern ? post.request.socket : undefined,
  });
  const cancelExpiry = listens
    ? atExpiry(principal, () => context.stop(new Stopped('expired', 'the token of this stream has expired')))
    : undefined;
  if (session !== undefined) session.running += 1;
  try {
    const reply = await dispatch(call);
    const cancelled = context.stopped?.why === 'cancelled';
    const seconds = (performance.now() - began) / 1_000;
    count?.(request.method, context.subject.target, revision, cancelled ? undefined : reply, seconds);
    return cancelled ? 'abandoned' : reply;
  } finally {
    cancelExpiry?.();
    inFlight.remove(entry);
    if (!listens) usage.endCall();
    if (session !== undefined) session.running -= 1;
  }
}

/** What HTTP lends to a call. */
function transportOf(
  { route, request, answer, began }: Post,
  connection: Connection | undefined,
  session: Session | undefined,
): Transport {
  const { tokens } = route;
  const { headers, rawHeaders, url = '/' } = request;
  const { sse } = answer.accepted;
  const canAsk = sse && session !== undefined;
  // An object literal, with no functions assigned later; CallContext explains why.
  return {
    after,
    headers,
    connection,
    began,
    verifyAgain: tokens && (() => tokens.authenticate({ rawHeaders, url })),
    opening: answer,
    room: answer,
    challenge: tokens && ((scopes, reason, notice) => tokens.insufficient(scopes, reason, notice)),
    notify: sse ? (message, mayBeOvertaken) => answer.notify(message, mayBeOvertaken) : undefined,
    request: canAsk
      ? (method, params, signal) =>
          session.pending.ask(method, params, signal, (question) => answer.notify(question, false))
      : undefined,
    releaseStream: canAsk ? () => answer.release() : undefined,
  };
}

/** The refusal if there is no room for one more listener, or if its principal's share is used up. */
function checkListeners({ route, principal }: Post): Fault | undefined {
  const { inFlight, tokens } = route;
  const { openStreams, streamsPerPrincipal } = route.bounds;
  // Without tokens, all callers look the same.
  if (tokens !== undefined) {
    const share = shareOf('listen streams', 'streams-per-principal', openStreams, streamsPerPrincipal);
    const count = inFlight.listeners(principalKey(principal));
    if (count >= share.max && count < openStreams) return shareTaken(share);
  }
  return inFlight.listeners() >= openStreams
    ? busy(`${openStreams} clients are listening; try again later`)
    : undefined;
}
