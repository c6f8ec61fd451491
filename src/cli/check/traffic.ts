/** Runs every exchange of a check through the witness, and keeps one finding per clause that the server violates. */
import { clauseOf } from '../../lesson/annotations/clauses.js';
import { isStream, readFrames, readHttp } from '../../lesson/transcripts/response.js';
import { shorten } from '../../wire/value.js';
import { createWitness, type Violation, type Witness } from '../rules/witness.js';
import type { PlayedExchange } from './connection.js';
import { type Finding, severityOf } from './report.js';

/** What the check asked at first: the handshake, and what the server offers. */
const MAX_CONTEXT = 40;
/** Bytes of all of it: every transcript begins with reading it again. An exchange that does not fit is left out. */
const MAX_CONTEXT_BYTES = 4 * 1024 * 1024;
/** Characters of each part of a finding. */
const MAX_FINDING = 8_000;

export class Traffic {
  readonly #findings = new Map<string, Finding>();
  readonly #context: PlayedExchange[] = [];
  #contextBytes = 0;
  #http: Witness = createWitness({ transport: 'http', clients: 'many' });
  #of = '';
  #id = 0;

  constructor(readonly transport: 'http' | 'stdio') {}

  get findings(): Finding[] {
    return [...this.#findings.values()];
  }

  /** Of what every transcript begins with. */
  get contextBytes(): number {
    return this.#contextBytes;
  }

  see(exchange: PlayedExchange): void {
    const own = exchange.line === 0;
    if (own) this.#keep(exchange);
    if (!own && exchange.what !== this.#of) this.#begin(exchange.what);
    const violations = this.transport === 'http' ? this.#overHttp(exchange) : onStdio(exchange);
    for (const { clause: id, side, where, expected, received } of violations) {
      const earlier = this.#findings.get(id);
      const clause = clauseOf(id);
      if (earlier !== undefined) earlier.times += 1;
      else if (side === 'server' && clause !== undefined)
        this.#findings.set(id, {
          severity: severityOf([clause]),
          clause,
          where: shorten(where, MAX_FINDING),
          expected: shorten(expected, MAX_FINDING),
          received: shorten(received, MAX_FINDING),
          ...{ during: exchange.what, times: 1 },
        });
    }
  }

  #keep(exchange: PlayedExchange): void {
    const bytes = exchange.sent.length + exchange.received.length;
    if (this.#context.length >= MAX_CONTEXT || this.#contextBytes + bytes > MAX_CONTEXT_BYTES) return;
    this.#contextBytes += bytes;
    // Copies, because a part of a larger buffer keeps all of it in memory.
    this.#context.push({
      ...exchange,
      sent: Buffer.from(exchange.sent),
      received: Buffer.from(exchange.received),
    });
  }

  /** Each transcript counts its ids from 1, and some are broken on purpose, so each gets a witness that knows the server alone. */
  #begin(transcript: string): void {
    this.#of = transcript;
    this.#http = createWitness({ transport: 'http', clients: 'many' });
    if (this.transport === 'http') for (const exchange of this.#context) this.#overHttp(exchange);
  }

  #overHttp({ sent, received }: PlayedExchange): Violation[] {
    this.#id += 1;
    const id = this.#id;
    const end = sent.indexOf('\r\n\r\n');
    const [line = '', ...headers] = sent.toString('latin1', 0, end < 0 ? undefined : end).split('\r\n');
    const [method = '', target = ''] = line.split(' ');
    const response = readResponse(received, method);
    if (response === undefined) return [];
    const messages = isStream(response)
      ? readFrames(response.body).map(({ data = '' }) => data)
      : [response.body];
    const body = end < 0 ? '' : sent.toString('utf8', end + 4);
    return [
      ...this.#http.request({ id, method, target, headers: headers.map(pairOf), body }),
      ...this.#http.response(id, {
        status: Number(response.status.split(' ')[1]),
        headers: response.headers,
      }),
      ...messages.filter((text) => text !== '').flatMap((text) => this.#http.message(id, text)),
      ...this.#http.end(id, response.complete),
    ];
  }
}

/** Undefined if what came is no response; then the transcript says so. */
function readResponse(received: Buffer, method: string) {
  try {
    // A body without a length is complete only if the server ended it, which is not known here.
    return readHttp(received, false, method);
  } catch {
    return undefined;
  }
}

/** In the order of the pipes: what a server writes is judged by what it was asked. */
function onStdio({ sent, received }: PlayedExchange): Violation[] {
  const witness = createWitness({ transport: 'stdio' });
  const lines = (bytes: Buffer) => bytes.toString('utf8').split('\n').slice(0, -1);
  return [
    ...lines(sent).flatMap((line) => witness.line('client', line)),
    ...lines(received).flatMap((line) => witness.line('server', line)),
  ];
}

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
