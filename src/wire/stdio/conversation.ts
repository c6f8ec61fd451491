/**
 * One client on stdio, in both eras. The process belongs to the client, so what `initialize` settled holds until stdin ends
 * (2026-07-28/versioning/014), and the client is notified of changes without asking.
 *
 * Over 200 lines because it is one path, from a line to its answer.
 */
import { after } from '../clock.js';
import { Fault } from '../fault.js';
import { readJson } from '../jsonrpc/json.js';
import { type Id, type Message, type Request, readMessage, refusedMessage } from '../jsonrpc/message.js';
import { AnswerRoom, type TakeBytes } from '../mcp/budget.js';
import { type Connection, changeNotification } from '../mcp/connection.js';
import { dispatch, openCall, readCancellation } from '../mcp/dispatch.js';
import { negotiate, revisionOverStdio } from '../mcp/era.js';
import { Pending } from '../mcp/input.js';
import type { McpServer } from '../mcp/mcp-server.js';
import { createConnection } from '../mcp/meta.js';
import { type Reply, refuse } from '../mcp/reply.js';
import { type RequestContext, Stopped, type Transport } from '../mcp/request-context.js';
import type { Principal } from '../principal.js';
import { REVISIONS, type Revision } from '../revisions.js';
import { isThenable } from '../value.js';

/** Lines that may wait for their answers at the same time. */
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
    readonly takeBytes: TakeBytes,
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
  async room(): Promise<void> {
    if (this.#answers.size >= MAX_CALLS) await Promise.race(this.#answers);
  }

  async drain(): Promise<void> {
    this.#unlisten?.();
    // No more lines come, so nothing can answer a question.
    this.#pending.end();
    const stopping = new Stopped('stopping', 'stdin has ended');
    for (const context of this.#running.values()) if (context.listening) context.stop(stopping);
    const forget = after(this.bounds.drainMs, () => {
      for (const context of this.#running.values()) context.stop(stopping);
    });
    await Promise.all(this.#answers);
    forget();
  }

  async #line(bytes: Uint8Array): Promise<void> {
    const json = readJson(bytes, { depth: this.bounds.jsonDepth, members: this.bounds.jsonMembers });
    const batches = this.#connection !== undefined && REVISIONS[this.#connection.revision].batches;
    if (json.kind === 'json' && Array.isArray(json.value) && batches) return this.#batch(json.value);
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
        const alone = new Fault('invalidRequest', '"initialize" cannot be part of a batch');
        return refuse(message.id, alone, 'legacy');
      }),
    );
    const texts = replies.flatMap((reply) => (reply === undefined ? [] : [reply.text]));
    if (texts.length > 0) this.write(`[${texts.join(',')}]`);
  }

  async #message(message: Message): Promise<Reply | undefined> {
    if (message.kind === 'refused') {
      const { id, fault, mayAnswer, notifies } = message;
      if (notifies) return undefined;
      // What has no method may be meant as the response to a question of ours, which fails then.
      const responds = id !== undefined && mayAnswer && this.#pending.settle({ kind: 'answer', id, fault });
      return refuse(responds === true ? undefined : id, fault, 'modern');
    }
    if (message.kind === 'answer') {
      this.#pending.settle(message); // ignores a response that nothing waits for: stdout is no place to say so
      return message.fault && refuse(undefined, message.fault, 'modern');
    }
    if (message.kind === 'notification') {
      // The call that it cancels may still be waiting ahead of it.
      if (this.#turns.last !== undefined) await this.#turns.last;
      const cancelled = readCancellation(message);
      if (cancelled !== undefined)
        this.#running.get(cancelled.id)?.stop(new Stopped('cancelled', cancelled.reason));
      return undefined;
    }
    const turn = this.#turns.next();
    const principal = isThenable(turn) ? await turn : turn;
    if (principal instanceof Fault) return this.#reject(message, principal);
    // Only now, because a line that waited ahead of this one may have settled it.
    const revision = revisionOverStdio(message, this.#connection?.revision);
    if (revision instanceof Fault) return this.#reject(message, revision, principal);
    return this.#run(message, revision, principal);
  }

  async #run(message: Request, named: Revision, principal: Principal): Promise<Reply | undefined> {
    if (this.#running.has(message.id)) {
      const again = new Fault('invalidRequest', 'a request with this id is still being answered');
      return this.#reject(message, again, principal);
    }
    // Settled before the reply is out: a client may pipeline its next line behind `initialize`.
    const legacy = REVISIONS[named].era === 'legacy';
    const before = this.#connection;
    const opens = message.method === 'initialize' && legacy;
    if (opens) this.#agree(message);
    const revision = legacy ? (this.#connection?.revision ?? named) : named;
    const room = new AnswerRoom(this.takeBytes);
    const call = openCall(this.server, message, revision, principal, this.#transport(legacy, room));
    if (call instanceof Fault) return this.#reject(message, call, principal);
    this.#running.set(message.id, call.context);
    const reply = await dispatch(call);
    if (opens && 'error' in reply.response) this.#connection = before;
    this.#running.delete(message.id);
    room.settle(0); // from here on, serve.ts counts it in the output
    // Nothing more is written for a cancelled request (2026-07-28/stdio/011).
    return call.context.stopped?.why === 'cancelled' ? undefined : reply;
  }

  async #reject(request: Request, fault: Fault, principal?: Principal): Promise<Reply> {
    const reply = refuse(request.id, fault, 'modern');
    await this.server.audit?.rejected({ fault, status: reply.status, principal, request });
    return reply;
  }

  /** This stream remembers what a legacy client settled, and how to ask it. A modern request stands alone. */
  #transport(legacy: boolean, room: AnswerRoom): Transport {
    const { notify } = this;
    const own = { after, notify, room, verifyAgain: this.#turns.speaker, began: performance.now() };
    if (!legacy) return own;
    return {
      ...own,
      connection: this.#connection,
      request: (method, params, signal) =>
        this.#pending.ask(method, params, signal, (question) => this.write(JSON.stringify(question))),
    };
  }

  // From here on the client is notified of changes without asking, as legacy clients expect (2025-11-25/tools/002).
  #agree({ params }: Request): void {
    this.#connection = createConnection(negotiate(params.protocolVersion), params);
    this.#unlisten ??= this.server.changes.listen((change) => {
      const wanted = change.kind === 'task' ? undefined : this.#connection?.watched.changeFor(change);
      if (wanted !== undefined) this.write(JSON.stringify({ jsonrpc: '2.0', ...changeNotification(wanted) }));
    });
  }
}

/** The caller, or why nobody may call just now. */
export type Speaker = () => Principal | Fault | Promise<Principal | Fault>;

/** Asks who calls for each request, and keeps requests in order while that takes a while. */
export class Turns {
  /** The last of the requests that wait; undefined when none does. */
  last: Promise<unknown> | undefined;

  constructor(readonly speaker: Speaker) {}

  next(): ReturnType<Speaker> {
    const principal = this.speaker();
    if (this.last === undefined && !isThenable(principal)) return principal;
    const turn = Promise.all([principal, this.last]).then(([settled]) => {
      if (this.last === turn) this.last = undefined;
      return settled;
    });
    this.last = turn;
    return turn;
  }
}
