/**
 * The client's end of one conversation: numbers requests, says in each who speaks what, and takes what the server sends unasked. It
 * knows both eras and no method.
 */
import { after } from '../clock.js';
import { FAULTS } from '../fault.js';
import type { Id, Notification, Request } from '../jsonrpc/message.js';
import {
  CLIENT_CAPABILITIES,
  CLIENT_INFO,
  LOG_LEVEL,
  metaOf,
  PROTOCOL_VERSION,
  TASKS_EXTENSION,
} from '../mcp/meta.js';
import { mirroredHeaders } from '../mcp/request-headers.js';
import { type Era, features, MODERN, type Revision } from '../revisions.js';
import { isRecord, type JsonObject } from '../value.js';
import { ClientError } from './client-error.js';
import { answerInput, isInputMethod } from './inputs.js';
import type { ClientOptions } from './ports.js';
import type { Answer, Receive, Transport } from './transport.js';

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
export const LISTEN = 'subscriptions/listen';

export class Peer {
  readonly transport: Transport;
  readonly #options: ClientOptions;
  readonly #progress = new Map<Id, NonNullable<RequestOptions['onProgress']>>();
  readonly #questions = new Map<Id, AbortController>();
  #requests = 0;

  constructor(
    options: ClientOptions,
    open: (receive: Receive) => Transport,
    readonly onListChanged: (method: string) => void = () => undefined,
  ) {
    this.#options = options;
    this.transport = open((message) => this.#receive(message));
    this.revision = MODERN;
  }

  /** Undefined while `initialize` settles it. */
  get revision(): Revision | undefined {
    return this.transport.revision;
  }

  set revision(revision: Revision | undefined) {
    this.transport.revision = revision;
  }

  get era(): Era {
    return this.revision === undefined ? 'legacy' : features(this.revision).era;
  }

  /** What the client can be asked, in the words of this era. */
  get capabilities(): JsonObject {
    const { handlers = {} } = this.#options;
    return {
      ...(handlers['elicitation/create'] && { elicitation: { form: {}, url: {} } }),
      ...(handlers['sampling/createMessage'] && { sampling: {} }),
      ...(handlers['roots/list'] && { roots: {} }),
      ...(this.era === 'modern' && { extensions: { [TASKS_EXTENSION]: {} } }),
    };
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
    const listens = method === LISTEN;
    const given = new AbortController();
    const giveUp = (): void => given.abort(new ClientError('cancelled', `${method} was cancelled`));
    const forget = listens
      ? () => undefined
      : after(MAX_REQUEST_MS, () => given.abort(new ClientError('timeout', `${method} took over an hour`)));
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    if (onProgress !== undefined) this.#progress.set(id, onProgress);
    try {
      const sent = this.#withMeta(params, onProgress === undefined ? undefined : id);
      const mirrored = this.era === 'modern' ? { ...mirroredHeaders(method, params), ...headers } : {};
      const message = { jsonrpc: '2.0' as const, id, method, ...(sent && { params: sent }) };
      const quietMs = listens ? undefined : timeoutMs;
      return resultOf(
        await this.transport.request(message, { signal: given.signal, quietMs, headers: mirrored }),
      );
    } finally {
      forget();
      signal?.removeEventListener('abort', giveUp);
      this.#progress.delete(id);
    }
  }

  async notify(method: string, params: JsonObject = {}): Promise<void> {
    const sent = this.#withMeta(params, undefined);
    await this.transport.send({ jsonrpc: '2.0', method, ...(sent && { params: sent }) });
  }

  async close(): Promise<void> {
    for (const question of this.#questions.values()) question.abort();
    await this.transport.close();
  }

  /** Modern: each message says who sends it and what it speaks (2026-07-28/basic/056, /057, /060). */
  #withMeta(params: JsonObject, progressToken: Id | undefined): JsonObject | undefined {
    const { clientInfo, logLevel } = this.#options;
    const modern = this.era === 'modern' && {
      [PROTOCOL_VERSION]: this.revision,
      [CLIENT_INFO]: clientInfo,
      [CLIENT_CAPABILITIES]: this.capabilities,
      ...(logLevel && { [LOG_LEVEL]: logLevel }),
    };
    const _meta = { ...metaOf(params), ...modern, ...(progressToken !== undefined && { progressToken }) };
    if (Object.keys(_meta).length > 0) return { ...params, _meta };
    return Object.keys(params).length > 0 ? params : undefined;
  }

  #receive(message: Request | Notification): void {
    if (message.kind === 'request') return void this.#question(message);
    const { method, params } = message;
    if (method === 'notifications/progress') this.#takeProgress(params);
    if (method === 'notifications/cancelled') this.#questions.get(params.requestId as Id)?.abort();
    if (method.endsWith('/list_changed')) this.onListChanged(method);
    try {
      this.#options.onNotification?.(method, params);
    } catch {
      // A listener's mistake is not the client's.
    }
  }

  #takeProgress({ progressToken, progress, total, message }: JsonObject): void {
    if (typeof progress !== 'number') return;
    this.#progress.get(progressToken as Id)?.({
      progress,
      ...(typeof total === 'number' && { total }),
      ...(typeof message === 'string' && { message }),
    });
  }

  /** Answers a request of a legacy server. */
  async #question({ id, method, params }: Request): Promise<void> {
    // A modern server asks in its results only, and a client answers nothing else (2026-07-28/transports/004).
    if (this.era === 'modern')
      return void this.#options.onWarning?.(`the server sent the request ${method}, which ${MODERN} forbids`);
    const stop = new AbortController();
    const refuse = (code: number, message: string) => ({
      jsonrpc: '2.0' as const,
      id,
      error: { code, message },
    });
    const answer = async () => {
      if (method === 'ping') return { jsonrpc: '2.0' as const, id, result: {} };
      if (!isInputMethod(method) || this.#options.handlers?.[method] === undefined)
        return refuse(FAULTS.methodNotFound.code, `this client has no ${method}`);
      if (this.#questions.size >= MAX_QUESTIONS || this.#questions.has(id))
        return refuse(FAULTS.busy.code, 'this client is busy with other requests');
      this.#questions.set(id, stop);
      try {
        const result = await answerInput(this.#options.handlers, { method, params }, stop.signal);
        return { jsonrpc: '2.0' as const, id, result };
      } catch (error) {
        return refuse(FAULTS.internalError.code, error instanceof Error ? error.message : String(error));
      } finally {
        this.#questions.delete(id);
      }
    };
    const sent = await answer();
    // Nothing answers a request that its sender has cancelled.
    if (!stop.signal.aborted) await this.transport.send(sent).catch(() => undefined);
  }
}

function resultOf(answer: Answer): JsonObject {
  if ('result' in answer) return answer.result;
  const { error, status } = answer;
  const hint = isRecord(error.data) && typeof error.data.hint === 'string' ? ` (${error.data.hint})` : '';
  throw new ClientError('rpc', `${error.message}${hint}`, {
    code: error.code,
    data: error.data,
    ...(status !== undefined && { status }),
  });
}
