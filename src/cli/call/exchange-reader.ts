/** Cuts the bytes of a client's connections into exchanges: a request, and the answer or the events that have come so far. */
import type { Traced } from '../../lesson/trace/exchange.js';
import { tracedFromBytes } from '../../lesson/trace/from-bytes.js';
import { readHttp } from '../../lesson/transcripts/response.js';
import type { WireEvent } from '../../wire/client/index.js';

/** The bytes have secrets in them, the traced exchange has none. */
export type Seen = { sent: Buffer; traced: Traced; streams: boolean };

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
  /** Characters of the stream that were reported; undefined until the head was. */
  reported: number | undefined;
  done: boolean;
  cut: boolean;
};

export class ExchangeReader {
  readonly #server: string;
  readonly #now: () => Date;
  readonly #listener: ExchangeListener;
  /** The exchange that each connection is at. */
  readonly #open = new Map<number, Exchange>();
  #count = 0;

  constructor(server: string, now: () => Date, listener: ExchangeListener) {
    this.#server = server;
    this.#now = now;
    this.#listener = listener;
  }

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

  #begin(connection: number): Exchange {
    this.#count += 1;
    const exchange = {
      number: this.#count,
      time: this.#now().toISOString(),
      sent: Buffer.alloc(0),
      received: Buffer.alloc(0),
      reported: undefined,
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
    const { sent, received, number, time, cut } = exchange;
    const verb = sent.toString('latin1', 0, 8).split(' ')[0] ?? '';
    const response = readResponse(received, ended, verb);
    const whole = response?.complete === true;
    const streams = response?.headers.some(isStream) === true;
    if (!streams && !whole && !ended) return;
    const traced = tracedFromBytes(sent, received, { number, server: this.#server, time });
    const seen = { sent, traced, streams };
    if (exchange.reported === undefined) this.#listener.answered(seen);
    exchange.reported ??= 0;
    const text = streams ? (traced.answer?.body.text ?? '') : '';
    const until = whole || ended ? text.length : text.lastIndexOf('\n\n') + 2;
    if (until > exchange.reported && until > 1) {
      this.#listener.streamed?.(seen, text.slice(exchange.reported, until));
      exchange.reported = until;
    }
    exchange.done = whole || ended;
    if (exchange.done) this.#listener.ended?.(seen, { whole, cut });
  }
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
