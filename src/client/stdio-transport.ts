/**
 * stdio from the client's side: the server is a process of this client, one message is one line, and stderr is not the protocol's.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from '../wire/clock.js';
import type { Id } from '../wire/jsonrpc/message.js';
import { REVISIONS, type Revision } from '../wire/revisions.js';
import { type Line, readLines } from '../wire/stdio/lines.js';
import { type JsonObject, shorten } from '../wire/value.js';
import { ClientError } from './client-error.js';
import type { ClientOptions } from './ports.js';
import * as wire from './transport.js';
import { harmless, nextConnection, type Watch } from './watch-sockets.js';

const MAX_STDERR_LINE = 64 * 1024;
/** How long a server has to end by itself, and again after SIGTERM. */
const EXIT_MS = 2_000;

export type StdioOptions = ClientOptions & { stderr?: ((line: string) => void) | undefined };

type Waiting = { settle(outcome: wire.Outcome): void; restart(): void };

export class StdioTransport implements wire.Transport {
  revision: Revision | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<unknown>;
  readonly #watch: Watch;
  readonly #connection = nextConnection();
  readonly #waiting = new Map<Id, Waiting>();
  #end: ClientError | undefined;
  #lastWords = '';

  constructor(
    command: readonly string[],
    readonly options: StdioOptions,
    readonly receive: wire.Receive,
  ) {
    const [program = '', ...args] = command;
    this.#watch = harmless(options.watch);
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.#exit = once(this.#child, 'exit').catch(() => undefined);
    this.#child.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'ENOENT' ? 'there is no such program' : cause.message;
      this.#finish(new ClientError('closed', `cannot start ${program}: ${reason}`, { cause }));
    });
    this.#child.once('close', (code, signal) => {
      const how = signal === null ? `with code ${code}` : `by ${signal}`;
      const words = this.#lastWords === '' ? '' : `; its last words: ${shorten(this.#lastWords, 300)}`;
      this.#finish(new ClientError('closed', `${program} ended ${how}${words}`));
    });
    this.#child.stdin.on('error', () => undefined); // the process is ending, and 'close' says why
    const connection = this.#connection;
    this.#child.stdout.on('data', (bytes: Buffer) => this.#watch({ kind: 'received', connection, bytes }));
    void this.#readLines(this.#child.stdout, wire.MAX_MESSAGE, (line) => this.#take(line));
    void this.#readLines(this.#child.stderr, MAX_STDERR_LINE, (line) => {
      const text = line.kind === 'line' ? Buffer.from(line.bytes).toString('utf8').trimEnd() : '…';
      this.#lastWords = text || this.#lastWords;
      options.stderr?.(text);
    });
  }

  request(message: wire.OutgoingRequest, { signal, quietMs, isPaused }: wire.Carriage): Promise<JsonObject> {
    const { id, method } = message;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let forget = (): void => undefined;
      const settle = (outcome: wire.Outcome): void => {
        forget();
        this.#waiting.delete(id);
        signal.removeEventListener('abort', abort);
        if (outcome instanceof ClientError) reject(outcome);
        else resolve(outcome);
      };
      const giveUp = (reason: ClientError): void => {
        // The handshake cannot be cancelled (2025-11-25/cancellation/002).
        if (method !== 'initialize') this.send(wire.cancellation(message)).catch(() => undefined);
        settle(reason);
      };
      const abort = (): void => giveUp(signal.reason);
      const late = (): void => {
        const reason = `${method} was not answered within ${Number(quietMs) / 1000} s`;
        if (isPaused?.() === true) restart();
        else giveUp(new ClientError('timeout', reason));
      };
      const restart = (): void => {
        forget();
        if (quietMs !== undefined) forget = after(quietMs, late);
      };
      this.#waiting.set(id, { settle, restart });
      signal.addEventListener('abort', abort, { once: true });
      restart();
      this.send(message).catch(settle);
    });
  }

  async send(message: wire.Outgoing): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
    this.#watch({ kind: 'sent', connection: this.#connection, bytes });
    if (this.#child.stdin.write(bytes)) return;
    // A broken pipe is no drain; 'close' follows, and fails what waits.
    await Promise.race([once(this.#child.stdin, 'drain').catch(() => undefined), this.#exit]);
  }

  /** Closes stdin and waits, then SIGTERM, then SIGKILL (2026-07-28/stdio/012). */
  async close(): Promise<void> {
    this.#finish(new ClientError('cancelled', 'the client was closed'));
    this.#child.stdin.end();
    const signals: NodeJS.Signals[] = this.#child.pid === undefined ? [] : ['SIGTERM', 'SIGKILL'];
    const timers = signals.map((signal, at) => after(EXIT_MS * (at + 1), () => this.#child.kill(signal)));
    await this.#exit;
    for (const forget of timers) forget();
    // A process that the server started may hold the pipes open.
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#watch({ kind: 'ended', connection: this.#connection });
  }

  async #readLines(input: AsyncIterable<Buffer>, max: number, take: (line: Line) => void): Promise<void> {
    try {
      for await (const line of readLines(input, max)) take(line);
    } catch {
      // The pipe broke; 'close' says what happened to the process.
    }
  }

  #take(line: Line): void {
    const warn = (warning: string): void => this.options.onWarning?.(warning);
    if (line.kind === 'too long') {
      warn(`a line of more than ${wire.MAX_MESSAGE} bytes was skipped`);
      return;
    }
    const text = Buffer.from(line.bytes).toString('utf8').trim();
    if (text === '') return;
    try {
      const batches = this.revision !== undefined && REVISIONS[this.revision].batches;
      for (const { id, outcome } of wire.readAnswers(line.bytes, batches, this.#receive)) {
        // What was cancelled may still be answered (2026-07-28/cancellation/016).
        if (id !== undefined) this.#waiting.get(id)?.settle(outcome);
        else warn(`the server reports: ${(outcome as ClientError).message}`);
      }
    } catch {
      warn(`the server wrote to stdout what is no message: ${shorten(text, 100)}`);
    }
  }

  readonly #receive: wire.Receive = (message) => {
    const { method, params } = message;
    if (method === 'notifications/progress') this.#waiting.get(params.progressToken as Id)?.restart();
    // So a server ends a subscription (2026-07-28/cancellation/001).
    if (method === 'notifications/cancelled') this.#waiting.get(params.requestId as Id)?.settle({});
    this.receive(message);
  };

  #finish(error: ClientError): void {
    this.#end ??= error;
    for (const { settle } of [...this.#waiting.values()]) settle(this.#end);
  }
}
