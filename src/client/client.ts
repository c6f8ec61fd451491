/**
 * An MCP client: connects in whatever era the server speaks, and carries each request to its end, through input rounds and tasks.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
import { FAULTS } from '../wire/fault.js';
import { type Era, NEWEST_LEGACY, type Revision } from '../wire/revisions.js';
import { isRecord, type JsonObject, preview } from '../wire/value.js';
import { ClientError, violation } from './client-error.js';
import type { ServerFacts } from './handshake.js';
import { answerInputs } from './inputs.js';
import type { Peer } from './peer.js';
import type { ClientOptions } from './ports.js';
import { type TaskOptions, taskResult } from './tasks.js';
import type { ToolBook } from './tools.js';
import type { Carriage } from './transport.js';

export type ListMethod = 'tools/list' | 'resources/list' | 'resources/templates/list' | 'prompts/list';

export type Client = {
  readonly era: Era;
  readonly revision: Revision;
  readonly server: ServerFacts;
  /** The result of a request, once its input rounds and its task are over. Rejects with a ClientError. */
  request(method: string, params?: JsonObject, options?: TaskOptions): Promise<JsonObject>;
  /** Every entry of a list, page by page; tools without those whose definition is not valid. */
  list(method: ListMethod, options?: TaskOptions): AsyncGenerator<JsonObject, void, undefined>;
  /** Calls a tool, with the headers that its schema asks for, and checks what it returns. */
  callTool(name: string, args?: JsonObject, options?: TaskOptions): Promise<JsonObject>;
  notify(method: string, params?: JsonObject): Promise<void>;
  close(): Promise<void>;
};

const ITEMS: { [M in ListMethod]: string } = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};
/** Only these may be answered with questions (2026-07-28/mrtr/005). */
const MAY_ASK = ['tools/call', 'prompts/get', 'resources/read'];
const MAX_ROUNDS = 20;
const MAX_PAGES = 1_000;

export class McpClient implements Client {
  #server: ServerFacts = { info: {}, capabilities: {} };
  readonly #peer: Peer;
  readonly #options: ClientOptions;
  readonly #shakeHands: () => Promise<ServerFacts>;
  readonly #tools: ToolBook;
  #reopening: Promise<ServerFacts> | undefined;

  constructor(peer: Peer, tools: ToolBook, options: ClientOptions, handshake: () => Promise<ServerFacts>) {
    this.#peer = peer;
    this.#tools = tools;
    this.#options = options;
    this.#shakeHands = handshake;
    peer.onListChanged = (method) => {
      if (method === 'notifications/tools/list_changed') this.#tools.forget();
    };
  }

  async open(): Promise<this> {
    const { signal } = this.#options;
    const stop = (): unknown => this.close();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      if (signal?.aborted) throw new ClientError('cancelled', 'the client was closed');
      this.#server = await this.#shakeHands();
      return this;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  get era(): Era {
    return this.#peer.era;
  }

  get revision(): Revision {
    return this.#peer.transport.revision ?? NEWEST_LEGACY;
  }

  get server(): ServerFacts {
    return this.#server;
  }

  request(method: string, params: JsonObject = {}, options: TaskOptions = {}): Promise<JsonObject> {
    return this.#finish(method, params, options, {});
  }

  async *list(method: ListMethod, options: TaskOptions = {}): AsyncGenerator<JsonObject, void, undefined> {
    const cursors = new Set<unknown>();
    const name = ITEMS[method];
    for (let cursor: unknown; ; ) {
      const result = await this.request(method, cursor === undefined ? {} : { cursor }, options);
      const items = result[name];
      if (!Array.isArray(items) || !items.every(isRecord))
        throw violation(`the result of ${method} has no list of objects as "${name}"`);
      for (const item of items) if (method !== 'tools/list' || this.#tools.add(item)) yield item;
      cursor = result.nextCursor;
      if (cursor === undefined || cursor === null) break;
      // A cursor means nothing to a client, but the same one twice has no end (2026-07-28/pagination/007).
      if (typeof cursor !== 'string' || cursors.has(cursor) || cursors.size >= MAX_PAGES)
        throw violation(`${method} has no end: page ${cursors.size + 1} leads to ${preview(cursor)}`);
      cursors.add(cursor);
    }
    if (method === 'tools/list') this.#tools.complete = true;
  }

  async callTool(name: string, args: JsonObject = {}, options: TaskOptions = {}): Promise<JsonObject> {
    await this.#learnTools(options);
    const params = { name, arguments: args };
    const call = () => this.#finish('tools/call', params, options, this.#tools.headersFor(name, args));
    try {
      return this.#tools.checked(name, await call());
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== FAULTS.headerMismatch.code) throw error;
      // The schema has changed since it was read (2026-07-28/streamable-http/059).
      this.#tools.forget();
      await this.#learnTools(options);
      return this.#tools.checked(name, await call());
    }
  }

  notify(method: string, params: JsonObject = {}): Promise<void> {
    return this.#peer.notify(method, params);
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  async #learnTools({ signal, timeoutMs }: TaskOptions): Promise<void> {
    if (this.#tools.complete) return;
    try {
      for await (const _ of this.list('tools/list', { signal, timeoutMs }));
    } catch (error) {
      // A server may have a tool and no list.
      if (!(error instanceof ClientError && error.code === FAULTS.methodNotFound.code)) throw error;
    }
  }

  /** Sends the request, and again with the answers for as long as the server asks (2026-07-28/mrtr/022 to /025). */
  async #finish(method: string, params: JsonObject, options: TaskOptions, headers: Carriage['headers']) {
    const { handlers = {} } = this.#options;
    let requestParams = params;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const result = await this.#inSession(() => this.#peer.call(method, requestParams, options, headers));
      // A result without a type is complete, as all are in the legacy era (2026-07-28/basic/012).
      const { resultType = 'complete', inputRequests, requestState } = result;
      if (this.era === 'legacy' || resultType === 'complete') return result;
      if (resultType === 'task' && method === 'tools/call')
        return taskResult(this.#peer, result, handlers, options);
      if (resultType !== 'input_required' || !MAY_ASK.includes(method))
        throw violation(`${method} has a result of the type ${preview(resultType)}`);
      const { signal = new AbortController().signal } = options;
      requestParams = {
        ...params,
        ...(isRecord(inputRequests) && {
          inputResponses: await answerInputs(handlers, inputRequests, signal),
        }),
        // Byte for byte, or not at all (2026-07-28/mrtr/023, /024).
        ...(requestState !== undefined && { requestState }),
      };
    }
    throw violation(`${method} asked for input ${MAX_ROUNDS} times and is not done`);
  }

  /** Opens another session where the server has ended this one, once (2025-11-25/transports/059). */
  async #inSession(send: () => Promise<JsonObject>): Promise<JsonObject> {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ClientError) || error.kind !== 'session') throw error;
      this.#reopening ??= this.#shakeHands().finally(() => {
        this.#reopening = undefined;
      });
      await this.#reopening;
      return send();
    }
  }
}
