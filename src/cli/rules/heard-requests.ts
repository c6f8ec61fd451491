/** The requests of one side: those that wait for their answer, and the ids of the last that had one. */
import type { Id } from '../../wire/jsonrpc/message.js';
import type { Revision } from '../../wire/revisions.js';
import type { JsonObject } from '../../wire/value.js';
import { BoundedMap } from './bounded.js';

/** What is remembered of a request until it is answered. */
export type HeardRequest = {
  id: Id;
  method: string;
  /** Undefined if the request names a revision that this code does not know; `unknownRevision` is that name. */
  revision: Revision | undefined;
  unknownRevision?: string;
  /** The HTTP exchange of the request, to be compared with others; undefined on stdio. */
  exchange: object | undefined;
  /** What it asks for: `params.name`, `params.uri` or `params.taskId`. */
  subject: string | undefined;
  cursor: unknown;
  /** The capabilities in the `_meta` of a modern request. */
  capabilities: JsonObject | undefined;
  hasLogLevel: boolean;
  /** A modern request without a required member of `_meta`. */
  lacksMeta: boolean;
  /** It is to run as a task of 2025-11-25. */
  asTask: boolean;
  /** The mode of an elicitation. */
  mode: string | undefined;
  /** The filter of `subscriptions/listen`. */
  filter: JsonObject | undefined;
  isAcknowledged: boolean;
  progressToken: unknown;
  lastProgress: number | undefined;
  /** Its exchange ended without an answer. */
  isLost: boolean;
  isAnswered: boolean;
  /** What is wrong with the request, so that a server must not answer it with a result. */
  mismatches: readonly Mismatch[];
};

/** A difference between a header of a modern request and what it mirrors. */
export type Mismatch = {
  clause: 'version' | 'method' | 'name' | 'param' | 'task';
  header: string;
  problem: 'missing' | 'differs';
  expected: string;
  received: string;
};

const MAX_OPEN = 1000;
const MAX_DONE = 2000;

/** An id with its JSON type: 1 and "1" are two ids. */
export function keyOf(id: unknown): string {
  return `${typeof id}:${String(id)}`;
}

export class HeardRequests {
  readonly #open = new BoundedMap<string, HeardRequest>(MAX_OPEN);
  readonly #done = new BoundedMap<string, string>(MAX_DONE);
  readonly #unclear = new BoundedMap<string, true>(MAX_DONE);
  /** Progress tokens of the last requests that had their answer; true if a task goes on with it. */
  readonly #pastTokens = new BoundedMap<string, boolean>(MAX_DONE);

  add(request: HeardRequest): void {
    const key = keyOf(request.id);
    if (this.#open.has(key)) this.#unclear.set(key, true);
    this.#open.set(key, request);
  }

  /** Something with this id that was no request may be refused under its id. */
  addBroken(id: unknown): void {
    this.#unclear.set(keyOf(id), true);
  }

  /** It cannot be told what an answer with this id answers: two requests had it at once, or something that was no request. */
  isUnclear(id: unknown): boolean {
    return this.#unclear.has(keyOf(id));
  }

  find(id: unknown): HeardRequest | undefined {
    return this.#open.get(keyOf(id));
  }

  /** The method of a request that had its answer already. */
  answeredMethod(id: unknown): string | undefined {
    return this.#done.get(keyOf(id));
  }

  /** True if a request with this id may have been forgotten. */
  get forgetful(): boolean {
    return this.#open.forgetful || this.#done.forgetful;
  }

  /** The request has its answer; `goesOn` as a task. */
  close(request: HeardRequest, goesOn = false): void {
    const key = keyOf(request.id);
    if (this.#open.get(key) === request) this.#open.delete(key);
    this.#done.set(key, request.method);
    if (request.progressToken !== undefined) this.#pastTokens.set(keyOf(request.progressToken), goesOn);
  }

  /** The request in flight that has this progress token. */
  withToken(token: unknown): HeardRequest | undefined {
    const key = keyOf(token);
    for (const request of this.#open.values()) {
      if (request.progressToken !== undefined && keyOf(request.progressToken) === key) return request;
    }
    return undefined;
  }

  /** A request with this token had its answer, and no task goes on with it. */
  isSpentToken(token: unknown): boolean {
    return this.#pastTokens.get(keyOf(token)) === false;
  }

  hadToken(token: unknown): boolean {
    return this.#pastTokens.has(keyOf(token));
  }
}
