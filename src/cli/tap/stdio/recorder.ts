/**
 * Makes exchanges of the lines on stdio: a request and the answer with its id are one exchange, whichever side asks. Anything else
 * (a notification, a batch, a line that is no message) is an exchange of one line.
 */
import { parseJson } from '../../../lesson/json.js';
import { Bytes, bodyOf } from '../../../lesson/trace/body.js';
import type { Finding, Stage, TracedExchange } from '../../../lesson/trace/exchange.js';
import { maskerFor } from '../../../lesson/trace/mask.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';

export type Side = 'client' | 'server';

export type StdioListener = {
  /** One more message, and the exchange that it belongs to. */
  message(exchange: TracedExchange, from: Side, findings: readonly Finding[]): void;
  /** It is over. */
  onEnd(exchange: TracedExchange): void;
};

export type StdioRecorderOptions = {
  /** The name of the command. */
  server: string;
  clock: () => Date;
  /** Nanoseconds of a monotonic clock. */
  ticks: () => bigint;
  examine(from: Side, text: string): readonly Finding[];
  listener: StdioListener;
};

type Open = { exchange: TracedExchange; began: bigint };

/** Requests that wait for an answer. */
const MAX_OPEN = 1_000;

export class StdioRecorder {
  readonly #open = new Map<string, Open>();
  readonly #mask = maskerFor([]);
  #count = 0;

  constructor(readonly options: StdioRecorderOptions) {}

  line(from: Side, text: string): void {
    const { examine, listener, ticks } = this.options;
    const findings = examine(from, text).map((one) => ({ ...one, received: this.#mask.body(one.received) }));
    const value = parseJson(text);
    const message = isRecord(value) ? value : {};
    const openRequest = this.#take(from, message);
    if (openRequest !== undefined) {
      const { exchange, began } = openRequest;
      const answeredExchange: TracedExchange = {
        ...exchange,
        answer: { line: '', status: 0, headers: [], stream: false, body: this.#bodyOf(text) },
        stages: [...exchange.stages, stage('answered', ticks() - began)],
        findings: [...(exchange.findings ?? []), ...findings],
        state: 'done',
      };
      listener.message(answeredExchange, from, findings);
      listener.onEnd(answeredExchange);
      return;
    }
    const isRequest = 'method' in message && message.id !== undefined;
    const exchange = this.#first(from, text, isRequest, findings);
    listener.message(exchange, from, findings);
    if (isRequest) this.#put(keyOf(from, message.id), { exchange, began: ticks() });
    else listener.onEnd(exchange);
  }

  /** Requests that nobody will answer now. */
  end(): void {
    for (const key of this.#open.keys()) this.#lose(key);
  }

  #first(from: Side, text: string, isRequest: boolean, findings: readonly Finding[]): TracedExchange {
    const { server, clock } = this.options;
    this.#count += 1;
    return {
      number: this.#count,
      time: clock().toISOString(),
      server,
      client: '',
      line: '',
      verb: 'line',
      path: '',
      headers: [],
      body: this.#bodyOf(text),
      token: undefined,
      answer: undefined,
      stages: [stage('sent', 0n)],
      verdicts: [],
      findings,
      stdio: from,
      state: isRequest ? 'open' : 'done',
    };
  }

  /** The request that this message answers. */
  #take(from: Side, { method, id }: JsonObject): Open | undefined {
    if (method !== undefined || id === undefined) return undefined;
    const key = keyOf(from === 'client' ? 'server' : 'client', id);
    const open = this.#open.get(key);
    this.#open.delete(key);
    return open;
  }

  #put(key: string, open: Open): void {
    this.#lose(key);
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_OPEN && oldest !== undefined) this.#lose(oldest);
    this.#open.set(key, open);
  }

  #lose(key: string): void {
    const open = this.#open.get(key);
    this.#open.delete(key);
    if (open !== undefined) this.options.listener.onEnd({ ...open.exchange, state: 'lost' });
  }

  #bodyOf(text: string): TracedExchange['body'] {
    const bytes = new Bytes();
    bytes.add(Buffer.from(text));
    return bodyOf(bytes, this.#mask);
  }
}

function keyOf(from: Side, id: unknown): string {
  return `${from} ${JSON.stringify(id)}`;
}

function stage(name: string, since: bigint): Stage {
  return { name, atMs: Number(since) / 1e6 };
}
