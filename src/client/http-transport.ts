/**
 * Streamable HTTP from the client's side: each message is a POST of its own, answered as JSON or as an event stream. A legacy server may
 * have sessions, resume a lost stream, and open one of its own after a GET.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Id } from '../wire/jsonrpc/message.js';
import { REVISIONS, type Revision } from '../wire/revisions.js';
import type { JsonObject } from '../wire/value.js';
import { ClientError, violation } from './client-error.js';
import { EventSource } from './event-source.js';
import { FrameTooLong } from './frames.js';
import { type Headers, HttpConnections, type HttpRequest, type HttpResponse } from './http-connection.js';
import { challengesOf, httpProblem, mediaType } from './http-problem.js';
import type { ClientOptions } from './ports.js';
import * as wire from './transport.js';

/** How often a request that was refused for its token is sent again with another one. */
const MAX_STEP_UPS = 3;
/** How often a stream is resumed without anything new on it. */
const MAX_RESUMES = 10;
const DELETE_MS = 2_000;

/** One stream that is read, for the answer to the request `id` if it has one. */
type Reading = Omit<wire.Carriage, 'headers'> & { stream: EventSource; id?: Id };

export class HttpTransport implements wire.Transport {
  revision: Revision | undefined;
  #session: string | undefined;
  readonly #connections: HttpConnections;
  readonly #closing = new AbortController();

  constructor(
    readonly url: URL,
    readonly timeoutMs: number,
    readonly options: ClientOptions,
    readonly receive: wire.Receive,
  ) {
    this.#connections = new HttpConnections(url, options);
  }

  async request(message: wire.OutgoingRequest, carriage: wire.Carriage): Promise<JsonObject> {
    const signal = AbortSignal.any([carriage.signal, this.#closing.signal]);
    try {
      return await this.#resultOf(message, { ...carriage, signal });
    } catch (error) {
      const late = error instanceof ClientError && error.kind === 'timeout';
      // A modern server sees that the stream is closed. To a legacy one that says nothing (2025-11-25/transports/031, /032).
      if ((signal.aborted || late) && this.#legacy && message.method !== 'initialize')
        this.send(wire.cancellation(message)).catch(() => undefined);
      throw signal.aborted ? signal.reason : error;
    }
  }

  async send(message: wire.Outgoing): Promise<void> {
    const { signal } = this.#closing;
    const response = await this.#post(message, { signal, quietMs: this.timeoutMs, headers: {} });
    if (response.statusCode >= 300) throw await this.#problem(response, undefined, signal);
    this.#connections.discard(response);
  }

  async close(): Promise<void> {
    this.#closing.abort(new ClientError('cancelled', 'the client was closed'));
    if (this.#session !== undefined) {
      // The server may not allow it, or be gone (2025-11-25/transports/061).
      const request = { headers: [], signal: AbortSignal.timeout(DELETE_MS), quietMs: DELETE_MS };
      await this.#exchange({ method: 'DELETE', ...request }).catch(() => undefined);
    }
    this.#connections.close();
  }

  /** Receives what a legacy server sends outside of any request, for as long as both sides keep that stream. */
  async listen(): Promise<void> {
    const { signal } = this.#closing;
    const reading: Reading = { stream: new EventSource(wire.MAX_MESSAGE), signal, quietMs: undefined };
    try {
      while (reading.stream.resumes < MAX_RESUMES) {
        await this.#resume(reading);
        await pause(reading.stream.retryMs, undefined, { signal });
      }
    } catch {
      // The server has no such stream, or it is over.
    }
  }

  get #legacy(): boolean {
    return this.revision === undefined || REVISIONS[this.revision].era === 'legacy';
  }

  async #resultOf(message: wire.OutgoingRequest, carriage: wire.Carriage): Promise<JsonObject> {
    const { id, method } = message;
    const { signal } = carriage;
    if (method === 'initialize') this.#session = undefined;
    const response = await this.#post(message, carriage, id);
    if (method === 'initialize') this.#session = response.headers['mcp-session-id']?.toString();
    const type = response.statusCode === 200 ? mediaType(response) : '';
    let outcome: wire.Outcome | undefined;
    if (type === 'application/json')
      outcome = this.#outcome(await this.#connections.readAll(response, wire.MAX_MESSAGE, signal), id);
    else if (type === 'text/event-stream') {
      const stream = new EventSource(wire.MAX_MESSAGE);
      outcome = await this.#untilAnswered(response, { ...carriage, stream, id });
    } else throw await this.#problem(response, id, signal);
    if (outcome === undefined)
      throw new ClientError('closed', `the server ended its answer to ${method} without a response`);
    if (outcome instanceof ClientError) throw outcome;
    return outcome;
  }

  #outcome(text: Uint8Array | string, id: Id | undefined): wire.Outcome | undefined {
    const batches = this.revision !== undefined && REVISIONS[this.revision].batches;
    return wire.outcomeFor(id, wire.readAnswers(text, batches, this.receive));
  }

  #post(message: wire.Outgoing, { headers, ...carriage }: wire.Carriage, id?: Id): Promise<HttpResponse> {
    const usual: Headers = [
      ['Accept', 'application/json, text/event-stream'],
      ['Content-Type', 'application/json'],
    ];
    const all = [...usual, ...Object.entries(headers)];
    const body = JSON.stringify(message);
    return this.#exchange({ ...carriage, method: 'POST', headers: all, body }, id);
  }

  /** Sends it with a token if there is one, and again with a better one for each challenge, up to MAX_STEP_UPS. */
  async #exchange(request: HttpRequest, id?: Id): Promise<HttpResponse> {
    const { tokens, headers: further = [] } = this.options;
    let token = await tokens?.token();
    for (let stepUps = 0; ; stepUps += 1) {
      const headers: Headers = [...request.headers, ...further];
      if (this.revision !== undefined) headers.push(['MCP-Protocol-Version', this.revision]);
      const session = this.#session;
      if (session !== undefined) headers.push(['Mcp-Session-Id', session]);
      if (token !== undefined) headers.push(['Authorization', `Bearer ${token}`]);
      const quietMs = request.quietMs ?? this.timeoutMs;
      const response = await this.#connections.send({ ...request, headers, quietMs });
      const { statusCode: status } = response;
      if (status === 404 && session !== undefined && this.#legacy)
        throw await this.#problem(response, id, request.signal, true);
      const challenges = challengesOf(response);
      const challenged = status === 401 || (status === 403 && challenges.length > 0);
      if (!challenged || tokens === undefined || request.method === 'DELETE') return response;
      // Before the token, which may take as long as a person takes to sign in.
      const problem = await this.#problem(response, id, request.signal);
      if (stepUps === MAX_STEP_UPS) throw problem;
      token = await tokens.answer({ url: this.url, status, challenges, sent: token });
      if (token === undefined) throw problem;
    }
  }

  async #problem(response: HttpResponse, id: Id | undefined, signal: AbortSignal, inSession = false) {
    const body = await this.#connections.readAll(response, wire.MAX_MESSAGE, signal, true);
    return httpProblem(this.url, response, body, id, inSession);
  }

  /** Reads the stream until the answer is there, and resumes it where a legacy server lets it go before. */
  async #untilAnswered(response: HttpResponse, reading: Reading): Promise<wire.Outcome | undefined> {
    const { stream, signal } = reading;
    let outcome = await this.#read(response, reading);
    // 2026-07-28 has no resuming: what was lost is asked for again, or not (2026-07-28/changelog/001).
    const resumable = (): boolean =>
      this.#legacy && stream.lastId !== undefined && stream.resumes < MAX_RESUMES;
    while (outcome === undefined && resumable()) {
      await pause(stream.retryMs, undefined, { signal });
      outcome = await this.#resume(reading);
    }
    return outcome;
  }

  async #resume(reading: Reading): Promise<wire.Outcome | undefined> {
    const { stream, signal } = reading;
    stream.resumes += 1;
    const headers: Headers = [['Accept', 'text/event-stream']];
    if (stream.lastId !== undefined) headers.push(['Last-Event-ID', stream.lastId]);
    const response = await this.#exchange({ ...reading, method: 'GET', headers });
    if (response.statusCode !== 200 || mediaType(response) !== 'text/event-stream')
      throw await this.#problem(response, undefined, signal);
    return this.#read(response, reading);
  }

  /** The outcome of the request; undefined where the stream ends before, also by a lost connection. */
  async #read(response: HttpResponse, { stream, id, signal, quietMs }: Reading) {
    if (quietMs === undefined) response.socket.setTimeout(0);
    try {
      for await (const text of stream.messages(this.#connections.chunks(response, signal))) {
        const outcome = this.#outcome(text, id);
        if (outcome !== undefined) return outcome;
      }
    } catch (error) {
      if (error instanceof FrameTooLong) throw new ClientError('too-large', error.message);
      if (!(error instanceof ClientError)) throw violation('the event stream is not UTF-8');
      if (error.kind !== 'closed') throw error;
    }
    return undefined;
  }
}
