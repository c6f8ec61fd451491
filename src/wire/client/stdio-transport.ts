/**
 * stdio from the client's side: the server is a process of this client, one message is one line, and stderr is not the protocol's.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from '../clock.js';
import type { Id, Message } from '../jsonrpc/message.js';
import { features, type Revision } from '../revisions.js';
import { type Line, readLines } from '../stdio/lines.js';
import { preview, shorten } from '../value.js';
import { ClientError } from './client-error.js';
import { nextConnection } from './http-connection.js';
import type { ClientOptions } from './ports.js';
import {
  type Answer,
  asAnswer,
  type Carriage,
  MAX_MESSAGE,
  type Outgoing,
  type OutgoingRequest,
  type Receive,
  type RpcFailure,
  readMessages,
  type Transport,
} from './transport.js';

const MAX_STDERR_LINE = 64 * 1024;
/** How long a server has to end by itself, and again after SIGTERM. */
const EXIT_MS = 2_000;

export type StdioOptions = ClientOptions & { stderr?: ((line: string) => void) | undefined };

type Waiting = { settle(outcome: Answer | ClientError): void; restart(): void };

export class StdioTransport implements Transport {
  revision: Revision | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #connection = nextConnection();
  readonly #waiting = new Map<Id, Waiting>();
  readonly #exited: Promise<unknown>;
  #end: ClientError | undefined;
  #lastWords = '';
  #lastId: Id = 0;

  constructor(
    readonly command: readonly string[],
    readonly options: StdioOptions,
    readonly receive: Receive,
  ) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.#exited = once(this.#child, 'exit').catch(() => undefined);
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
    this.#child.stdout.on('data', (bytes: Buffer) => this.#tell('received', bytes));
    void this.#read();
    void this.#readErrors();
  }

  /** Why nothing can be sent any more; undefined while the process runs. */
  get end(): ClientError | undefined {
    return this.#end;
  }

  request(message: OutgoingRequest, { signal, quietMs }: Carriage): Promise<Answer> {
    const { id, method } = message;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#end !== undefined) return reject(this.#end);
      let forget = (): void => undefined;
      const settle = (outcome: Answer | ClientError): void => {
        forget();
        this.#waiting.delete(id);
        signal.removeEventListener('abort', giveUp);
        if (outcome instanceof ClientError) reject(outcome);
        else resolve(outcome);
      };
      const giveUp = (): void => {
        this.#cancel(message);
        settle(signal.reason);
      };
      const restart = (): void => {
        forget();
        if (quietMs === undefined) return;
        forget = after(quietMs, () => {
          this.#cancel(message);
          settle(new ClientError('timeout', `${method} was not answered within ${quietMs / 1000} s`));
        });
      };
      this.#waiting.set(id, { settle, restart });
      this.#lastId = id;
      signal.addEventListener('abort', giveUp, { once: true });
      restart();
      void this.send(message);
    });
  }

  async send(message: Outgoing): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
    this.#tell('sent', bytes);
    if (this.#child.stdin.write(bytes)) return;
    // A broken pipe is no drain; 'close' follows, and fails what waits.
    await Promise.race([once(this.#child.stdin, 'drain').catch(() => undefined), this.#exited]);
  }

  /** Closes stdin and waits, then SIGTERM, then SIGKILL (2026-07-28/stdio/012). */
  async close(): Promise<void> {
    this.#finish(new ClientError('cancelled', 'the client was closed'));
    if (this.#child.pid === undefined) return;
    this.#child.stdin.end();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.#exitsWithin(EXIT_MS)) break;
      this.#child.kill(signal);
    }
    await this.#exited;
    // A grandchild may hold the pipes open.
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  async #exitsWithin(ms: number): Promise<boolean> {
    const { promise: late, stop } = timer(ms);
    const exited = await Promise.race([this.#exited.then(() => true), late.then(() => false)]);
    stop();
    return exited;
  }

  #cancel({ id, method }: OutgoingRequest): void {
    // The handshake cannot be cancelled (2025-11-25/cancellation/002).
    if (method === 'initialize' || this.#end !== undefined) return;
    const params = { requestId: id, reason: 'nobody waits for it any more' };
    void this.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch(() => undefined);
  }

  async #read(): Promise<void> {
    try {
      for await (const line of readLines(this.#child.stdout, MAX_MESSAGE)) this.#take(line);
    } catch {
      // The pipe broke; 'close' says what happened to the process.
    }
  }

  #take(line: Line): void {
    if (line.kind === 'too long')
      return void this.#warn(`a line of more than ${MAX_MESSAGE / 1024 / 1024} MiB was skipped`);
    const text = Buffer.from(line.bytes).toString('utf8').trim();
    if (text === '') return;
    let messages: (Message | RpcFailure)[];
    try {
      const batches = this.revision !== undefined && features(this.revision).batches;
      messages = readMessages(line.bytes, batches);
    } catch {
      return void this.#warn(`the server wrote to stdout what is no message: ${shorten(text, 100)}`);
    }
    for (const message of messages) this.#takeMessage(message);
  }

  #takeMessage(message: Message | RpcFailure): void {
    if (message.kind === 'notification' || message.kind === 'request') {
      const token = message.method === 'notifications/progress' ? message.params.progressToken : undefined;
      this.#waiting.get(token as Id)?.restart();
      return void this.receive(message);
    }
    if (message.kind === 'failure')
      return void this.#warn(`an error without an id: ${message.error.message}`);
    if (message.kind === 'refused') return void this.#warn(`a malformed message: ${message.fault.detail}`);
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) {
      // What was cancelled may still be answered (2026-07-28/cancellation/016).
      const late = typeof message.id === 'number' && message.id <= Number(this.#lastId);
      if (!late) this.#warn(`an answer to ${preview(message.id)}, which nobody asked`);
      return;
    }
    try {
      if (message.fault !== undefined) throw new ClientError('protocol', message.fault.detail);
      waiting.settle(asAnswer(message));
    } catch (error) {
      waiting.settle(error as ClientError);
    }
  }

  async #readErrors(): Promise<void> {
    try {
      for await (const line of readLines(this.#child.stderr, MAX_STDERR_LINE)) {
        const text = line.kind === 'line' ? Buffer.from(line.bytes).toString('utf8').trimEnd() : '…';
        if (text.trim() !== '') this.#lastWords = text;
        this.options.stderr?.(text);
      }
    } catch {
      // As above.
    }
  }

  #finish(error: ClientError): void {
    this.#end ??= error;
    for (const { settle } of [...this.#waiting.values()]) settle(this.#end);
  }

  #warn(warning: string): void {
    this.options.onWarning?.(warning);
  }

  #tell(kind: 'sent' | 'received', bytes: Buffer): void {
    try {
      this.options.watch?.({ kind, connection: this.#connection, bytes });
    } catch {
      // A watcher's mistake is not the client's.
    }
  }
}

function timer(ms: number): { promise: Promise<void>; stop: () => void } {
  let stop = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    stop = after(ms, resolve);
  });
  return { promise, stop };
}
