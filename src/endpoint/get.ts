/**
 * GET and DELETE on the MCP endpoint: the standalone stream of a legacy client, its return to a stream it lost, and the
 * end of its session. Only with sessions; without them, and to modern clients, both are 405.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
import type { ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import type { Accepted } from '../http/accept.js';
import { EventStream } from '../http/stream.js';
import { type Principal, principalKey } from '../principal.js';
import { NEWEST_LEGACY } from '../revisions.js';
import { atExpiry } from './expiry.js';
import { header, type Service } from './incoming.js';
import type { Sessions } from './sessions.js';

type OutgoingHeaders = { [name: string]: string };
type Asked = { headers: { [name: string]: string | string[] | undefined } };

/** @throws Fault when there is no such session or event. */
export async function openStream(
  service: Service & { sessions: Sessions },
  asked: Asked,
  principal: Principal,
  accepted: Accepted,
  response: ServerResponse,
  headers: OutgoingHeaders | undefined,
): Promise<void> {
  if (!accepted.sse)
    throw new Fault('notAcceptable', 'a GET is answered as text/event-stream; accept that type');
  const session = await service.sessions.of(header(asked, 'mcp-session-id'), principalKey(principal));
  const { keepAliveMs, retryMs } = service.bounds;
  // It ends with the token that opened it; the client comes back for the rest with another one.
  const stream = (): EventStream => {
    const opened = new EventStream(response, headers, keepAliveMs);
    response.once(
      'close',
      atExpiry(principal, () => opened.end()),
    );
    return opened;
  };
  if (response.destroyed) return;
  const lastEventId = header(asked, 'last-event-id');
  if (lastEventId !== undefined) {
    const found = session.log.find(lastEventId);
    if (found === undefined)
      throw new Fault(
        'badHttp',
        'what followed the event that Last-Event-ID names is not kept any more, or it never was',
      );
    found.stream.attach(stream(), found.after);
    return;
  }
  // The newest standalone stream is the one that is told: no message goes over two (2025-11-25/transports/043).
  const standalone = session.log.open();
  const newest = await service.sessions.listens(session, standalone);
  if (!newest) standalone.end([]);
  standalone.attach(stream(), 0);
  if (newest && session.connection.revision === NEWEST_LEGACY) standalone.prime(retryMs);
}

/** @throws Fault when there is no such session. */
export async function endSession(
  { sessions }: { sessions: Sessions },
  asked: Asked,
  principal: Principal,
): Promise<void> {
  const { id } = await sessions.of(header(asked, 'mcp-session-id'), principalKey(principal));
  await sessions.end(id);
}
