/**
 * Requests of ours that legacy clients have not answered yet. Their ids are ours alone, so an answer finds its question
 * whatever connection it comes by.
 */
import type { Answer, Id } from '../jsonrpc/message.js';
import type { JsonObject } from '../value.js';
import { ToolError } from './tool.js';

type Waiting = { resolve: (result: JsonObject) => void; reject: (error: Error) => void };

export class Pending {
  readonly #waiting = new Map<Id, Waiting>();
  #made = 0;

  /** Sends a request by `send` and resolves with its result; a client that refuses it makes a ToolError. */
  ask(method: string, params: JsonObject, send: (message: object) => void): Promise<JsonObject> {
    this.#made += 1;
    const id = `server-${this.#made}`;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      send({ jsonrpc: '2.0', id, method, params });
    });
  }

  /** False when nothing waits for this answer. */
  settle({ id, result, error }: Answer): boolean {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) return false;
    if (result !== undefined) waiting.resolve(result);
    else waiting.reject(new ToolError(`the client refused: ${String(error?.message ?? 'no reason given')}`));
    return true;
  }
}
