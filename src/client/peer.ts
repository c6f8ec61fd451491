/**
 * The client's end of one conversation: numbers requests, says in each who speaks what, and takes what the server sends unasked. It
 * knows both eras and no method.
 */
import { after } from '../wire/clock.js';
import { Fault } from '../wire/fault.js';
import type { Id, Notification, Request } from '../wire/jsonrpc/message.js';
import * as meta from '../wire/mcp/meta.js';
import { mirroredHeaders } from '../wire/mcp/request-headers.js';
import { type Era, MODERN, REVISIONS } from '../wire/revisions.js';
import type { JsonObject } from '../wire/value.js';
import { ClientError } from './client-error.js';
import { answerInput, capabilitiesOf } from './inputs.js';
import type { ClientOptions } from './ports.js';
import type { Outgoing, Receive, Transport } from './transport.js';

export type RequestOptions = {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { progress: number; total?: number; message?: string }) => void) | undefined;
  /** How long nothing may come before the answer; otherwise that of the client. Progress starts it again. */
  timeoutMs?: number | undefined;
};

export const DEFAULT_TIMEOUT_MS = 60_000;
/** No request takes longer, whatever progress it reports (2026-07-28/cancellation/010). */
const MAX_REQUEST_MS = 60 * 60_000;
/** Requests of a legacy server that may wait for their answers at the same time. */
const MAX_QUESTIONS = 16;

/** A stream that has no answer until it ends. */
const LISTEN = 'subscriptions/listen';

export class Peer {
  readonly transport: Transport;
  readonly #options: ClientOptions;
  readonly #progress = new Map<Id, NonNullable<RequestOptions['onProgress']>>();
  readonly #questions = new Map<Id, AbortController>();
  #requests = 0;
  /** Called for each list that changed. */
  onListChanged: (method: string) => void = () => undefined;

  constructor(options: ClientOptions, open: (receive: Receive) => Transport) {
    this.#options = options;
    this.transport = open((message) => this.#receive(message));
  }

  get era(): Era {
    return this.transport.revision === undefined ? 'legacy' : REVISIONS[this.transport.revision].era;
  }

  /** What the client can be asked, in the words of this era. */
  get capabilities(): JsonObject {
    const answerable = capabilitiesOf(this.#options.handlers ?? {});
    return this.era === 'legacy' ? answerable : { ...answerable, extensions: { [meta.TASKS_EXTENSION]: {} } };
  }

  /** The result of one request, as it came. `headers` mirror its arguments. */
  async call(
    method: string,
    params: JsonObject,
    { signal, onProgress, timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS }: RequestOptions = {},
    headers: { [name: string]: string } = {},
  ): Promise<JsonObject> {
    this.#requests += 1;
    const id = this.#requests;
    const controller = new AbortController();
    const giveUp = (): void => controller.abort(new ClientError('cancelled', `${method} was cancelled`));
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    const tooLate = (): void => controller.abort(new ClientError('timeout', `${method} took over an hour`));
    const forget = method === LISTEN ? () => undefined : after(MAX_REQUEST_MS, tooLate);
    if (onProgress !== undefined) this.#progress.set(id, onProgress);
    try {
      const message = this.#withMeta(params, onProgress === undefined ? undefined : id);
      return await this.transport.request(
        { jsonrpc: '2.0', id, method, ...message },
        {
          signal: controller.signal,
          quietMs: method === LISTEN ? undefined : timeoutMs,
          isPaused: () => this.#questions.size > 0,
          headers: this.era === 'modern' ? { ...mirroredHeaders(method, params), ...headers } : {},
        },
      );
    } finally {
      forget();
      signal?.removeEventListener('abort', giveUp);
      this.#progress.delete(id);
    }
  }

  notify(method: string, params: JsonObject = {}): Promise<void> {
    return this.transport.send({ jsonrpc: '2.0', method, ...this.#withMeta(params, undefined) });
  }

  close(): Promise<void> {
    for (const question of this.#questions.values()) question.abort();
    return this.transport.close();
  }

  /** Modern: each message says who sends it and what it speaks (2026-07-28/basic/056, /057, /060). */
  #withMeta(params: JsonObject, progressToken: Id | undefined): { params?: JsonObject } {
    const { clientInfo, logLevel } = this.#options;
    const _meta = {
      ...meta.metaOf(params),
      ...(this.era === 'modern' && {
        [meta.PROTOCOL_VERSION]: this.transport.revision,
        [meta.CLIENT_INFO]: clientInfo,
        [meta.CLIENT_CAPABILITIES]: this.capabilities,
        ...(logLevel && { [meta.LOG_LEVEL]: logLevel }),
      }),
      ...(progressToken !== undefined && { progressToken }),
    };
    const fullParams = Object.keys(_meta).length > 0 ? { ...params, _meta } : params;
    return Object.keys(fullParams).length > 0 ? { params: fullParams } : {};
  }

  #receive(message: Request | Notification): void {
    const { method, params } = message;
    const { onNotification, onWarning } = this.#options;
    if (message.kind === 'request') {
      // A modern server asks in its results only, and a client answers nothing else (2026-07-28/transports/004).
      if (this.era === 'legacy') void this.#answer(message);
      else onWarning?.(`the server sent the request ${method}, which ${MODERN} forbids`);
      return;
    }
    try {
      if (method === 'notifications/progress') this.#takeProgress(params);
      onNotification?.(method, params);
    } catch {
      // A listener's mistake is not the client's.
    }
    if (method === 'notifications/cancelled') this.#questions.get(params.requestId as Id)?.abort();
    if (method.endsWith('/list_changed')) this.onListChanged(method);
  }

  #takeProgress({ progressToken, progress, total, message }: JsonObject): void {
    if (typeof progress !== 'number') return;
    const more = {
      ...(typeof total === 'number' && { total }),
      ...(typeof message === 'string' && { message }),
    };
    this.#progress.get(progressToken as Id)?.({ progress, ...more });
  }

  async #answer({ id, method, params }: Request): Promise<void> {
    const stop = new AbortController();
    let response: Outgoing;
    try {
      response = { jsonrpc: '2.0', id, result: await this.#resultFor(id, method, params, stop) };
    } catch (cause) {
      const fault = asFault(cause as Error);
      response = { jsonrpc: '2.0', id, error: { code: fault.code, message: fault.message } };
    }
    // A cancelled request gets no answer.
    if (!stop.signal.aborted) await this.transport.send(response).catch(() => undefined);
  }

  async #resultFor(id: Id, method: string, params: JsonObject, stop: AbortController): Promise<JsonObject> {
    if (method === 'ping') return {};
    const { handlers = {} } = this.#options;
    if (!Object.hasOwn(handlers, method)) throw new Fault('methodNotFound', `this client has no ${method}`);
    if (this.#questions.size >= MAX_QUESTIONS || this.#questions.has(id))
      throw new Fault('busy', 'this client is answering other requests');
    this.#questions.set(id, stop);
    try {
      return await answerInput(handlers, { method, params }, stop.signal);
    } finally {
      this.#questions.delete(id);
    }
  }
}

/** What this client does not offer, or no client has to answer, is the server's mistake (2025-11-25/elicitation/016). */
function asFault(cause: Error): Fault {
  if (cause instanceof Fault) return cause;
  const theirs = cause instanceof ClientError && cause.kind === 'protocol';
  return new Fault(theirs ? 'invalidParams' : 'internalError', cause.message);
}
