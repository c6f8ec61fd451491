/** What HTTP provides for one request: timers, ways to send and to ask, and the log of its stream. */
import { after } from '../clock.js';
import { Fault } from '../fault.js';
import type { ClientResponse, Refused } from '../jsonrpc/message.js';
import { AnswerRoom } from '../mcp/answer-room.js';
import type { Connection } from '../mcp/connection.js';
import { boundOf } from '../mcp/reading.js';
import type { RequestContext, Transport } from '../mcp/request-context.js';
import { NEWEST_LEGACY } from '../revisions.js';
import { type Incoming, peekSession, sessionOf } from './incoming.js';
import type { Session } from './ports.js';

/** In a session the stream is kept for a client that reconnects, perhaps with another token. */
export function keepStream(
  { answer, bounds, server }: Incoming,
  session: Session | undefined,
  exchange: RequestContext,
): void {
  if (session === undefined || !answer.accepted.sse) return;
  answer.keepIn({
    open: (bound) => session.log.open(bound),
    bound: () => boundOf(exchange, server),
    // Priming events came with 2025-11-25; an older client would read the empty data as a broken message.
    prime: exchange.revision === NEWEST_LEGACY,
    retryMs: bounds.retryMs,
  });
}

export function carrierOf(
  { answer, headers, tokens, verifyAgain }: Incoming,
  session: Session | undefined,
  connection: Connection | undefined,
  began: number,
): Transport {
  const { sse } = answer.accepted;
  const asks = sse && session !== undefined;
  // Built in one piece, with nothing assigned later: CallContext says what that would cost.
  return {
    after,
    headers,
    connection,
    began,
    verifyAgain,
    admitted: () => answer.admit(),
    decided: () => answer.decided(),
    room: new AnswerRoom((bytes) => answer.held?.add(bytes) !== false),
    challenge: tokens && ((scopes, reason, notice) => tokens.insufficient(scopes, reason, notice)),
    notify: sse ? (message, mayBeOvertaken) => answer.notify(message, mayBeOvertaken) : undefined,
    request: asks
      ? (method, params, signal) =>
          session.pending.ask(method, params, signal, (asked) => answer.notify(asked, false))
      : undefined,
    releaseStream: asks ? () => answer.release() : undefined,
  };
}

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
