/**
 * Forwards what reaches one replica but belongs to another. An answer goes to the replica that asked, which the question's id
 * names. A cancellation goes to all, because no replica knows where the call runs.
 */

import { Fault } from '../wire/fault.js';
import { type ClientResponse, isId } from '../wire/jsonrpc/message.js';
import type { InFlight } from '../wire/server/in-flight.js';
import type { RemoteSessions } from '../wire/server/ports.js';
import { isRecord, shorten } from '../wire/value.js';
import type { Leases } from './leases.js';
import { failClosed } from './replica.js';
import type { ReplicaChannel } from './replica-channel.js';
import type { Sessions } from './sessions/sessions.js';

/** Characters of a client's reason for a cancellation that other replicas receive. */
const MAX_REASON = 1_000;

export function forwardToOwner(
  channel: ReplicaChannel,
  leases: Leases,
  sessions: Sessions,
  inFlight: InFlight,
): Pick<RemoteSessions, 'answer' | 'cancel'> {
  channel.on('answer', ({ session, principal, id, result, error, problem }) => {
    const ownedSession = sessions.here(session, principal);
    if (ownedSession === undefined || !isId(id)) return;
    const answer: ClientResponse = { kind: 'answer', id };
    if (isRecord(result)) answer.result = result;
    if (isRecord(error)) answer.error = error;
    if (typeof problem === 'string') answer.fault = new Fault('invalidRequest', problem);
    ownedSession.pending.settle(answer);
  });
  channel.on('cancelled', ({ session, principal, requestId, reason }) => {
    const ownedSession = sessions.here(session, principal);
    if (ownedSession !== undefined && isId(requestId))
      inFlight.cancel(ownedSession.id, requestId, String(reason));
  });
  return {
    /** False when no other live replica can have asked. @throws Fault 503 when the shared state is unavailable */
    async answer(session, { id, result, error, fault }) {
      const replica = /^server-([0-9a-f]{12})-\d{1,9}$/.exec(String(id))?.[1];
      if (session === undefined || replica === undefined || replica === channel.replica.id) return false;
      if (!(await failClosed(leases.isAlive(replica)))) return false;
      const { id: sessionId, principal } = session;
      const answer = { session: sessionId, principal, id, result, error, problem: fault?.detail };
      await failClosed(channel.send(replica, 'answer', answer));
      return true;
    },
    /** @throws Fault 503 when the shared state is unavailable */
    cancel({ id: session, principal }, requestId, reason) {
      const cancellation = { session, principal, requestId, reason: shorten(reason, MAX_REASON) };
      return failClosed(channel.broadcast('cancelled', cancellation));
    },
  };
}
