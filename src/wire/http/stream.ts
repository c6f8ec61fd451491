/**
 * One event stream on one response: frames, back-pressure, keep-alive, and the bytes that it keeps in memory. Every timer is gone at
 * its end.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

import type { ServerResponse } from 'node:http';
import { onOneLine } from '../jsonrpc/json-text.js';
import { endWithin, NOSNIFF } from './body.js';

/** `data` is JSON wherever it may hold a character that onOneLine escapes. */
export type SseEvent = { data: string; event?: string; id?: string; retry?: number };

/** A line that carries nothing and keeps proxies from closing a quiet stream (2026-07-28/streamable-http/024). */
export const KEEP_ALIVE = ': keep-alive\n\n';

export function sseFrame({ data, event, id, retry }: SseEvent): string {
  let frame = '';
  if (event !== undefined) frame += `event: ${oneLine(event)}\n`;
  if (id !== undefined) frame += `id: ${oneLine(id)}\n`;
  if (retry !== undefined) frame += `retry: ${retry}\n`;
  const text = onOneLine(data);
  // JSON.stringify never leaves a line break, so nearly every frame is one data line.
  if (!/[\r\n]/.test(text)) return `${frame}data: ${text}\n\n`;
  for (const line of text.split(/\r\n|\r|\n/)) frame += `data: ${line}\n`;
  return `${frame}\n`;
}

// A line break here would let the value write fields of its own.
function oneLine(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new RangeError('an SSE field must fit on one line');
  return value;
}

/** A principal's share, as the response needs it. */
export type Share = { take(bytes: number): boolean; give(bytes: number): void };

export class Held {
  readonly #response: ServerResponse;
  readonly #share: Share;
  #bytes = 0;
  #waiting = 0;
  #watched = false;

  constructor(response: ServerResponse, share: Share) {
    this.#response = response;
    this.#share = share;
  }

  /** That much more, or less where the number is negative; false where there is no room for it. */
  add(bytes: number): boolean {
    // Nothing of it stays where nobody is left to read it.
    if (bytes === 0 || this.#response.destroyed || this.#response.closed) return true;
    if (bytes > 0 && !this.#share.take(bytes)) return false;
    if (bytes < 0) this.#share.give(-bytes);
    this.#bytes += bytes;
    this.#watch();
    return true;
  }

  /** What waits on the stream now; false where there is no room for that. */
  waiting(bytes: number): boolean {
    const more = bytes - this.#waiting;
    if (this.#response.destroyed || this.#response.closed || more === 0) return true;
    if (more > 0 && !this.#share.take(more)) return false;
    if (more < 0) this.#share.give(-more);
    this.#waiting = bytes;
    this.#watch();
    return true;
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#response.once('close', () => {
      this.#share.give(this.#bytes + this.#waiting);
      this.#bytes = 0;
      this.#waiting = 0;
    });
  }
}

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
