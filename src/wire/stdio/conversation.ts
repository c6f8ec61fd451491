/**
 * One client on stdio, in both eras. The process belongs to the client, so what `initialize` settled holds until stdin ends
 * (2026-07-28/versioning/014), and a legacy client is notified of changes without asking.
 *
 * Over 200 lines because it is one path, from a line to its answer.
 */
import { after } from '../clock.js';
import { Fault } from '../fault.js';
import { readJson } from '../jsonrpc/json.js';
import { type Id, type Message, type Request, readMessage, refusedMessage } from '../jsonrpc/message.js';
import type { AnswerRoom } from '../mcp/budget.js';
import { type Connection, changeNotification } from '../mcp/connection.js';
import { dispatch, internalFault, openCall, readCancellation } from '../mcp/dispatch.js';
import { negotiate, revisionOverStdio } from '../mcp/era.js';
import { Pending } from '../mcp/input.js';
import type { McpServer } from '../mcp/mcp-server.js';
import { createConnection } from '../mcp/meta.js';
import { type Reply, refuse } from '../mcp/reply.js';
import { type RequestContext, Stopped } from '../mcp/request-context.js';
import type { Transport } from '../mcp/transport.js';
import type { Principal } from '../principal.js';
import { REVISIONS, type Revision } from '../revisions.js';
import { isThenable } from '../value.js';

/** How many lines may wait for their answers at the same time. */
const MAX_CALLS = 1_000;

export type LineBounds = { jsonDepth: number; jsonMembers: number; batchMessages: number; drainMs: number };

export class Conversation {
  #connection: Connection | undefined;
  #unlisten: (() => void) | undefined;
  readonly #pending = new Pending();
  readonly #running = new Map<Id, RequestContext>();
  readonly #answers = new Set<Promise<void>>();
  readonly #turns: Turns;

  constructor(
    readonly server: McpServer,
    speaker: Speaker,
    readonly bounds: LineBounds,
    readonly write: (text: string) => void,
    readonly notify: (message: object, mayBeOvertaken: boolean) => void,
    readonly output: AnswerRoom,
  ) {
    this.#turns = new Turns(speaker);
  }

  refuse(fault: Fault): void {
    this.write(refuse(undefined, fault, 'modern').text);
  }

  take(bytes: Uint8Array): void {
    const isBlank = bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
    if (isBlank) return;
    const answer = this.#line(bytes).then(() => void this.#answers.delete(answer));
    this.#answers.add(answer);
  }

  /** Resolves when there is room for one more call. */
  async waitForRoom(): Promise<void> {
    if (this.#answers.size >= MAX_CALLS) await Promise.race(this.#answers);
  }

  async drain(): Promise<void> {
    this.#unlisten?.();
    // No more lines arrive, so nobody can answer a question.
    this.#pending.end();
    const stopping = new Stopped('stopping', 'stdin has ended');
    for (const context of this.#running.values()) if (context.isListening) context.stop(stopping);
    const clearTimer = after(this.bounds.drainMs, () => {
      for (const context of this.#running.values()) context.stop(stopping);
    });
    await Promise.all(this.#answers);
    clearTimer();
  }

  async #line(bytes: Uint8Array): Promise<void> {
    const json = readJson(bytes, { depth: this.bounds.jsonDepth, members: this.bounds.jsonMembers });
    const takesBatches = this.#connection !== undefined && REVISIONS[this.#connection.revision].batches;
    if (json.kind === 'json' && Array.isArray(json.value) && takesBatches) return this.#batch(json.value);
    const message = json.kind === 'json' ? readMessage(json.value) : refusedMessage(json.value, json.fault);
    const reply = await this.#message(message);
    if (reply !== undefined) this.write(reply.text);
  }

  async #batch(items: unknown[]): Promise<void> {
    const { batchMessages } = this.bounds;
    if (items.length === 0 || items.length > batchMessages) {
      return this.refuse(new Fault('invalidRequest', `a batch has 1 to ${batchMessages} messages`));
    }
    const replies = await Promise.all(
      items.map(readMessage).map((message) => {
        // `initialize` is never part of a batch (2025-03-26/lifecycle/001).
        if (message.kind !== 'request' || message.method !== 'initialize') return this.#message(message);
        const fault = new Fault('invalidRequest', '"initialize" cannot be part of a batch');
        return refuse(message.id, fault, 'legacy');
      }),
    );
    const texts = replies.flatMap((reply) => (reply === undefined ? [] : [reply.text]));
    if (texts.length > 0) this.write(`[${texts.join(',')}]`);
  }

  async #message(message: Message): Promise<Reply | undefined> {
    if (message.kind === 'refused') {
      const { id, fault, mayAnswer, notifies } = message;
      if (notifies) return undefined;
      // A message without a method may be meant as a response to our question, which then fails.
      const isResponse = id !== undefined && mayAnswer && this.#pending.settle({ kind: 'answer', id, fault });
      return refuse(isResponse === true ? undefined : id, fault, 'modern');
    }
    if (message.kind === 'answer') {
      this.#pending.settle(message); // a response that nothing waits for is ignored
      return message.fault && refuse(undefined, message.fault, 'modern');
    }
    if (message.kind === 'notification') {
      // The call that it cancels may still be waiting for its turn.
      if (this.#turns.last !== undefined) await this.#turns.last;
      const cancelled = readCancellation(message);
      if (cancelled !== undefined)
        this.#running.get(cancelled.id)?.stop(new Stopped('cancelled', cancelled.reason));
      return undefined;
    }
    return this.#request(message);
  }

  /** A request gets exactly one reply, even if a port fails; undefined only if its client cancelled it. */
  async #request(request: Request): Promise<Reply | undefined> {
    try {
      const turn = this.#turns.next();
      const principal = isThenable(turn) ? await turn : turn;
      if (principal instanceof Fault) return await this.#reject(request, principal);
      // Not earlier, because a line ahead of this one may have settled the revision meanwhile.
      const revision = revisionOverStdio(request, this.#connection?.revision);
      if (revision instanceof Fault) return await this.#reject(request, revision, principal);
      return await this.#run(request, revision, principal);
    } catch (error) {
      return this.#fail(request, error);
    }
  }

  /** Logs the error; the client learns only that there was one. */
  #fail(request: Request, error: unknown): Reply {
    this.server.onError(error);
    return refuse(request.id, internalFault(error), 'modern');
  }

  async #run(message: Request, requestRevision: Revision, principal: Principal): Promise<Reply | undefined> {
    if (this.#running.has(message.id)) {
      const fault = new Fault('invalidRequest', 'a request with this id is still being answered');
      return this.#reject(message, fault, principal);
    }
    const isLegacy = REVISIONS[requestRevision].era === 'legacy';
    const oldConnection = this.#connection;
    const opensConnection = message.method === 'initialize' && isLegacy;
    // Before the reply leaves, because a client may send its next line right behind `initialize`.
    if (opensConnection) this.#openConnection(message);
    const revision = isLegacy ? (this.#connection?.revision ?? requestRevision) : requestRevision;
    const call = openCall(this.server, message, revision, principal, this.#transport(isLegacy));
    if (call instanceof Fault) return this.#reject(message, call, principal);
    this.#running.set(message.id, call.context);
    let reply: Reply;
    try {
      reply = await dispatch(call);
    } catch (error) {
      reply = this.#fail(message, error);
    }
    if (opensConnection && 'error' in reply.response) this.#connection = oldConnection;
    this.#running.delete(message.id);
    call.context.holdAnswer(0); // from here on, serve.ts counts it in the output
    // A cancelled request gets no reply (2026-07-28/stdio/011).
    return call.context.stopped?.why === 'cancelled' ? undefined : reply;
  }

  async #reject(request: Request, fault: Fault, principal?: Principal): Promise<Reply> {
    const reply = refuse(request.id, fault, 'modern');
    await this.server.audit?.rejected({ fault, status: reply.status, principal, request });
    return reply;
  }

  /** A legacy client gets its connection and can be asked. A modern request stands alone. */
  #transport(isLegacy: boolean): Transport {
    const { notify, output: room } = this;
    const transport = { after, notify, room, verifyAgain: this.#turns.speaker, began: performance.now() };
    if (!isLegacy) return transport;
    return {
      ...transport,
      connection: this.#connection,
      request: (method, params, signal) =>
        this.#pending.ask(method, params, signal, (question) => this.write(JSON.stringify(question))),
    };
  }

  /** From here on the client is notified of changes without asking, as legacy clients expect (2025-11-25/tools/002). */
  #openConnection({ params }: Request): void {
    this.#connection = createConnection(negotiate(params.protocolVersion), params);
    this.#unlisten ??= this.server.changes.listen((change) => {
      const wantedChange = change.kind === 'task' ? undefined : this.#connection?.watched.changeFor(change);
      if (wantedChange !== undefined)
        this.write(JSON.stringify({ jsonrpc: '2.0', ...changeNotification(wantedChange) }));
    });
  }
}

/** Identifies the caller, or returns the reason why nobody may call now. */
export type Speaker = () => Principal | Fault | Promise<Principal | Fault>;

/** Identifies the caller of each request, and keeps requests in order while that takes time. */
export class Turns {
  /** The end of the last waiting request; undefined if none waits. */
  last: Promise<void> | undefined;

  constructor(readonly speaker: Speaker) {}

  next(): ReturnType<Speaker> {
    const principal = this.speaker();
    if (this.last === undefined && !isThenable(principal)) return principal;
    const turn = inTurn(principal, this.last);
    // If the speaker fails, only its own request fails, and none behind it.
    const clear = (): void => {
      if (this.last === turnEnd) this.last = undefined;
    };
    const turnEnd = turn.then(clear, clear);
    this.last = turnEnd;
    return turn;
  }
}

async function inTurn(
  principal: ReturnType<Speaker>,
  last: Promise<void> | undefined,
): Promise<Principal | Fault> {
  const [settled] = await Promise.allSettled([principal, last]);
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}
