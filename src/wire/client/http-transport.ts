/**
 * Streamable HTTP from the client's side. Each message is a POST of its own, answered as JSON or as an event stream. A legacy server
 * may have sessions, resume a lost stream, and send requests of its own; it also has a stream that a GET opens.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Frame, FrameReader, FrameTooLong } from '../http/frames.js';
import type { Id } from '../jsonrpc/message.js';
import { features, type Revision } from '../revisions.js';
import { preview } from '../value.js';
import { ClientError } from './client-error.js';
import { HttpConnections, type HttpRequest, type HttpResponse, tooLarge } from './http-connection.js';
import { readProblem } from './http-problem.js';
import type { ClientOptions } from './ports.js';
import {
  type Answer,
  type Carriage,
  MAX_MESSAGE,
  type Outgoing,
  type OutgoingRequest,
  type Receive,
  readMessages,
  type Transport,
  takeAnswer,
} from './transport.js';

/** How often a request that was refused for its token is sent again with another one. */
const MAX_STEP_UPS = 3;
/** How often a stream is resumed without anything new on it. */
const MAX_RESUMES = 10;
/** How long to wait before resuming, where the server does not say; and the longest wait that a server may ask for. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
const DELETE_MS = 2_000;

type Headers = [name: string, value: string][];
/** What is known of one event stream: where to resume it, and when. */
type Stream = { lastId?: string; retryMs: number; resumes: number };

export class HttpTransport implements Transport {
  revision: Revision | undefined;
  session: string | undefined;
  readonly #connections: HttpConnections;
  readonly #ended = new AbortController();

  constructor(
    readonly url: URL,
    readonly timeoutMs: number,
    readonly options: ClientOptions,
    readonly receive: Receive,
  ) {
    this.#connections = new HttpConnections(url, timeoutMs, options);
  }

  async request(message: OutgoingRequest, carriage: Carriage): Promise<Answer> {
    const signal = AbortSignal.any([carriage.signal, this.#ended.signal]);
    try {
      return await this.#answerTo(message, { ...carriage, signal });
    } catch (error) {
      const late = error instanceof ClientError && error.kind === 'timeout';
      // A modern server sees that the stream is closed; a legacy one is to be told (2025-11-25/transports/022).
      if ((signal.aborted || late) && this.#legacy && message.method !== 'initialize')
        void this.#cancel(message.id);
      throw error;
    }
  }

  async #answerTo(message: OutgoingRequest, { signal: within, quietMs, headers }: Carriage): Promise<Answer> {
    if (message.method === 'initialize') this.session = undefined;
    const response = await this.#post(message, within, headers);
    const { 'mcp-session-id': session } = response.headers;
    if (message.method === 'initialize' && typeof session === 'string') this.session = session;
    const type = mediaType(response);
    if (response.statusCode === 200 && type === 'text/event-stream')
      return this.#untilAnswered(response, message, quietMs, within);
    if (response.statusCode >= 300 || type !== 'application/json')
      return this.#problem(response, message, within);
    const body = await this.#connections.readAll(response, MAX_MESSAGE, within);
    const answer = takeAnswer(readMessages(body, this.#batches), message.id, this.receive);
    if (answer !== undefined) return answer;
    throw new ClientError('protocol', `the server answered ${message.method} without a response to it`);
  }

  async send(message: Outgoing): Promise<void> {
    const within = AbortSignal.any([AbortSignal.timeout(this.timeoutMs), this.#ended.signal]);
    const response = await this.#post(message, within);
    if (response.statusCode >= 300) await this.#problem(response, undefined, within);
    else await this.#connections.readAll(response, MAX_MESSAGE, within, true);
  }

  async close(): Promise<void> {
    this.#ended.abort(new ClientError('cancelled', 'the client was closed'));
    if (this.session !== undefined) {
      // The server may not allow it, or be gone (2025-11-25/transports/055).
      await this.#exchange('DELETE', [], undefined, AbortSignal.timeout(DELETE_MS)).then(
        (response) => response.destroy(),
        () => undefined,
      );
    }
    this.#connections.close();
  }

  /**
   * The stream on which a legacy server sends what belongs to no request. Ends when the client closes, or when the server offers none.
   */
  async listen(): Promise<void> {
    const { signal } = this.#ended;
    const stream: Stream = { retryMs: RETRY_MS, resumes: 0 };
    while (stream.resumes < MAX_RESUMES && !signal.aborted) {
      stream.resumes += 1;
      const lost = await this.#resume(stream, undefined, undefined, signal).then(
        () => true,
        (error) => error instanceof ClientError && (error.kind === 'closed' || error.kind === 'timeout'),
      );
      if (!lost) return;
      await pause(stream.retryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #cancel(requestId: Id): Promise<void> {
    const params = { requestId, reason: 'nobody waits for it any more' };
    await this.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch(() => undefined);
  }

  get #batches(): boolean {
    return this.revision !== undefined && features(this.revision).batches;
  }

  get #legacy(): boolean {
    return this.revision === undefined || features(this.revision).era === 'legacy';
  }

  #post(message: Outgoing, signal: AbortSignal, mirrored: { [name: string]: string } = {}) {
    const headers: Headers = [
      ['Accept', 'application/json, text/event-stream'],
      ['Content-Type', 'application/json'],
      ...Object.entries(mirrored),
    ];
    return this.#exchange('POST', headers, JSON.stringify(message), signal);
  }

  /** Sends it with a token if there is one, and again with a better one for each challenge, up to MAX_STEP_UPS. */
  async #exchange(
    method: HttpRequest['method'],
    given: Headers,
    body: string | undefined,
    signal: AbortSignal,
  ) {
    const { tokens, headers: further = [] } = this.options;
    const usual: Headers = [];
    if (this.revision !== undefined) usual.push(['MCP-Protocol-Version', this.revision]);
    if (this.session !== undefined) usual.push(['Mcp-Session-Id', this.session]);
    let token = await tokens?.token();
    for (let stepUps = 0; ; stepUps += 1) {
      const bearer: Headers = token === undefined ? [] : [['Authorization', `Bearer ${token}`]];
      const headers = [...given, ...usual, ...further, ...bearer];
      const response = await this.#connections.send({
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      const { statusCode: status } = response;
      const challenges = challengesOf(response);
      const challenged = status === 401 || (status === 403 && challenges.length > 0);
      if (!challenged || tokens === undefined || stepUps === MAX_STEP_UPS) return response;
      token = await tokens.answer({ url: this.url, status, challenges });
      if (token === undefined) return response;
      response.destroy();
    }
  }

  async #problem(response: HttpResponse, message: OutgoingRequest | undefined, signal: AbortSignal) {
    const body = await this.#connections.readAll(response, MAX_MESSAGE, signal, true);
    const sessionLost = response.statusCode === 404 && this.session !== undefined && this.#legacy;
    return readProblem(this.url, response, body, {
      message,
      sessionLost,
      challenges: challengesOf(response),
    });
  }

  /** Reads the stream until the answer is there, and resumes it where a legacy server lets it go before. */
  async #untilAnswered(
    response: HttpResponse,
    message: OutgoingRequest,
    quietMs: number | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const stream: Stream = { retryMs: RETRY_MS, resumes: 0 };
    let answer = await this.#readStream(response, stream, message, quietMs, signal);
    while (answer === undefined) {
      // 2026-07-28 has no resuming: what was lost is asked for again, or not (2026-07-28/changelog/001).
      const resumable = this.#legacy && stream.lastId !== undefined && stream.resumes < MAX_RESUMES;
      if (!resumable)
        throw new ClientError('closed', `the stream ended before ${message.method} was answered`);
      stream.resumes += 1;
      await pause(stream.retryMs, undefined, { signal });
      answer = await this.#resume(stream, message, quietMs, signal);
    }
    return answer;
  }

  async #resume(
    stream: Stream,
    message: OutgoingRequest | undefined,
    quietMs: number | undefined,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const headers: Headers = [['Accept', 'text/event-stream']];
    if (stream.lastId !== undefined) headers.push(['Last-Event-ID', stream.lastId]);
    const response = await this.#exchange('GET', headers, undefined, signal);
    if (response.statusCode === 200 && mediaType(response) === 'text/event-stream')
      return this.#readStream(response, stream, message, quietMs, signal);
    return this.#problem(response, message, signal);
  }

  /** The answer on the stream; undefined where the stream ends before. */
  async #readStream(
    response: HttpResponse,
    stream: Stream,
    message: OutgoingRequest | undefined,
    quietMs: number | undefined,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const reader = new FrameReader(MAX_MESSAGE);
    let answer: Answer | undefined;
    const take = (chunk: Buffer): boolean => {
      for (const frame of readFrames(reader, chunk)) answer ??= this.#takeFrame(frame, stream, message);
      return answer !== undefined;
    };
    try {
      await this.#connections.read(response, quietMs, signal, take);
    } catch (error) {
      // A lost connection is no answer either, and may be resumed.
      if (!(error instanceof ClientError && error.kind === 'closed')) throw error;
    }
    return answer;
  }

  #takeFrame(frame: Frame, stream: Stream, message: OutgoingRequest | undefined): Answer | undefined {
    const { id, retry, event = 'message', data = '' } = frame;
    if (id !== undefined && !id.includes('\0')) {
      stream.lastId = id;
      stream.resumes = 0;
    }
    if (retry !== undefined && /^\d+$/.test(retry)) stream.retryMs = Math.min(Number(retry), MAX_RETRY_MS);
    // An event without data opens a stream, and one of another type is not for MCP.
    if (data === '' || event !== 'message') return undefined;
    return takeAnswer(readMessages(data, this.#batches), message?.id, this.receive);
  }
}

function readFrames(reader: FrameReader, chunk: Buffer): Frame[] {
  try {
    return reader.push(chunk);
  } catch (cause) {
    if (cause instanceof FrameTooLong) throw tooLarge(MAX_MESSAGE);
    throw new ClientError('protocol', 'the event stream is not UTF-8', { cause });
  }
}

function mediaType({ headers }: HttpResponse): string {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new ClientError('protocol', `the server used Content-Encoding ${preview(encoding)} unasked`);
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Each value of `WWW-Authenticate`, as received. */
function challengesOf({ rawHeaders }: HttpResponse): string[] {
  return rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'www-authenticate',
  );
}
