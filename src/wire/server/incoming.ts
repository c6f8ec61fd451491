/** One HTTP request on its way through the endpoint: what we know about it, its session, and what HTTP provides to its call. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { after } from '../clock.js';
import { Fault } from '../fault.js';
import type { HttpResponder } from '../http/http-responder.js';
import type { ClientResponse, Id, Refused } from '../jsonrpc/message.js';
import { boundOf } from '../mcp/authority.js';
import { AnswerRoom, type Budget, busy, shareOf, shareTaken, type Usage } from '../mcp/budget.js';
import type { Connection } from '../mcp/connection.js';
import type { McpServer } from '../mcp/mcp-server.js';
import type { RequestContext, Transport } from '../mcp/request-context.js';
import { type Principal, principalKey } from '../principal.js';
import { NEWEST_LEGACY } from '../revisions.js';
import type { Bounds } from './create-server.js';
import type { InFlight } from './in-flight.js';
import type { RequestCounter, Session, SessionStore, TokenGuard } from './ports.js';

/** What all requests of an endpoint share. */
export type Service = {
  server: McpServer;
  inFlight: InFlight;
  budget: Budget;
  /** Undefined where legacy requests stand alone, which is the default. */
  sessions: SessionStore | undefined;
  count: RequestCounter | undefined;
  bounds: Bounds;
  /** Undefined on a server that is open to every caller. */
  tokens: TokenGuard | undefined;
};

export type Incoming = Service & {
  headers: IncomingHttpHeaders;
  socket: Socket;
  answer: HttpResponder;
  principal: Principal;
  /** Verifies the token again and returns its principal; undefined when there are no tokens. */
  verifyAgain: Transport['verifyAgain'];
  /** What that principal has in flight. */
  usage: Usage;
};

/** The legacy session of a request. Returns a Fault if the server has sessions and the request names none of this principal's. */
export function sessionOf(incoming: Incoming): Session | Fault | Promise<Session | Fault> | undefined {
  return incoming.sessions?.of(header(incoming, 'mcp-session-id'), principalKey(incoming.principal));
}

/** The same for a message that needs no session; undefined if there is none. */
export async function peekSession(incoming: Incoming): Promise<Session | undefined> {
  return incoming.sessions?.peek(header(incoming, 'mcp-session-id'), principalKey(incoming.principal));
}

/** A header as one string. Repeated headers are joined, so that a second value cannot hide behind the first. */
export function header({ headers }: { headers: IncomingHttpHeaders }, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Concurrent calls of one session; each may wait for minutes for its client to answer a question. */
const MAX_CALLS = 100;

/** Returns the refusal if the session cannot run one more call now. */
export function checkRoom(session: Session, inFlight: InFlight, id: Id): Fault | undefined {
  if (session.running >= MAX_CALLS) return busy(`${MAX_CALLS} calls of this session are running`);
  // A session never uses an id twice (2025-11-25/basic/005), and certainly not at the same time.
  return inFlight.has(session.id, id)
    ? new Fault('invalidRequest', 'a request with this id is still being answered')
    : undefined;
}

/** Returns the refusal if there is no room for one more listener, or its principal has its full share already. */
export function checkListeners({ inFlight, bounds, principal, tokens }: Incoming): Fault | undefined {
  const { openStreams, streamsPerPrincipal } = bounds;
  // Without tokens, all callers look the same.
  if (tokens !== undefined) {
    const share = shareOf('listen streams', 'streams-per-principal', openStreams, streamsPerPrincipal);
    const own = inFlight.listeningOf(principalKey(principal));
    if (own >= share.most && own < openStreams) return shareTaken(share);
  }
  return inFlight.listening >= openStreams
    ? busy(`${openStreams} clients are listening; try again later`)
    : undefined;
}

/** In a session, keeps the stream for a client that reconnects, perhaps with another token. */
export function keepStream(
  { answer, bounds, server }: Incoming,
  session: Session | undefined,
  context: RequestContext,
): void {
  if (session === undefined || !answer.accepted.sse) return;
  answer.keepIn({
    open: (bound) => session.log.open(bound),
    bound: () => boundOf(context, server),
    // Priming events came with 2025-11-25; an older client would read the empty data as a broken message.
    prime: context.revision === NEWEST_LEGACY,
    retryMs: bounds.retryMs,
  });
}

export function transportOf(
  { answer, headers, tokens, verifyAgain }: Incoming,
  session: Session | undefined,
  connection: Connection | undefined,
  began: number,
): Transport {
  const { sse } = answer.accepted;
  const asks = sse && session !== undefined;
  // Built in one piece, with nothing assigned later; CallContext explains why.
  return {
    after,
    headers,
    connection,
    began,
    verifyAgain,
    onBegin: () => answer.admit(),
    onAnswer: () => answer.decided(),
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

/** Returns the refusal of a response that is malformed or that nothing waits for. */
export async function takeAnswer(incoming: Incoming, answer: ClientResponse): Promise<Fault | undefined> {
  if (answer.fault !== undefined) {
    await settle(incoming, await peekSession(incoming), answer);
    return answer.fault;
  }
  const session = await sessionOf(incoming);
  if (session instanceof Fault) return session;
  if (await settle(incoming, session, answer)) return undefined;
  return new Fault('invalidRequest', 'no request of this server waits for this response');
}

/** Fails the question whose id a refused message has. True if there was such a question. */
export async function failQuestion(incoming: Incoming, { id, fault, mayAnswer }: Refused): Promise<boolean> {
  if (id === undefined || mayAnswer !== true) return false;
  return settle(incoming, await peekSession(incoming), { kind: 'answer', id, fault });
}

/** False when nothing waits for the response, here or at another replica. */
async function settle(
  { sessions }: Incoming,
  session: Session | undefined,
  answer: ClientResponse,
): Promise<boolean> {
  return (
    session?.pending.settle(answer) === true || (await sessions?.elsewhere?.answer(session, answer)) === true
  );
}
