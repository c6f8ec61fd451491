/** An exchange as the trace prints it, in the parts in which it happens: the request, the answer, and what comes later. */
import { type Look, traceLook } from '../lesson/look.js';
import { eraOf } from '../lesson/trace/exchange.js';
import { exchangeFromBytes } from '../lesson/trace/from-bytes.js';
import { answerText, messageText, requestText, streamText } from '../lesson/trace/terminal.js';

/** Without a head, a line of stdio reads as a body. */
const NO_HEAD = Buffer.from('\r\n\r\n');

export class ShownExchange {
  readonly #sent: Buffer;
  readonly #about: { number: number; server: string; time: string };
  #received = Buffer.alloc(0);
  #printed: string | undefined;

  /** `tokens` holds the claims that were printed before: they are the same in most requests, and long. */
  constructor(
    request: Buffer,
    server: string,
    readonly transport: 'http' | 'stdio',
    readonly look: Look,
    readonly tokens = new Set<string>(),
  ) {
    this.#sent = transport === 'stdio' ? Buffer.concat([NO_HEAD, request]) : request;
    this.#about = { number: 0, server, time: '' };
  }

  request(): string[] {
    const exchange = exchangeFromBytes(this.#sent, undefined, this.#about);
    const look = traceLook(this.look);
    const claims = JSON.stringify(exchange.token);
    if (this.tokens.has(claims)) exchange.token = undefined;
    this.tokens.add(claims);
    return linesOf(
      this.transport === 'stdio'
        ? messageText('>', exchange.body.text, eraOf(exchange), look)
        : requestText(exchange, look),
    );
  }

  /** The bytes that came since the last call. */
  answer(bytes: Buffer): string[] {
    const look = traceLook(this.look);
    if (this.transport === 'stdio') {
      const exchange = exchangeFromBytes(this.#sent, Buffer.concat([NO_HEAD, bytes]), this.#about);
      return linesOf(messageText('<', exchange.answer?.body.text ?? '', eraOf(exchange), look));
    }
    this.#received = Buffer.concat([this.#received, bytes]);
    const exchange = exchangeFromBytes(this.#sent, this.#received, this.#about);
    if (bytes.length === 0 || exchange.answer === undefined) return ['< (nothing)'];
    const { text } = exchange.answer.body;
    const before = this.#printed;
    this.#printed = text;
    if (before === undefined) return linesOf(answerText(exchange, look));
    // All of it has been read again, because a chunk may have ended anywhere.
    return linesOf(
      streamText(text.startsWith(before) ? text.slice(before.length) : text, eraOf(exchange), look),
    );
  }
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
