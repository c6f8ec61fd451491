/**
 * Forwards what reaches one replica but belongs to another. An answer goes to the replica that asked, which the question's id
 * names. A cancellation goes to all, because no replica knows where the call runs.
 */

import { Fault } from '../wire/fault.js';
import { type ClientResponse, isId } from '../wire/jsonrpc/message.js';
import type { InFlight } from '../wire/server/in-flight.js';
import type { Session } from '../wire/server/ports.js';
import { isRecord, shorten } from '../wire/value.js';
import type { Leases } from './leases.js';
import { failClosed } from './replica.js';
import type { ReplicaChannel } from './replica-channel.js';
import type { Sessions } from './sessions/sessions.js';

/** Characters of a client's reason for a cancellation that other replicas receive. */
const MAX_REASON = 1_000;

export class OwnerForwarder {
  constructor(
    readonly channel: ReplicaChannel,
    readonly leases: Leases,
    sessions: Sessions,
    inFlight: InFlight,
  ) {
    channel.on('answer', ({ session, principal, id, result, error, problem }) => {
      const found = sessions.here(session, principal);
      if (found === undefined || !isId(id)) return;
      const answer: ClientResponse = { kind: 'answer', id };
      if (isRecord(result)) answer.result = result;
      if (isRecord(error)) answer.error = error;
      if (typeof problem === 'string') answer.fault = new Fault('invalidRequest', problem);
      found.pending.settle(answer);
    });
    channel.on('cancelled', ({ session, principal, requestId, reason }) => {
      const found = sessions.here(session, principal);
      if (found !== undefined && isId(requestId)) inFlight.cancel(found.id, requestId, String(reason));
    });
  }

  /** False when no other live replica can have asked. @throws Fault 503 when the shared state is unavailable */
  async answer(asked: Session | undefined, { id, result, error, fault }: ClientResponse): Promise<boolean> {
    const replica = /^server-([0-9a-f]{12})-\d{1,9}$/.exec(String(id))?.[1];
    if (asked === undefined || replica === undefined || replica === this.channel.replica.id) return false;
    if (!(await failClosed(this.leases.isAlive(replica)))) return false;
    const { id: session, principal } = asked;
    const answer = { session, principal, id, result, error, problem: fault?.detail };
    await failClosed(this.channel.send(replica, 'answer', answer));
    return true;
  }

  /** @throws Fault 503 when the shared state is unavailable */
  cancel({ id: session, principal }: Session, requestId: string | number, reason: string): Promise<void> {
    const cancelled = { session, principal, requestId, reason: shorten(reason, MAX_REASON) };
    return failClosed(this.channel.broadcast('cancelled', cancelled));
  }
}
