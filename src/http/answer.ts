/**
 * One POST's way back: a single JSON object, or an event stream from the moment there is something to stream. The
 * status of a refusal is kept wherever the stream has not begun yet.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#receiving-messages
 */
import type { ServerResponse } from 'node:http';
import type { Accepted } from './accept.js';
import { sendAccepted, sendJson } from './reply.js';
import { EventStream } from './stream.js';

export class Answer {
  #stream: EventStream | undefined;
  readonly #opening: NodeJS.Timeout | undefined;

  constructor(
    readonly response: ServerResponse,
    readonly accepted: Accepted,
    readonly headers: { [name: string]: string } | undefined,
    readonly keepAliveMs: number,
  ) {
    // A client that reads only streams sees the head at once; one that reads both gets a stream when the call is still
    // silent after a while, so that no proxy takes it for dead.
    if (accepted.sse) this.#opening = setTimeout(() => this.#open(), accepted.json ? keepAliveMs : 0).unref();
    response.once('close', () => clearTimeout(this.#opening));
  }

  /** A message ahead of the answer; lost on a client that reads no streams. */
  notify(message: object): void {
    if (this.accepted.sse) this.#open()?.sendLatest(message);
  }

  /** The answer: one response, or the array of them that a batch is answered with. */
  finish(status: number, body: object): void {
    clearTimeout(this.#opening);
    if (this.response.destroyed || this.response.writableEnded) return;
    const stream = this.#stream ?? (this.accepted.json || status !== 200 ? undefined : this.#open());
    if (stream === undefined) sendJson(this.response, status, body, this.headers);
    else stream.end(...(Array.isArray(body) ? body : [body]));
  }

  /** The end of a request that gets no answer, because it was cancelled. */
  abandon(body: object): void {
    if (this.accepted.sse) this.#open()?.end();
    else this.finish(200, body); // whoever reads JSON only has to be given one object
  }

  /** The end of a body that held no request, or of a batch whose every request was cancelled. */
  accept(): void {
    clearTimeout(this.#opening);
    if (this.#stream === undefined) sendAccepted(this.response, this.headers);
    else this.#stream.end();
  }

  #open(): EventStream | undefined {
    clearTimeout(this.#opening);
    if (this.response.destroyed || this.response.writableEnded) return undefined;
    this.#stream ??= new EventStream(this.response, this.headers, this.keepAliveMs);
    return this.#stream;
  }
}
