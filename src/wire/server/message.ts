/**
 * Takes one message to its answer: finds its revision and session, opens the call, and dispatches it. A modern request ends when its
 * client leaves; a legacy one goes on (2025-11-25/transports/031).
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
  // Only a legacy request is refused in band: a notification has no answer to carry an error.
  let era: Era = 'modern';
  try {
    if (message.kind === 'answer') {
      const fault = await takeResponse(post, message);
      return fault && (await rejectMessage(post, message, fault, era));
    }
    if (message.kind === 'refused') {
      const { id, fault, mayAnswer } = message;
      // What has no method may be meant as the response to a question of ours, which fails then.
      const responds =
        id !== undefined &&
        mayAnswer === true &&
        (await settle(post, await peekSession(post), { kind: 'answer', id, fault }));
      return await rejectMessage(post, responds ? { kind: 'refused', id: undefined } : message, fault, era);
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

/** The refusal of a message after an error, so that it gets its answer, whatever has failed. */
export async function refuseAfter(error: unknown, post: Post, message: Message, era: Era): Promise<Reply> {
  let cause = error;
  // Lost I/O, for example when the state that replicas share is out of reach.
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

/** Runs a request. Legacy ones may have a connection and a session. */
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
  // Listening clients have a separate bound.
  const full =
    (session && checkRoom(session, post, request)) ?? (listens ? checkListeners(post) : usage.beginCall());
  if (full !== undefined) return rejectMessage(post, request, full, era);
  if (session !== undefined) keepStream(post, session, context);
  // A modern request ends with its connection. A legacy one may be cancelled by a message that names its id.
  const modern = era === 'modern';
  const entry = inFlight.add(context, modern ? '' : ownerOf(post, session), {
    listener: listens ? principalKey(principal) : undefined,
    socket: modern ? post.request.socket : undefined,
  });
  const unexpire = listens
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
    unexpire?.();
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
  const asks = sse && session !== undefined;
  // Built in one piece, with nothing assigned later; CallContext explains why.
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
    request: asks
      ? (method, params, signal) =>
          session.pending.ask(method, params, signal, (question) => answer.notify(question, false))
      : undefined,
    releaseStream: asks ? () => answer.release() : undefined,
  };
}

/** The refusal if there is no room for one more listener, or its principal has its full share already. */
function checkListeners({ route, principal }: Post): Fault | undefined {
  const { inFlight, tokens } = route;
  const { openStreams, streamsPerPrincipal } = route.bounds;
  // Without tokens, all callers look the same.
  if (tokens !== undefined) {
    const share = shareOf('listen streams', 'streams-per-principal', openStreams, streamsPerPrincipal);
    const own = inFlight.listeners(principalKey(principal));
    if (own >= share.most && own < openStreams) return shareTaken(share);
  }
  return inFlight.listeners() >= openStreams
    ? busy(`${openStreams} clients are listening; try again later`)
    : undefined;
}
