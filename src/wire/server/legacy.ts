/** What only legacy clients do: open sessions, answer our requests, cancel theirs by message, and resume lost streams. */
import { Fault } from '../fault.js';
import { header } from '../http/head.js';
import type { ClientResponse, Notification, Request } from '../jsonrpc/message.js';
import { boundOf } from '../mcp/authority.js';
import { busy } from '../mcp/budget.js';
import type { Connection } from '../mcp/connection.js';
import { readCancellation } from '../mcp/dispatch.js';
import { isModern, revisionInHeader } from '../mcp/era.js';
import type { Reply } from '../mcp/reply.js';
import type { RequestContext } from '../mcp/request-context.js';
import { principalKey } from '../principal.js';
import { MODERN, NEWEST_LEGACY } from '../revisions.js';
import type { Post } from './incoming.js';
import type { Session } from './ports.js';
import { rejectMessage } from './reject.js';

/** The session of a request; a Fault if the server has sessions and the request names none of this principal's. */
export function sessionOf({
  route,
  request,
  principal,
}: Post): Session | Fault | Promise<Session | Fault> | undefined {
  return route.sessions?.of(header(request, 'mcp-session-id'), principalKey(principal));
}

/** The same for a message that needs no session; undefined if there is none. */
export async function peekSession({ route, request, principal }: Post): Promise<Session | undefined> {
  return route.sessions?.peek(header(request, 'mcp-session-id'), principalKey(principal));
}

/** Opens the session once the handshake has succeeded. The reply already declares what needs a session. */
export async function openSession(
  post: Post,
  request: Request,
  connection: Connection,
  reply: Reply,
): Promise<Reply> {
  const { route, answer, principal } = post;
  if (route.sessions === undefined || !('result' in reply.response)) return reply;
  // However long this takes, no stream may open before the session, because its head would lack the session id.
  answer.cancelOpening();
  const session = await route.sessions.open(principalKey(principal), connection);
  if (session instanceof Fault) return rejectMessage(post, request, session, 'legacy');
  answer.addHeaders({ 'mcp-session-id': session.id });
  return reply;
}

/** How many calls of a session may run at once; each may wait minutes for its client to answer a question. */
const MAX_CALLS = 100;

/** The refusal if the session cannot run one more call. */
export function checkRoom(session: Session, { route }: Post, { id }: Request): Fault | undefined {
  if (session.running >= MAX_CALLS) return busy(`${MAX_CALLS} calls of this session are running`);
  // A session must not use an id twice (2025-11-25/basic/005).
  return route.inFlight.has(session.id, id)
    ? new Fault('invalidRequest', 'a request with this id is still being answered')
    : undefined;
}

/** Keeps the stream of a call for a client that reconnects, perhaps with another token. */
export function keepStream({ route, answer }: Post, session: Session, context: RequestContext): void {
  if (!answer.accepted.sse) return;
  answer.keepIn({
    open: (bound) => session.log.open(bound),
    bound: () => boundOf(context, route.server),
    // Priming events came with 2025-11-25; an older client would take the empty data for a broken message.
    prime: context.revision === NEWEST_LEGACY,
    retryMs: route.bounds.retryMs,
  });
}

/** The session or principal within which the id of a legacy request is unique. */
export function ownerOf({ principal }: Post, session: Session | undefined): string {
  return session?.id ?? principalKey(principal);
}

/** Takes a client's response to our request; refuses one that is malformed or that nothing waits for. */
export async function takeResponse(post: Post, response: ClientResponse): Promise<Fault | undefined> {
  const headerRevision = revisionInHeader(post.request.headers);
  if (headerRevision instanceof Fault) return headerRevision;
  // A session header beside it means nothing (2026-07-28/streamable-http/012, /083).
  if (isModern(headerRevision))
    return new Fault(
      'invalidRequest',
      `in revision ${MODERN} a server asks nothing, so a client sends no responses`,
    );
  if (response.fault !== undefined) {
    await settle(post, await peekSession(post), response);
    return response.fault;
  }
  const session = await sessionOf(post);
  if (session instanceof Fault) return session;
  if (await settle(post, session, response)) return undefined;
  return new Fault('invalidRequest', 'no request of this server waits for this response');
}

/** False if nothing waits for the response, here or at another replica. */
export async function settle(
  { route }: Post,
  session: Session | undefined,
  response: ClientResponse,
): Promise<boolean> {
  if (session?.pending.settle(response) === true) return true;
  return (await route.sessions?.elsewhere?.answer(session, response)) === true;
}

/** A notification gets no reply; we only accept or refuse it (2026-07-28/basic/027). */
export async function takeNotification(
  post: Post,
  notification: Notification,
  session: Session | undefined,
): Promise<undefined> {
  const cancellation = readCancellation(notification);
  if (cancellation === undefined) return undefined;
  const { inFlight, sessions } = post.route;
  const { id, reason } = cancellation;
  const isHere = inFlight.cancel(ownerOf(post, session), id, reason);
  if (!isHere && session !== undefined) await sessions?.elsewhere?.cancel(session, id, reason);
  return undefined;
}
