/**
 * Requests of ours that legacy clients have not answered yet. Their ids are ours alone, so an answer finds its question
 * whatever connection it comes by; a question whose call has ended is withdrawn.
 */
import type { ClientResponse, Id } from '../jsonrpc/message.js';
import { type JsonObject, preview } from '../value.js';
import { ToolError } from './definitions.js';

type Waiting = { resolve: (result: JsonObject) => void; reject: (error: Error) => void };
type Send = (message: { jsonrpc: '2.0'; method: string; params: JsonObject; id?: Id }) => void;

export class Pending {
  readonly #waiting = new Map<Id, Waiting>();
  #made = 0;
  #ended = false;

  /** `prefix` tells the ids of one replica from those of another. */
  constructor(readonly prefix = 'server') {}

  /** Sends a request and resolves with its result; a client that refuses it makes a ToolError. */
  ask(method: string, params: JsonObject, signal: AbortSignal, send: Send): Promise<JsonObject> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#ended) return Promise.reject(gone());
    this.#made += 1;
    const id = `${this.prefix}-${this.#made}`;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const withdraw = (): void => {
        if (!this.#waiting.delete(id)) return;
        send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
        reject(signal.reason);
      };
      signal.addEventListener('abort', withdraw, { once: true });
      send({ jsonrpc: '2.0', id, method, params });
    });
  }

  /** False when nothing waits for this answer. */
  settle({ id, result, error, fault }: ClientResponse): boolean {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) return false;
    if (fault !== undefined)
      waiting.reject(new ToolError(`the client's answer is malformed: ${fault.detail}`));
    else if (result !== undefined) waiting.resolve(result);
    else waiting.reject(new ToolError(`the client refused: ${preview(error?.message)}`));
    return true;
  }

  /** The client is gone, and with it every answer, also to what is asked later. */
  end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(gone());
    this.#waiting.clear();
  }
}

function gone(): ToolError {
  return new ToolError('the client has left');
}
