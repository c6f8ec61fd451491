/** What HTTP provides for one request: timers, ways to send and to ask, and the log of its stream. */
import { after } from '../clock.js';
import { AnswerRoom } from '../mcp/answer-room.js';
import type { Connection } from '../mcp/connection.js';
import { boundOf } from '../mcp/reading.js';
import type { RequestContext, Transport } from '../mcp/request-context.js';
import { NEWEST_LEGACY } from '../revisions.js';
import type { Incoming } from './incoming.js';
import type { Session } from './session.js';

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
