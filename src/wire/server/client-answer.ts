/**
 * What a legacy client answers to a question of ours, and what may be meant as an answer and cannot be read: then the call
 * that waits for it fails now, and not when its time is over.
 */
import { Fault } from '../fault.js';
import type { ClientResponse, Refused } from '../jsonrpc/message.js';
import { type Incoming, peekSession, sessionOf } from './incoming.js';
import type { Session } from './session.js';

/** @throws Fault when it is malformed, or nothing waits for it */
export async function takeAnswer(incoming: Incoming, answer: ClientResponse): Promise<undefined> {
  if (answer.fault !== undefined) {
    await settle(incoming, await peekSession(incoming), answer);
    throw answer.fault;
  }
  if (await settle(incoming, await sessionOf(incoming), answer)) return undefined;
  throw new Fault('invalidRequest', 'no request of this server waits for this response');
}

/** Whether a message that was refused stood under the id of a question, which has failed with it. */
export async function failQuestion(incoming: Incoming, { id, fault, mayAnswer }: Refused): Promise<boolean> {
  if (id === undefined || mayAnswer !== true) return false;
  return settle(incoming, await peekSession(incoming), { kind: 'answer', id, fault });
}

/** False when nothing waits for it, here or at another replica. */
async function settle(
  { sessions }: Incoming,
  session: Session | undefined,
  answer: ClientResponse,
): Promise<boolean> {
  return (
    session?.pending.settle(answer) === true || (await sessions?.elsewhere?.answer(session, answer)) === true
  );
}
