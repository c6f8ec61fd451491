/**
 * One event stream on one response: head at once, keep-alive while quiet, back-pressure kept, every timer gone at the
 * end. What a frame looks like is in sse.ts, what is kept for a client that comes back in event-log.ts.
 */
import type { ServerResponse } from 'node:http';
import type { Held } from './held.js';
import { endWithin, NOSNIFF } from './reply.js';
import { KEEP_ALIVE } from './sse.js';

const HEAD = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Without it nginx holds frames back until its buffer is full (2026-07-28/streamable-http/023).
  'x-accel-buffering': 'no',
  ...NOSNIFF,
};

/** What a client that stopped reading may leave waiting in memory before its stream is cut, bytes. */
const MAX_WAITING = 4 * 1024 * 1024;

/** Fewer bytes than this are not counted. */
const WORTH_COUNTING = 16 * 1024;

export class EventStream {
  #waiting: string | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #response: ServerResponse;
  readonly #held: Held | undefined;

  constructor(
    response: ServerResponse,
    headers: { [name: string]: string } | undefined,
    keepAliveMs: number,
    held?: Held,
  ) {
    this.#response = response;
    this.#held = held;
    response.writeHead(200, { ...HEAD, ...headers });
    response.flushHeaders();
    this.#timer = setInterval(() => this.#keepAlive(), keepAliveMs);
    this.#timer.unref();
    response.once('close', () => clearInterval(this.#timer));
    response.on('drain', () => this.#drained());
  }

  get open(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  /** A frame that has to arrive; a client that already lets too much wait is cut off. */
  send(frame: string): void {
    if (!this.open) return;
    if (this.#response.writableLength > MAX_WAITING) this.#response.destroy();
    else this.#write(frame);
  }

  #write(frame: string): void {
    this.#response.write(frame);
    const waiting = this.#response.writableLength;
    if (waiting >= WORTH_COUNTING && this.#held?.waiting(waiting) === false) this.#response.destroy();
  }

  /** A frame that may be overtaken: while the client reads slowly only the newest waits, so memory stays bounded. */
  sendLatest(frame: string): void {
    if (this.#response.writableNeedDrain) this.#waiting = frame;
    else this.send(frame);
  }

  /** The last frames, if there are any, and the end of the stream. */
  end(last = ''): void {
    clearInterval(this.#timer);
    if (this.open) endWithin(this.#response, (this.#waiting ?? '') + last);
    this.#waiting = undefined;
  }

  #drained(): void {
    this.#held?.waiting(0);
    const frame = this.#waiting;
    this.#waiting = undefined;
    if (frame !== undefined) this.send(frame);
  }

  #keepAlive(): void {
    if (!this.#response.writableNeedDrain) this.send(KEEP_ALIVE);
  }
}
