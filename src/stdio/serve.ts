/**
 * The stdio transport: one message a line, both eras. The process is the client's own, so what `initialize` settled
 * holds until stdin ends (2026-07-28/versioning/014), and only messages ever go to stdout (stdio/004).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
import type { Readable, Writable } from 'node:stream';
import { Fault } from '../fault.js';
import { readJson } from '../jsonrpc/json.js';
import {
  errorResponse,
  type Id,
  idOf,
  isId,
  type Message,
  type Request,
  type Response,
  readMessage,
} from '../jsonrpc/message.js';
import { dispatch } from '../mcp/dispatch.js';
import { negotiate, revisionOverStdio } from '../mcp/era.js';
import { type After, Exchange, Stopped } from '../mcp/exchange.js';
import { metaOf, readCaller } from '../mcp/meta.js';
import type { McpServer } from '../mcp/server.js';
import { features, NEWEST_LEGACY, type Revision } from '../revisions.js';
import { readLines } from './lines.js';

export type StdioBounds = { bodyBytes: number; jsonDepth: number; batchMessages: number; drainMs: number };

const after: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** Resolves once stdin has ended and what it asked for is answered, or stopped after `drainMs`. */
export async function serveStdio(
  server: McpServer,
  input: Readable,
  output: Writable,
  bounds: StdioBounds,
): Promise<void> {
  const write = (message: object): void => {
    output.write(`${JSON.stringify(message)}\n`);
  };
  // Progress may be lost on a client that reads slowly; answers wait for it.
  const notify = (message: object): void => {
    if (!output.writableNeedDrain) write(message);
  };
  const session = new Session(server, bounds, write, notify);
  for await (const line of readLines(input, bounds.bodyBytes)) {
    if (line.kind === 'line') session.take(line.bytes);
    else session.refuse(new Fault('invalidRequest', `a line may have at most ${bounds.bodyBytes} bytes`));
  }
  await session.drain();
}

class Session {
  #agreed: Revision | undefined;
  readonly #running = new Map<Id, Exchange>();
  readonly #answers = new Set<Promise<void>>();

  constructor(
    readonly server: McpServer,
    readonly bounds: StdioBounds,
    readonly write: (message: object) => void,
    readonly notify: (message: object) => void,
  ) {}

  refuse(fault: Fault, id?: Id): void {
    this.write(errorResponse(id, fault));
  }

  take(bytes: Uint8Array): void {
    const blank = bytes.every((byte) => byte === 0x20 || byte === 0x0d);
    if (!blank) this.#track(this.#line(bytes));
  }

  async drain(): Promise<void> {
    const forget = after(this.bounds.drainMs, () => {
      for (const exchange of this.#running.values())
        exchange.stop(new Stopped('stopping', 'stdin has ended'));
    });
    await Promise.all(this.#answers);
    forget();
  }

  #track(answer: Promise<unknown>): void {
    const tracked = answer.then(() => void this.#answers.delete(tracked));
    this.#answers.add(tracked);
  }

  async #line(bytes: Uint8Array): Promise<void> {
    const json = readJson(bytes, this.bounds.jsonDepth);
    if (json.kind === 'refused') return this.refuse(json.fault, idOf(json.value));
    const batches = this.#agreed !== undefined && features(this.#agreed).batches;
    if (Array.isArray(json.value) && batches) return this.#batch(json.value);
    const response = await this.#message(readMessage(json.value));
    if (response !== undefined) this.write(response);
  }

  async #batch(items: unknown[]): Promise<void> {
    const { batchMessages } = this.bounds;
    if (items.length === 0 || items.length > batchMessages) {
      return this.refuse(new Fault('invalidRequest', `a batch has 1 to ${batchMessages} messages`));
    }
    const messages = items.map(readMessage);
    const responses = await Promise.all(
      messages.map((message) => refusedInBatch(message) ?? this.#message(message)),
    );
    const present = responses.filter((response) => response !== undefined);
    if (present.length > 0) this.write(present);
  }

  async #message(message: Message): Promise<Response | undefined> {
    if (message.kind === 'refused') return errorResponse(message.id, message.fault);
    // Nothing was asked of the client, so no answer of its can be waited for; stdout is no place to say so.
    if (message.kind === 'answer') return undefined;
    const spoken = revisionOverStdio(message, this.#agreed);
    if (message.kind === 'notification') {
      if (message.method === 'notifications/cancelled')
        this.#cancel(message.params.requestId, message.params.reason);
      return undefined;
    }
    if (spoken.kind === 'refused') return errorResponse(message.id, spoken.fault);
    return this.#run(message, spoken.revision);
  }

  async #run(message: Request, revision: Revision): Promise<Response | undefined> {
    if (this.#running.has(message.id)) {
      return errorResponse(
        message.id,
        new Fault('invalidRequest', 'a request with this id is still being answered'),
      );
    }
    const caller = readCaller(metaOf(message.params));
    if (caller instanceof Fault) return errorResponse(message.id, caller);
    const exchange = new Exchange(revision, caller, { after, notify: this.notify });
    this.#running.set(message.id, exchange);
    // Settled before the answer is out: a client may pipeline its next line behind `initialize`.
    const before = this.#agreed;
    const opening = message.method === 'initialize' && exchange.features.era === 'legacy';
    if (opening) this.#agreed = negotiate(message.params.protocolVersion, NEWEST_LEGACY);
    const { response } = await dispatch(this.server, message, exchange);
    if (opening && 'error' in response) this.#agreed = before;
    this.#running.delete(message.id);
    // Nothing more is written for a cancelled request (2026-07-28/stdio/011).
    return exchange.stopped?.why === 'cancelled' ? undefined : response;
  }

  #cancel(id: unknown, reason: unknown): void {
    if (!isId(id)) return;
    const why = typeof reason === 'string' ? reason : 'the client cancelled the request';
    this.#running.get(id)?.stop(new Stopped('cancelled', why));
  }
}

// The handshake stands alone (2025-03-26/lifecycle/001).
function refusedInBatch(message: Message): Response | undefined {
  if (message.kind !== 'request' || message.method !== 'initialize') return undefined;
  return errorResponse(message.id, new Fault('invalidRequest', '"initialize" cannot be part of a batch'));
}
