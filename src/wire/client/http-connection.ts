/**
 * HTTP requests to one server, and their answers as they come. Every byte passes `watch`, every wait has an end, and what fails is a
 * ClientError.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { after } from '../clock.js';
import { ClientError, connectionError } from './client-error.js';
import type { ClientOptions, WireEvent } from './ports.js';

/** How long the rest of a stream may take once its answer is there. */
const REST_MS = 1_000;
/** An idle connection is closed before the server closes it: a request that meets the server's close is lost. */
const IDLE_MS = 4_000;

export type HttpRequest = {
  method: 'POST' | 'GET' | 'DELETE';
  headers: readonly (readonly [name: string, value: string])[];
  body?: string;
  signal: AbortSignal;
};

export type HttpResponse = http.IncomingMessage & { statusCode: number };

export class HttpConnections {
  readonly #agent: http.Agent | https.Agent;

  constructor(
    readonly url: URL,
    readonly timeoutMs: number,
    readonly options: Pick<ClientOptions, 'watch' | 'proxy'>,
  ) {
    const module = moduleFor(url);
    this.#agent = new module.Agent({ keepAlive: true, timeout: IDLE_MS });
    watchSockets(this.#agent, options.watch);
  }

  /** The head of the answer. Rejects with a ClientError, or with the reason of the signal. */
  send({ method, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const seconds = this.timeoutMs / 1000;
      const request = moduleFor(this.url).request(this.url, { method, agent: this.#agent, signal });
      const forget = after(this.timeoutMs, () => {
        request.destroy(new ClientError('timeout', `${this.url.origin}: no answer within ${seconds} s`));
      });
      request.once('response', (response) => {
        forget();
        resolve(response as HttpResponse);
      });
      request.once('error', (cause) => {
        forget();
        reject(signal.aborted ? signal.reason : connectionError(cause, this.url, this.options.proxy));
      });
      for (const [name, value] of headers) request.appendHeader(name, value);
      // The length is known, so the body does not go in chunks.
      if (body !== undefined) request.setHeader('content-length', Buffer.byteLength(body));
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /**
   * Gives the chunks of a body to `take` until that returns true. Resolves with whether it did; false means that the body is over.
   * `quietMs` bounds the time between two chunks.
   */
  read(
    response: HttpResponse,
    quietMs: number | undefined,
    signal: AbortSignal,
    take: (chunk: Buffer) => boolean,
  ) {
    return new Promise<boolean>((resolve, reject) => {
      let forget = (): void => undefined;
      const wait = (): void => {
        forget();
        if (quietMs === undefined) return;
        forget = after(quietMs, () => {
          fail(new ClientError('timeout', `${this.url.origin}: nothing came for ${quietMs / 1000} s`));
        });
      };
      const settle = (): void => {
        forget();
        response.off('data', onData).off('end', onEnd).off('close', onClose);
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (error: unknown): void => {
        settle();
        response.destroy();
        reject(error);
      };
      const onData = (chunk: Buffer): void => {
        wait();
        try {
          if (!take(chunk)) return;
        } catch (error) {
          fail(error);
          return;
        }
        settle();
        finish(response);
        resolve(true);
      };
      const onEnd = (): void => {
        settle();
        resolve(false);
      };
      const onClose = (): void =>
        fail(new ClientError('closed', `${this.url.origin}: the answer was cut off`));
      const onAbort = (): void => fail(signal.reason);
      wait();
      response.on('error', () => undefined); // 'close' follows, and says that the body is not whole
      response.on('data', onData).once('end', onEnd).once('close', onClose);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  /** The whole body, up to `max` bytes. With `cut`, the rest is left out; without, too large a body is an error. */
  async readAll(response: HttpResponse, max: number, signal: AbortSignal, cut = false): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    await this.read(response, this.timeoutMs, signal, (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > max && !cut) throw tooLarge(max);
      return length > max;
    });
    return Buffer.concat(chunks);
  }
}

export function tooLarge(max: number): ClientError {
  return new ClientError('too-large', `the server sent more than ${max / 1024 / 1024} MiB in one message`);
}

/** Lets what is left of a body pass by, so that the connection can be used again. */
function finish(response: HttpResponse): void {
  const forget = after(REST_MS, () => response.destroy());
  response.once('close', forget).resume();
}

function moduleFor({ protocol }: URL): typeof http | typeof https {
  return protocol === 'https:' ? https : http;
}

type Connecting = { createConnection(...given: unknown[]): Socket };

function watchSockets(agent: http.Agent, watch: ((event: WireEvent) => void) | undefined): void {
  if (watch === undefined) return;
  const tell = (event: WireEvent): void => {
    try {
      watch(event);
    } catch {
      // A watcher's mistake is not the client's.
    }
  };
  const connecting = agent as unknown as Connecting;
  const connect = connecting.createConnection.bind(agent);
  connecting.createConnection = (...given) => {
    const socket = connect(...given);
    const connection = nextConnection();
    // Sent: what node:http writes, before TLS encrypts it. Received: what TLS has decrypted.
    const write = socket.write.bind(socket) as (...parts: unknown[]) => boolean;
    socket.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
      const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
      tell({
        kind: 'sent',
        connection,
        bytes: typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk),
      });
      return write(chunk, ...rest);
    }) as typeof socket.write;
    socket.on('data', (bytes: Buffer) => tell({ kind: 'received', connection, bytes }));
    socket.once('close', () => tell({ kind: 'ended', connection }));
    return socket;
  };
}

let connections = 0;

/** Connections of one process count upwards, so that no two have the same number. */
export function nextConnection(): number {
  connections += 1;
  return connections;
}
