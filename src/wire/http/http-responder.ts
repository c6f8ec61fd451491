/**
 * The answer to one POST: a single JSON object, or an event stream as soon as there is something to stream. While a request may still
 * be refused, silence opens no stream, because a refusal has a status.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#receiving-messages
 */
import type { ServerResponse } from 'node:http';
import { type OutgoingHeaders, sendAccepted, sendText } from './body.js';
import type { LoggedStream } from './event-log.js';
import type { AcceptedTypes } from './head.js';
import { type ByteShare, EventStream, HeldBytes, sseFrame } from './stream.js';

type Answer = { status: number; text: string; headers?: OutgoingHeaders | undefined };

/** How a client that loses the stream comes back to it. */
type Resumable = {
  open: (bound: () => readonly string[]) => LoggedStream;
  /** The scopes that a reader needs for the answer to one request. */
  bound: () => readonly string[];
  /** Whether the stream begins with an event id. */
  prime: boolean;
  retryMs: number;
};

export class HttpResponder {
  #stream: EventStream | undefined;
  #opening: NodeJS.Timeout | undefined;
  #headers: OutgoingHeaders | undefined;
  #heldBytes: HeldBytes | undefined;
  #resumable: Resumable | undefined;
  /** One for each request that the stream answers; a batch has several. */
  readonly #bounds: (() => readonly string[])[] = [];
  #log: LoggedStream | undefined;

  constructor(
    readonly response: ServerResponse,
    readonly accepted: AcceptedTypes,
    headers: OutgoingHeaders | undefined,
    readonly keepAliveMs: number,
    readonly share: ByteShare,
  ) {
    this.#headers = headers;
  }

  /** Counts bytes that stay in memory until the answer is out. False where there is no room for them. */
  hold(bytes: number): boolean {
    this.#heldBytes ??= new HeldBytes(this.response, this.share);
    return this.#heldBytes.add(bytes);
  }

  /**
   * Nothing refuses the request any more. A client that reads only streams gets the head at once. One that reads both gets a stream
   * when the call has been silent for a while, so that no proxy gives it up.
   */
  admit(): void {
    if (!this.accepted.sse) return;
    clearTimeout(this.#opening);
    this.#opening = setTimeout(() => this.#open(), this.accepted.json ? this.keepAliveMs : 0).unref();
  }

  /** The answer is known and on its way: silence opens no stream any more. */
  cancelOpening(): void {
    clearTimeout(this.#opening);
  }

  /** Adds headers, as long as nothing of the answer is out. */
  addHeaders(headers: OutgoingHeaders): void {
    this.#headers = { ...this.#headers, ...headers };
  }

  /** From now on, keeps what it streams for a client that loses the stream. */
  keepIn(resumable: Resumable): void {
    this.#resumable = resumable;
    this.#bounds.push(resumable.bound);
  }

  /** Sends a message ahead of the answer, unless the client reads no streams. */
  notify(message: object, mayBeOvertaken: boolean): void {
    if (!this.accepted.sse) return;
    const text = JSON.stringify(message);
    const stream = this.#open();
    if (this.#log !== undefined) this.#log.send(text);
    else if (mayBeOvertaken) stream?.sendLatest(sseFrame({ data: text }));
    else stream?.send(sseFrame({ data: text }));
  }

  /** Sends the answer. `texts` are the answers to a batch, one event each; `text` is all of them as one array. */
  finish({ status, text, headers }: Answer, texts: readonly string[] = [text]): void {
    clearTimeout(this.#opening);
    if (headers !== undefined) this.addHeaders(headers);
    // A logged stream is completed even if nobody reads it now.
    if (this.#log?.begun === true) {
      this.#log.end(texts);
      return;
    }
    if (this.response.destroyed || this.response.writableEnded) return;
    const stream = this.#stream ?? (this.accepted.json || status !== 200 ? undefined : this.#open());
    if (stream === undefined) sendText(this.response, status, text, this.#headers);
    else stream.end(texts.map((data) => sseFrame({ data })).join(''));
  }

  /** Ends a request that gets no answer because it was cancelled. A client that reads only JSON gets `text`. */
  abandon(text: string): void {
    const stream = this.accepted.sse ? this.#open() : undefined;
    if (!this.accepted.sse) this.finish({ status: 200, text });
    else if (this.#log === undefined) stream?.end();
    else this.#log.end([]);
  }

  /** Ends a body without requests, or a batch in which every request was cancelled. */
  accept(): void {
    clearTimeout(this.#opening);
    if (this.#stream === undefined) sendAccepted(this.response, this.#headers);
    else this.#stream.end();
  }

  /** Ends the connection early. The client comes back for the rest, so this needs a log. */
  release(): void {
    if (this.#resumable?.prime !== true || !this.accepted.sse) return;
    this.#open();
    this.#log?.release();
  }

  #open(): EventStream | undefined {
    clearTimeout(this.#opening);
    if (this.response.destroyed || this.response.writableEnded) return undefined;
    if (this.#stream !== undefined) return this.#stream;
    this.#heldBytes ??= new HeldBytes(this.response, this.share);
    this.#stream = new EventStream(this.response, this.#headers, this.keepAliveMs, this.#heldBytes);
    if (this.#resumable !== undefined) {
      const { open, prime, retryMs } = this.#resumable;
      this.#log = open(() => this.#bounds.flatMap((bound) => bound()));
      this.#log.attach(this.#stream);
      if (prime) this.#log.prime(retryMs);
    }
    return this.#stream;
  }
}
