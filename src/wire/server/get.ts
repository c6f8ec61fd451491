/**
 * GET and DELETE on the MCP endpoint: a legacy client opens its standalone stream, resumes a stream that it lost, or ends its
 * session. A server without sessions answers both with 405.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
import type { ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import type { Accepted } from '../http/head.js';
import { EventStream, Held } from '../http/stream.js';
import { boundOfChange, unreadable } from '../mcp/authority.js';
import { type Change, changeNotification } from '../mcp/connection.js';
import type { Decision } from '../mcp/decision.js';
import { type Bound, type Principal, principalKey } from '../principal.js';
import { NEWEST_LEGACY } from '../revisions.js';
import { atExpiry } from './in-flight.js';
import { header, type Service } from './incoming.js';
import type { OutgoingHeaders, Session, SessionStore } from './ports.js';

type HeaderSource = { headers: { [name: string]: string | string[] | undefined } };

/** Returns a Fault when there is no such session or event. @throws Fault when it cannot reach the state that replicas share */
export async function openStream(
  service: Service & { sessions: SessionStore },
  asked: HeaderSource,
  principal: Principal,
  accepted: Accepted,
  response: ServerResponse,
  headers: OutgoingHeaders | undefined,
): Promise<Fault | undefined> {
  if (!accepted.sse)
    return new Fault('notAcceptable', 'a GET is answered as text/event-stream; accept that type');
  const session = await service.sessions.of(header(asked, 'mcp-session-id'), principalKey(principal));
  if (session instanceof Fault) return session;
  const { keepAliveMs, retryMs } = service.bounds;
  // The stream ends when its token expires; the client comes back for the rest with a new one.
  const stream = (): EventStream => {
    const held = new Held(response, service.budget.usageOf(principal));
    const opened = new EventStream(response, headers, keepAliveMs, held);
    response.once(
      'close',
      atExpiry(principal, () => opened.end()),
    );
    return opened;
  };
  const mayRead = (bound: Bound): boolean =>
    unreadable(bound, principal.scopes, service.server) === undefined;
  if (response.destroyed) return undefined;
  const lastEventId = header(asked, 'last-event-id');
  if (lastEventId !== undefined) {
    const found = session.log.find(lastEventId);
    if (found !== undefined) {
      const refused = unreadable(found.stream.boundAfter(found.after), principal.scopes, service.server);
      if (refused !== undefined) return lacking(service, refused);
      found.stream.attach(stream(), found.after, mayRead);
      return undefined;
    }
    const elsewhere = await service.sessions.elsewhere?.find(session, lastEventId, principal.scopes);
    if (typeof elsewhere === 'object' && 'allow' in elsewhere) return lacking(service, elsewhere);
    if (typeof elsewhere === 'object') {
      response.once('close', () => elsewhere.end());
      if (response.destroyed) elsewhere.end();
      else elsewhere.attach(stream());
      return undefined;
    }
    if (!tellsChanges(session, lastEventId)) return notResumed(elsewhere === 'silent');
  }
  // Only the newest standalone stream gets messages, so that none goes over two (2025-11-25/transports/043).
  const standalone = session.log.open();
  const newest = await service.sessions.listens(session, standalone);
  if (newest instanceof Fault) return newest;
  if (!newest) standalone.end([]);
  standalone.attach(stream(), 0, mayRead);
  if (newest && session.connection.revision === NEWEST_LEGACY) standalone.prime(retryMs);
  if (lastEventId === undefined) return undefined;
  for (const change of anything(service, session)) {
    const { method, params } = changeNotification(change);
    standalone.send(
      JSON.stringify({ jsonrpc: '2.0', method, params }),
      boundOfChange(change, service.server),
    );
  }
  return undefined;
}

/** This token could not have made the stream's call; the challenge names the scopes that reading it needs. */
function lacking({ tokens }: Service, { scopes = [], reason }: Decision): Fault {
  return tokens?.insufficient(scopes, reason) ?? new Fault('insufficientScope', reason);
}

/** Only the replica that holds a call's stream knows what comes next on it. */
function notResumed(silent: boolean): Fault {
  if (!silent)
    return new Fault(
      'badHttp',
      'what followed the event that Last-Event-ID names is not kept any more, or it never was',
    );
  return new Fault('unavailable', 'the replica that holds this stream does not answer; try again', {
    headers: { 'retry-after': '5' },
  });
}

/** Whether an event belongs to the session's GET stream, which was lost with the replica that held it. */
function tellsChanges({ listener }: Session, eventId: string): boolean {
  return listener !== undefined && eventId.replace(/\.\d+$/, '') === listener;
}

/** Nobody knows which changes the client missed, and it must not miss any. So tell it that everything may have changed. */
function anything({ server }: Service, { connection }: Session): Change[] {
  return [
    { kind: 'tools' },
    ...(server.prompts === undefined ? [] : [{ kind: 'prompts' as const }]),
    ...(server.resources === undefined ? [] : [{ kind: 'resources' as const }]),
    ...[...connection.watched].map((uri) => ({ kind: 'resource' as const, uri })),
  ];
}

/** Returns a Fault when there is no such session. */
export async function endSession(
  { sessions }: { sessions: SessionStore },
  asked: HeaderSource,
  principal: Principal,
): Promise<Fault | undefined> {
  const session = await sessions.of(header(asked, 'mcp-session-id'), principalKey(principal));
  if (session instanceof Fault) return session;
  await sessions.end(session.id);
  return undefined;
}
