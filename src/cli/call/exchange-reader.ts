/** Cuts the bytes of a client's connections into exchanges: a request, and the answer or the events that have come so far. */

import type { WireEvent } from '../../client/index.js';
import { frameText } from '../../lesson/trace/body.js';
import type { TracedExchange } from '../../lesson/trace/exchange.js';
import { exchangeFromBytes } from '../../lesson/trace/from-bytes.js';
import { type Header, readHeader } from '../../lesson/trace/headers.js';
import { maskerFor } from '../../lesson/trace/mask.js';
import { readHttp } from '../../lesson/transcripts/response.js';

/** The bytes have secrets in them, the traced exchange has none. */
export type Seen = { sent: Buffer; traced: TracedExchange; streams: boolean };

export type ExchangeListener = {
  /** The answer is complete, or it is a stream and its head is. Called once per exchange. */
  answered(seen: Seen): void;
  /** More events of a stream, each whole, as masked text. */
  streamed?(seen: Seen, text: string): void;
  /** `whole`: the answer came to its end. `cut`: the rest was too long to be kept. */
  ended?(seen: Seen, how: { whole: boolean; cut: boolean }): void;
};

/** Of one exchange. A stream can go on for days. */
const MAX_BYTES = 1024 * 1024;

type Exchange = {
  number: number;
  time: string;
  sent: Buffer;
  received: Buffer;
  /** What was reported; undefined until the answer was, or the head of a stream. */
  seen: Seen | undefined;
  /** Characters of a stream that were reported. */
  reported: number;
  done: boolean;
  cut: boolean;
};

export class ExchangeReader {
  /** The exchange that each connection is at. */
  readonly #open = new Map<number, Exchange>();
  #count = 0;

  constructor(
    readonly server: string,
    readonly now: () => Date,
    readonly listener: ExchangeListener,
  ) {}

  take(event: WireEvent): void {
    const { connection } = event;
    if (event.kind === 'sent') {
      // A connection carries one exchange after the other, so bytes after an answer begin the next one.
      if (this.#open.get(connection)?.received.length !== 0) this.#end(connection);
      const exchange = this.#open.get(connection) ?? this.#begin(connection);
      exchange.sent = Buffer.concat([exchange.sent, event.bytes]);
    } else if (event.kind === 'received') this.#received(connection, event.bytes);
    else this.#end(connection);
  }

  /** Reports what has no answer, or only a part of one. */
  close(): void {
    for (const connection of [...this.#open.keys()]) this.#end(connection);
  }

  /** Of a stream the head: its events follow one by one, and masking it all again for each would take long. */
  #trace({ sent, received, number, time }: Exchange, streams: boolean): TracedExchange {
    const known = streams ? received.subarray(0, received.indexOf('\r\n\r\n') + 4) : received;
    return exchangeFromBytes(sent, known, { number, server: this.server, time });
  }

  #events(exchange: Exchange, seen: Seen, text: string, last: boolean): void {
    const until = last ? text.length : text.lastIndexOf('\n\n') + 2;
    if (until <= exchange.reported || until < 2) return;
    const news = text.slice(exchange.reported, until);
    exchange.reported = until;
    this.listener.streamed?.(seen, frameText(news, maskerFor(requestHeaders(exchange.sent))));
  }

  #begin(connection: number): Exchange {
    this.#count += 1;
    const exchange = {
      number: this.#count,
      time: this.now().toISOString(),
      sent: Buffer.alloc(0),
      received: Buffer.alloc(0),
      seen: undefined,
      reported: 0,
      done: false,
      cut: false,
    };
    this.#open.set(connection, exchange);
    return exchange;
  }

  #received(connection: number, bytes: Buffer): void {
    const exchange = this.#open.get(connection);
    if (exchange === undefined || exchange.cut) return;
    exchange.received = Buffer.concat([exchange.received, bytes]);
    exchange.cut = exchange.received.length > MAX_BYTES;
    this.#report(exchange, exchange.cut);
  }

  #end(connection: number): void {
    const exchange = this.#open.get(connection);
    this.#open.delete(connection);
    if (exchange !== undefined) this.#report(exchange, true);
  }

  #report(exchange: Exchange, ended: boolean): void {
    if (exchange.done) return;
    const { sent, received, cut } = exchange;
    const verb = sent.toString('latin1', 0, 8).split(' ')[0] ?? '';
    const response = readResponse(received, ended, verb);
    const whole = response?.complete === true;
    const streams = response?.headers.some(isStream) === true;
    if (!streams && !whole && !ended) return;
    const seen = exchange.seen ?? { sent, streams, traced: this.#trace(exchange, streams) };
    if (exchange.seen === undefined) this.listener.answered(seen);
    exchange.seen = seen;
    // Some servers end lines with CR LF.
    const text = (response?.body ?? '').replace(/\r\n?/g, '\n');
    if (streams) this.#events(exchange, seen, text, whole || ended);
    exchange.done = whole || ended;
    if (exchange.done) this.listener.ended?.(seen, { whole, cut });
  }
}

/** The headers of a request as they were sent, secrets included. */
export function requestHeaders(sent: Buffer): Header[] {
  const [head = ''] = sent.toString('latin1').split('\r\n\r\n', 1);
  return head.split('\r\n').slice(1).map(readHeader);
}

function isStream([name, value]: readonly [string, string]): boolean {
  return name === 'content-type' && /^text\/event-stream/i.test(value);
}

/** Undefined if the bytes are no HTTP, or not yet. */
function readResponse(received: Buffer, ended: boolean, verb: string): ReturnType<typeof readHttp> {
  try {
    return readHttp(received, ended, verb);
  } catch {
    return undefined;
  }
}
