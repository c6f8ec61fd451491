/** Cuts the bytes of a client's connections into exchanges: a request, and the answer or the events that have come so far. */

import type { WireEvent } from '../../client/index.js';
import { frameText } from '../../lesson/trace/body.js';
import type { TracedExchange } from '../../lesson/trace/exchange.js';
import { exchangeFromBytes } from '../../lesson/trace/from-bytes.js';
import { type Header, readHeader } from '../../lesson/trace/headers.js';
import { maskerFor } from '../../lesson/trace/mask.js';
import { readHttp } from '../../lesson/transcripts/response.js';

/** The request has its secrets; in the exchange they are masked. */
export type ExchangeReport = { request: Buffer; exchange: TracedExchange; streams: boolean };

export type ExchangeListener = {
  /** The answer is complete, or it is a stream and its head is. Called once per exchange. */
  onAnswer(report: ExchangeReport): void;
  /** More events of a stream, each whole, as masked text. */
  onEvents?(report: ExchangeReport, text: string): void;
  /** `whole`: the answer came to its end. `cut`: the rest was too long to be kept. */
  onEnd?(report: ExchangeReport, how: { whole: boolean; cut: boolean }): void;
};

/** Of one exchange. A stream can go on for days. */
const MAX_BYTES = 1024 * 1024;

type Exchange = {
  number: number;
  time: string;
  request: Buffer;
  response: Buffer;
  /** What was reported; undefined until the answer was, or the head of a stream. */
  report: ExchangeReport | undefined;
  /** Characters of a stream that were reported. */
  reportedLength: number;
  isDone: boolean;
  isCut: boolean;
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
      if (this.#open.get(connection)?.response.length !== 0) this.#end(connection);
      const exchange = this.#open.get(connection) ?? this.#begin(connection);
      exchange.request = Buffer.concat([exchange.request, event.bytes]);
    } else if (event.kind === 'received') this.#received(connection, event.bytes);
    else this.#end(connection);
  }

  /** Reports what has no answer, or only a part of one. */
  close(): void {
    for (const connection of [...this.#open.keys()]) this.#end(connection);
  }

  /** Of a stream the head: its events follow one by one, and masking it all again for each would take long. */
  #trace({ request, response, number, time }: Exchange, streams: boolean): TracedExchange {
    const bytes = streams ? response.subarray(0, response.indexOf('\r\n\r\n') + 4) : response;
    return exchangeFromBytes(request, bytes, { number, server: this.server, time });
  }

  #events(exchange: Exchange, report: ExchangeReport, text: string, last: boolean): void {
    const until = last ? text.length : text.lastIndexOf('\n\n') + 2;
    if (until <= exchange.reportedLength || until < 2) return;
    const news = text.slice(exchange.reportedLength, until);
    exchange.reportedLength = until;
    this.listener.onEvents?.(report, frameText(news, maskerFor(requestHeaders(exchange.request))));
  }

  #begin(connection: number): Exchange {
    this.#count += 1;
    const exchange: Exchange = {
      number: this.#count,
      time: this.now().toISOString(),
      request: Buffer.alloc(0),
      response: Buffer.alloc(0),
      report: undefined,
      reportedLength: 0,
      isDone: false,
      isCut: false,
    };
    this.#open.set(connection, exchange);
    return exchange;
  }

  #received(connection: number, bytes: Buffer): void {
    const exchange = this.#open.get(connection);
    if (exchange === undefined || exchange.isCut) return;
    exchange.response = Buffer.concat([exchange.response, bytes]);
    exchange.isCut = exchange.response.length > MAX_BYTES;
    this.#report(exchange, exchange.isCut);
  }

  #end(connection: number): void {
    const exchange = this.#open.get(connection);
    this.#open.delete(connection);
    if (exchange !== undefined) this.#report(exchange, true);
  }

  #report(exchange: Exchange, hasEnded: boolean): void {
    if (exchange.isDone) return;
    const { request, isCut } = exchange;
    const verb = request.toString('latin1', 0, 8).split(' ')[0] ?? '';
    const response = readResponse(exchange.response, hasEnded, verb);
    const whole = response?.complete === true;
    const streams = response?.headers.some(isStream) === true;
    if (!streams && !whole && !hasEnded) return;
    const report = exchange.report ?? { request, streams, exchange: this.#trace(exchange, streams) };
    if (exchange.report === undefined) this.listener.onAnswer(report);
    exchange.report = report;
    // Some servers end lines with CR LF.
    const text = (response?.body ?? '').replace(/\r\n?/g, '\n');
    if (streams) this.#events(exchange, report, text, whole || hasEnded);
    exchange.isDone = whole || hasEnded;
    if (exchange.isDone) this.listener.onEnd?.(report, { whole, cut: isCut });
  }
}

/** The headers of a request as they were sent, secrets included. */
export function requestHeaders(request: Buffer): Header[] {
  const [head = ''] = request.toString('latin1').split('\r\n\r\n', 1);
  return head.split('\r\n').slice(1).map(readHeader);
}

function isStream([name, value]: readonly [string, string]): boolean {
  return name === 'content-type' && /^text\/event-stream/i.test(value);
}

/** Undefined if the bytes are no HTTP, or not yet. */
function readResponse(bytes: Buffer, hasEnded: boolean, verb: string): ReturnType<typeof readHttp> {
  try {
    return readHttp(bytes, hasEnded, verb);
  } catch {
    return undefined;
  }
}
