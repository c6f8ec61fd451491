/**
 * One event stream on one response: head at once, keep-alive while quiet, back-pressure kept, every timer gone at the
 * end. What a frame looks like is in sse.ts.
 */
import type { ServerResponse } from 'node:http';
import { KEEP_ALIVE, sseFrame } from './sse.js';

const HEAD = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Without it nginx holds frames back until its buffer is full (2026-07-28/streamable-http/023).
  'x-accel-buffering': 'no',
};

export class EventStream {
  #waiting: string | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #response: ServerResponse;

  constructor(
    response: ServerResponse,
    headers: { [name: string]: string } | undefined,
    keepAliveMs: number,
  ) {
    this.#response = response;
    response.writeHead(200, { ...HEAD, ...headers });
    response.flushHeaders();
    this.#timer = setInterval(() => this.#keepAlive(), keepAliveMs);
    this.#timer.unref();
    response.once('close', () => clearInterval(this.#timer));
    response.on('drain', () => this.#drained());
  }

  /** A message that may be overtaken: while the client reads slowly only the newest waits, so memory stays bounded. */
  sendLatest(message: object): void {
    const frame = sseFrame({ data: JSON.stringify(message) });
    if (this.#response.writableNeedDrain) this.#waiting = frame;
    else this.#response.write(frame);
  }

  /** The last messages, if there are any, and the end of the stream. */
  end(...messages: object[]): void {
    clearInterval(this.#timer);
    const last = messages.map((message) => sseFrame({ data: JSON.stringify(message) })).join('');
    this.#response.end((this.#waiting ?? '') + last);
    this.#waiting = undefined;
  }

  #drained(): void {
    if (this.#waiting === undefined || this.#response.writableEnded) return;
    const frame = this.#waiting;
    this.#waiting = undefined;
    this.#response.write(frame);
  }

  #keepAlive(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(KEEP_ALIVE);
  }
}
