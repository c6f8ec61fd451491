/**
 * One event stream on one response: frames, back-pressure, keep-alive, and the bytes that it keeps in memory. Its end clears every
 * timer.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

import type { ServerResponse } from 'node:http';
import { onOneLine } from '../jsonrpc/json-text.js';
import { endWithin, NOSNIFF } from './body.js';

/** `data` is JSON wherever it may hold a character that onOneLine escapes. */
type SseEvent = { data: string; event?: string; id?: string; retry?: number | undefined };

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

/** A principal's share of the bytes in memory. */
export type ByteShare = { take(bytes: number): boolean; give(bytes: number): void };

/** The bytes that one response keeps in memory. Its end gives them all back. */
export class HeldBytes {
  readonly #response: ServerResponse;
  readonly #share: ByteShare;
  #bytes = 0;
  #waiting = 0;
  #watched = false;

  constructor(response: ServerResponse, share: ByteShare) {
    this.#response = response;
    this.#share = share;
  }

  /** Adds that many bytes; a negative number gives some back. False where there is no room. */
  add(bytes: number): boolean {
    // Once the client has left, nothing stays in memory.
    if (this.#response.destroyed || this.#response.closed) return true;
    if (bytes > 0 && !this.#share.take(bytes)) return false;
    if (bytes < 0) this.#share.give(-bytes);
    this.#bytes += bytes;
    if (!this.#watched) {
      this.#watched = true;
      this.#response.once('close', () => this.#share.give(this.#bytes));
    }
    return true;
  }

  /** Sets how many bytes wait on the stream now. False where there is no room for them. */
  wait(bytes: number): boolean {
    const fits = this.add(bytes - this.#waiting);
    if (fits) this.#waiting = bytes;
    return fits;
  }
}

const HEAD = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Without it, nginx holds frames back until its buffer is full (2026-07-28/streamable-http/023).
  'x-accel-buffering': 'no',
  ...NOSNIFF,
};

/** Bytes that may wait in memory for a client that has stopped reading; beyond that its stream is cut. */
const MAX_WAITING = 4 * 1024 * 1024;

export class EventStream {
  #waiting: string | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #response: ServerResponse;
  readonly #heldBytes: HeldBytes | undefined;

  constructor(
    response: ServerResponse,
    headers: { [name: string]: string } | undefined,
    keepAliveMs: number,
    heldBytes?: HeldBytes,
  ) {
    this.#response = response;
    this.#heldBytes = heldBytes;
    response.writeHead(200, { ...HEAD, ...headers });
    response.flushHeaders();
    this.#timer = setInterval(() => this.#keepAlive(), keepAliveMs).unref();
    response.once('close', () => clearInterval(this.#timer));
    response.on('drain', () => this.#sendWaiting());
  }

  get open(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  /** Sends a frame that must arrive. Cuts off a client that already lets too much wait. */
  send(frame: string): void {
    if (!this.open) return;
    if (this.#response.writableLength > MAX_WAITING) return void this.#response.destroy();
    this.#response.write(frame);
    // Fewer bytes are not counted: no event would say that the client has read them.
    const { writableNeedDrain, writableLength } = this.#response;
    if (writableNeedDrain && this.#heldBytes?.wait(writableLength) === false) this.#response.destroy();
  }

  /** Sends a frame that a later one may replace: for a slow client only the newest waits, so memory stays bounded. */
  sendLatest(frame: string): void {
    if (this.#response.writableNeedDrain) this.#waiting = frame;
    else this.send(frame);
  }

  /** Sends the last frames, if there are any, and ends the stream. */
  end(last = ''): void {
    clearInterval(this.#timer);
    if (this.open) endWithin(this.#response, (this.#waiting ?? '') + last);
    this.#waiting = undefined;
  }

  #sendWaiting(): void {
    this.#heldBytes?.wait(0);
    const frame = this.#waiting;
    this.#waiting = undefined;
    if (frame !== undefined) this.send(frame);
  }

  #keepAlive(): void {
    if (!this.#response.writableNeedDrain) this.send(KEEP_ALIVE);
  }
}
