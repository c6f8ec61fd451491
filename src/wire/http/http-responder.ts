/**
 * One POST's way back: a single JSON object, or an event stream from the moment there is something to stream. Silence opens
 * none before the request is admitted, however long that takes: until then it may be refused, and a refusal has a status.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#receiving-messages
 */
import type { ServerResponse } from 'node:http';
import { sendAccepted, sendText } from './body.js';
import type { LoggedStream } from './event-log.js';
import type { Accepted } from './head.js';
import { EventStream, type Held, sseFrame } from './stream.js';

type OutgoingHeaders = { [name: string]: string };

/** How a stream can be come back to: the log it is kept in, made when it begins, and whether it says so first. */
export type Resumable = {
  open: (bound: () => readonly string[]) => LoggedStream;
  /** The scopes that a reader needs for the answer to one request. */
  bound: () => readonly string[];
  prime: boolean;
  retryMs: number;
};

export class HttpResponder {
  #stream: EventStream | undefined;
  #opening: NodeJS.Timeout | undefined;
  #headers: OutgoingHeaders | undefined;
  #resumable: Resumable | undefined;
  /** One for each request that the stream answers; a batch has several. */
  readonly #bound: (() => readonly string[])[] = [];
  #log: LoggedStream | undefined;

  constructor(
    readonly response: ServerResponse,
    readonly accepted: Accepted,
    headers: OutgoingHeaders | undefined,
    readonly keepAliveMs: number,
    /** Where what it keeps in memory is counted. */
    readonly held?: Held,
  ) {
    this.#headers = headers;
  }

  /**
   * Nothing refuses the request any more. A client that reads only streams sees the head at once; one that reads both gets a
   * stream when the call is still silent after a while, so that no proxy takes it for dead.
   */
  admit(): void {
    if (!this.accepted.sse) return;
    clearTimeout(this.#opening);
    this.#opening = setTimeout(() => this.#open(), this.accepted.json ? this.keepAliveMs : 0).unref();
  }

  /** The answer is known and on its way: nothing is opened any more for want of one. */
  decided(): void {
    clearTimeout(this.#opening);
  }

  /** Headers for the answer, as long as none of it is out. */
  addHeaders(headers: OutgoingHeaders): void {
    this.#headers = { ...this.#headers, ...headers };
  }

  /** From now on what is streamed is also kept, for a client that loses the stream. */
  keepIn(resumable: Resumable): void {
    this.#resumable = resumable;
    this.#bound.push(resumable.bound);
  }

  /** A message ahead of the answer; lost on a client that reads no streams. */
  notify(message: object, mayBeOvertaken: boolean): void {
    if (!this.accepted.sse) return;
    const text = JSON.stringify(message);
    const stream = this.#open();
    if (this.#log !== undefined) this.#log.send(text);
    else if (mayBeOvertaken) stream?.sendLatest(sseFrame({ data: text }));
    else stream?.send(sseFrame({ data: text }));
  }

  /** The answer: the text of one response. */
  finish(status: number, text: string): void {
    this.#finish(status, text, [text]);
  }

  /** The answers to a batch: one array, or one event each. */
  finishBatch(texts: readonly string[]): void {
    this.#finish(200, `[${texts.join(',')}]`, texts);
  }

  /** The end of a request that gets no answer, because it was cancelled. */
  abandon(text: string): void {
    if (!this.accepted.sse) {
      this.finish(200, text); // whoever reads JSON only has to be given one object
      return;
    }
    const stream = this.#open();
    if (this.#log === undefined) stream?.end();
    else this.#log.end([]);
  }

  /** The end of a body that held no request, or of a batch whose every request was cancelled. */
  accept(): void {
    clearTimeout(this.#opening);
    if (this.#stream === undefined) sendAccepted(this.response, this.#headers);
    else this.#stream.end();
  }

  /** Lets the connection go; the client comes back for the rest. Only where there is a log to come back to. */
  release(): void {
    if (this.#resumable?.prime !== true || !this.accepted.sse) return;
    this.#open();
    this.#log?.release();
  }

  #finish(status: number, whole: string, texts: readonly string[]): void {
    clearTimeout(this.#opening);
    // A stream that is kept gets its end whether or not anybody is there to read it.
    if (this.#log?.begun === true) {
      this.#log.end(texts);
      return;
    }
    if (this.response.destroyed || this.response.writableEnded) return;
    const stream = this.#stream ?? (this.accepted.json || status !== 200 ? undefined : this.#open());
    if (stream === undefined) sendText(this.response, status, whole, this.#headers);
    else stream.end(texts.map((data) => sseFrame({ data })).join(''));
  }

  #open(): EventStream | undefined {
    clearTimeout(this.#opening);
    if (this.response.destroyed || this.response.writableEnded) return undefined;
    if (this.#stream !== undefined) return this.#stream;
    this.#stream = new EventStream(this.response, this.#headers, this.keepAliveMs, this.held);
    if (this.#resumable !== undefined) {
      const { open, prime, retryMs } = this.#resumable;
      this.#log = open(() => this.#bound.flatMap((bound) => bound()));
      this.#log.attach(this.#stream);
      if (prime) this.#log.prime(retryMs);
    }
    return this.#stream;
  }
}
