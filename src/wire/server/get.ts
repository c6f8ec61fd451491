/**
 * GET and DELETE on the MCP endpoint: a legacy client opens its standalone stream, resumes a stream that it lost, or ends its
 * session. A server without sessions answers both with 405.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
import { Fault } from '../fault.js';
import { NOSNIFF } from '../http/body.js';
import { header, readAccept } from '../http/head.js';
import { EventStream, HeldBytes } from '../http/stream.js';
import { boundOfChange, unreadable } from '../mcp/authority.js';
import { type Change, changeNotification } from '../mcp/connection.js';
import type { Decision } from '../mcp/decision.js';
import { isModern, revisionInHeader } from '../mcp/era.js';
import { type Bound, principalKey } from '../principal.js';
import { MODERN, NEWEST_LEGACY } from '../revisions.js';
import { atExpiry } from './in-flight.js';
import type { Incoming } from './incoming.js';
import type { Session, SessionStore, TokenGuard } from './ports.js';

/** Answers with a stream or with 204, or returns the refusal. */
export async function answerInSession(
  incoming: Incoming,
  sessions: SessionStore,
): Promise<Fault | undefined> {
  const { request, response, principal, cors } = incoming;
  const isGet = request.method === 'GET';
  const headerRevision = revisionInHeader(request.headers);
  if (headerRevision instanceof Fault) return headerRevision;
  if (isModern(headerRevision)) return postOnly(request.method);
  if (isGet && !readAccept(request.headers.accept).sse)
    return new Fault('notAcceptable', 'a GET is answered as text/event-stream; accept that type');
  try {
    const session = await sessions.of(header(request, 'mcp-session-id'), principalKey(principal));
    if (session instanceof Fault) return session;
    if (isGet) return await openStream(incoming, sessions, session);
    await sessions.end(session.id);
    response.writeHead(204, { ...NOSNIFF, ...cors }).end();
    return undefined;
  } catch (error) {
    // The state that replicas share cannot be reached.
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** @throws Fault when it cannot reach the state that replicas share */
async function openStream(
  { route, request, response, principal, cors }: Incoming,
  sessions: SessionStore,
  session: Session,
): Promise<Fault | undefined> {
  const { server, tokens } = route;
  const { keepAliveMs, retryMs } = route.bounds;
  // The stream ends when its token expires; the client reconnects with a new one.
  const createStream = (): EventStream => {
    const heldBytes = new HeldBytes(response, route.budget.usageOf(principal));
    const eventStream = new EventStream(response, cors, keepAliveMs, heldBytes);
    response.once(
      'close',
      atExpiry(principal, () => eventStream.end()),
    );
    return eventStream;
  };
  const mayRead = (bound: Bound): boolean => unreadable(bound, principal.scopes, server) === undefined;
  if (response.destroyed) return undefined;
  // Without an id, an EventSource sends no header, and some other clients send an empty one.
  const lastEventId = header(request, 'last-event-id') || undefined;
  if (lastEventId !== undefined) {
    const resumption = session.log.find(lastEventId);
    if (resumption !== undefined) {
      const decision = unreadable(resumption.stream.boundAfter(resumption.after), principal.scopes, server);
      if (decision !== undefined) return scopeFault(tokens, decision);
      resumption.stream.attach(createStream(), resumption.after, mayRead);
      return undefined;
    }
    const remoteStream = await sessions.elsewhere?.find(session, lastEventId, principal.scopes);
    if (typeof remoteStream === 'object' && 'allow' in remoteStream) return scopeFault(tokens, remoteStream);
    if (typeof remoteStream === 'object') {
      response.once('close', () => remoteStream.end());
      if (response.destroyed) remoteStream.end();
      else remoteStream.attach(createStream());
      return undefined;
    }
    // If the session's GET stream is lost with its replica, a new one replaces it.
    if (session.listener === undefined || lastEventId.replace(/\.\d+$/, '') !== session.listener)
      return remoteStream === 'silent'
        ? new Fault('unavailable', 'the replica that holds this stream does not answer; try again')
        : new Fault(
            'badHttp',
            'the events after the one in Last-Event-ID are no longer kept, or never existed',
          );
  }
  // Only the newest standalone stream gets messages, so that no message is sent twice (2025-11-25/transports/043).
  const standalone = session.log.open();
  const isNewest = await sessions.listens(session, standalone);
  if (isNewest instanceof Fault) return isNewest;
  if (!isNewest) standalone.end([]);
  // If the client has left meanwhile, no `close` event would end the stream's timers.
  if (response.destroyed) return undefined;
  standalone.attach(createStream(), 0, mayRead);
  if (isNewest && session.connection.revision === NEWEST_LEGACY) standalone.prime(retryMs);
  if (lastEventId === undefined) return undefined;
  // Nobody knows which changes the client missed, so tell it that everything may have changed.
  const changes: Change[] = [{ kind: 'tools' }];
  if (server.prompts !== undefined) changes.push({ kind: 'prompts' });
  if (server.resources !== undefined) changes.push({ kind: 'resources' });
  for (const uri of session.connection.watched) changes.push({ kind: 'resource', uri });
  for (const change of changes) {
    const { method, params } = changeNotification(change);
    standalone.send(JSON.stringify({ jsonrpc: '2.0', method, params }), boundOfChange(change, server));
  }
  return undefined;
}

/** The refusal of a token that could not have made the stream's call; it names the scopes that a reader needs. */
function scopeFault(tokens: TokenGuard | undefined, { scopes = [], reason }: Decision): Fault {
  return tokens?.insufficient(scopes, reason) ?? new Fault('insufficientScope', reason);
}

/** 2026-07-28/streamable-http/082. It tells a client of both eras that there is no stream or session to open or end. */
function postOnly(method = ''): Fault {
  const detail = `in revision ${MODERN} this endpoint takes POST, received ${method}`;
  return new Fault('methodNotAllowed', detail, { headers: { allow: 'POST, OPTIONS' } });
}
