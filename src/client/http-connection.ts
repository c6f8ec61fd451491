/** HTTP requests to one server, and their answers as they come. Every byte passes `watch`, and every wait has an end. */
import type { Agent, IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { afterUnlessDone } from '../wire/clock.js';
import { http } from '../wire/http/node-http.js';
import { ClientError } from './client-error.js';
import type { ClientOptions } from './ports.js';
import { connectionProblem } from './problems.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import type { Carriage } from './transport.js';
import { watchSockets } from './watch-sockets.js';

/** How long the rest of a stream may take once its answer is there. */
const REST_MS = 1_000;
/** An idle connection is closed before the server closes it: a request that meets the server's close is lost. */
const IDLE_MS = 4_000;

export type Headers = (readonly [name: string, value: string])[];
export type HttpRequest = {
  method: 'POST' | 'GET' | 'DELETE';
  headers: Headers;
  body?: string | undefined;
} & Omit<Carriage, 'headers'>;

export type HttpResponse = IncomingMessage & { statusCode: number };

export class HttpConnections {
  readonly #agent: Agent;

  constructor(
    readonly url: URL,
    readonly options: Pick<ClientOptions, 'watch' | 'proxy'>,
  ) {
    this.#agent = new (moduleFor(url).Agent)({ keepAlive: true, timeout: IDLE_MS });
    if (options.watch !== undefined) watchSockets(this.#agent, options.watch);
  }

  /** The head of the answer. Rejects with a ClientError, or with the reason of the signal. */
  send({ method, headers, body, signal, quietMs, isPaused }: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      // A signal given to node:http stays with the socket, which later requests use.
      const options = { method, agent: this.#agent, timeout: quietMs };
      const request = refuseUpgrade(moduleFor(this.url).request(this.url, options));
      let answer: IncomingMessage | undefined;
      const onAbort = (): unknown => (answer ?? request).destroy(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      request.once('close', () => signal.removeEventListener('abort', onAbort));
      const onTimeout = (): unknown => {
        // The socket says so once, and again only after it was set again.
        if (isPaused?.() === true)
          return request.socket?.setTimeout(Number(quietMs)).once('timeout', onTimeout);
        const reason = `${this.url.origin}: nothing came for ${Number(quietMs) / 1000} s`;
        return (answer ?? request).destroy(new ClientError('timeout', reason));
      };
      request.once('timeout', onTimeout);
      request.once('response', (response) => {
        answer = response;
        resolve(response as HttpResponse);
      });
      request.on('error', (cause) => reject(signal.aborted ? signal.reason : this.#problem(cause)));
      try {
        for (const [name, value] of headers) request.appendHeader(name, value);
      } catch (cause) {
        request.destroy(new ClientError('usage', `a header cannot be sent: ${(cause as Error).message}`));
        return;
      }
      // The length is known, so the body does not go in chunks.
      if (body !== undefined) request.setHeader('content-length', Buffer.byteLength(body));
      request.end(body);
    });
  }

  /** The chunks of a body. A reader may stop before the end. */
  async *chunks(response: HttpResponse, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* response.iterator({ destroyOnReturn: false });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (cause instanceof ClientError) throw cause;
      throw new ClientError('closed', `${this.url.origin}: the answer was cut off`, { cause });
    } finally {
      this.discard(response);
    }
  }

  /** Lets the rest of a body pass by, so that the connection can be used again. */
  discard(response: HttpResponse): void {
    const forget = afterUnlessDone(REST_MS, () => response.destroy());
    response.once('close', forget).resume();
  }

  /** The whole body. Of one with more than `max` bytes, the beginning where `cut` is set; otherwise it is an error. */
  async readAll(response: HttpResponse, max: number, signal: AbortSignal, cut = false): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.chunks(response, signal)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > max && !cut)
        throw new ClientError(
          'too-large',
          `the server sent more than ${max / 1024 / 1024} MiB in one message`,
        );
      if (length > max) break;
    }
    return Buffer.concat(chunks);
  }

  close(): void {
    this.#agent.destroy();
  }

  #problem(cause: Error): ClientError {
    if (cause instanceof ClientError) return cause;
    const { kind, reason } = connectionProblem(cause, this.url, this.options.proxy);
    return new ClientError(kind, `${this.url.origin}: ${reason}`, { cause });
  }
}

function moduleFor({ protocol }: URL): typeof http | typeof https {
  return protocol === 'https:' ? https : http;
}
