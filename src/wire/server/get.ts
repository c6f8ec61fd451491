/**
 * GET and DELETE on the MCP endpoint: the standalone stream of a legacy client, its return to a stream it lost, and the
 * end of its session. Only with sessions; without them, and to modern clients, both are 405.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
import type { ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import type { Accepted } from '../http/head.js';
import { EventStream, Held } from '../http/stream.js';
import { boundOfChange, readableBy, unreadable } from '../mcp/authority.js';
import { type Change, changeNotification } from '../mcp/connection.js';
import type { Decision } from '../mcp/decision.js';
import { type Principal, principalKey } from '../principal.js';
import { NEWEST_LEGACY } from '../revisions.js';
import { atExpiry } from './in-flight.js';
import { header, type Service } from './incoming.js';
import type { OutgoingHeaders, Session, SessionStore } from './ports.js';

type HeaderSource = { headers: { [name: string]: string | string[] | undefined } };

/** A Fault when there is no such session or event. @throws Fault when what replicas share cannot be reached */
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
  // It ends with the token that opened it; the client comes back for the rest with another one.
  const stream = (): EventStream => {
    const held = new Held(response, service.budget.usageOf(principal));
    const opened = new EventStream(response, headers, keepAliveMs, held);
    response.once(
      'close',
      atExpiry(principal, () => opened.end()),
    );
    return opened;
  };
  const mayRead = readableBy(principal.scopes, service.server);
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
  // The newest standalone stream is the one that is told: no message goes over two (2025-11-25/transports/043).
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

/** The token could not have made the call of this stream; the challenge names the scopes that reading it needs. */
function lacking({ tokens }: Service, { scopes = [], reason }: Decision): Fault {
  return tokens?.insufficient(scopes, reason) ?? new Fault('insufficientScope', reason);
}

/** Who holds the stream of a call alone knows how that goes on. */
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

/** Whether an event is of the session's GET stream, and that was lost with the replica that held it. */
function tellsChanges({ listener }: Session, eventId: string): boolean {
  return listener !== undefined && eventId.replace(/\.\d+$/, '') === listener;
}

/** What was told meanwhile nobody knows any more, and it must not be skipped in silence: everything may have changed. */
function anything({ server }: Service, { connection }: Session): Change[] {
  return [
    { kind: 'tools' },
    ...(server.prompts === undefined ? [] : [{ kind: 'prompts' as const }]),
    ...(server.resources === undefined ? [] : [{ kind: 'resources' as const }]),
    ...[...connection.watched].map((uri) => ({ kind: 'resource' as const, uri })),
  ];
}

/** A Fault when there is no such session. */
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
