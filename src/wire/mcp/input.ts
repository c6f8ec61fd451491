/**
 * What a server may ask a client for: a form or a page for its user, a completion by its model, its roots. Here are the requests, the
 * capability that each needs, and the check of the answers.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 */

import type { ClientResponse, Id } from '../jsonrpc/message.js';
import type { Features } from '../revisions.js';
import { compileSchema, SchemaRefused } from '../schema/compile.js';
import { problemText } from '../schema/problem.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';
import { type InputRequest, ToolError } from './definitions.js';

const PRIMITIVES = ['string', 'number', 'integer', 'boolean'];

/** A form (no `mode` means form) for the client's user. `requestedSchema` is a flat object of primitives (2026-07-28/elicitation/009). */
export function elicit(message: string, requestedSchema: JsonObject): InputRequest {
  checkFlat(requestedSchema);
  return { method: 'elicitation/create', params: { message, requestedSchema } };
}

/**
 * A page for the client's user, for data that must not pass through the client (2026-07-28/elicitation/002).
 * Only 2025-11-25 has `elicitationId` (2025-11-25/elicitation/005); `modernQuestion` leaves it out.
 */
export function elicitUrl(message: string, url: string, elicitationId: string): InputRequest {
  return {
    method: 'elicitation/create',
    params: { mode: 'url', message, url: new URL(url).href, elicitationId },
  };
}

/** The question as 2026-07-28 defines it: a page has `mode`, `message` and `url` (2026-07-28/elicitation/011). */
export function modernQuestion(request: InputRequest): InputRequest {
  if (request.params.elicitationId === undefined) return request;
  const { elicitationId: _, ...params } = request.params;
  return { ...request, params };
}

/** A completion by the client's model; `params` are those of `sampling/createMessage`. */
export function sample(params: JsonObject): InputRequest {
  return { method: 'sampling/createMessage', params };
}

export function listRoots(): InputRequest {
  return { method: 'roots/list', params: {} };
}

/** The capability that a client must have to be asked this (2026-07-28/mrtr/019). */
export function capabilityFor({ method, params }: InputRequest): JsonObject {
  if (method === 'roots/list') return { roots: {} };
  if (method === 'sampling/createMessage')
    return params.tools === undefined ? { sampling: {} } : { sampling: { tools: {} } };
  return params.mode === 'url' ? { elicitation: { url: {} } } : { elicitation: {} };
}

/** Whether `capabilities` allow this question. `elicitation: {}` means form mode, as in the revisions without modes. */
export function mayAsk(request: InputRequest, capabilities: JsonObject): boolean {
  const { elicitation } = capabilities;
  if (request.method !== 'elicitation/create') {
    const [name, inner] = Object.entries(capabilityFor(request))[0] ?? [];
    const capability = name === undefined ? undefined : capabilities[name];
    return isRecord(capability) && Object.keys(inner as JsonObject).every((key) => isRecord(capability[key]));
  }
  if (!isRecord(elicitation)) return false;
  if (request.params.mode === 'url') return isRecord(elicitation.url);
  return isRecord(elicitation.form) || !isRecord(elicitation.url);
}

/**
 * The question as the client's revision defines it; undefined if it cannot express it. Up to 2025-06-18, a form has plain fields, titles in
 * enumNames and defaults for booleans only, and a message for a model has one part (2025-06-18/elicitation/001, /002).
 */
export function olderQuestion(
  { method, params }: InputRequest,
  features: Features,
): InputRequest | undefined {
  if (features.questions === 'all' || method === 'roots/list') return { method, params };
  if (method === 'sampling/createMessage') {
    const { messages, tools, toolChoice } = params;
    if (tools !== undefined || toolChoice !== undefined) return undefined;
    const singlePartMessages = (messages as JsonObject[]).flatMap(({ role, content }) =>
      [content].flat().map((part) => ({ role, content: part })),
    );
    return { method, params: { ...params, messages: singlePartMessages } };
  }
  const { mode, requestedSchema, ...rest } = params;
  if (features.questions === 'none' || mode === 'url') return undefined;
  const schema = requestedSchema as JsonObject;
  const fields = Object.entries(schema.properties as { [name: string]: JsonObject });
  // A choice of several values.
  if (fields.some(([, { type }]) => type === 'array')) return undefined;
  const properties = Object.fromEntries(fields.map(([name, field]) => [name, olderField(field)]));
  return { method, params: { ...rest, requestedSchema: { ...schema, properties } } };
}

function olderField({ default: fallback, oneOf, ...field }: JsonObject): JsonObject {
  if (field.type === 'boolean') return fallback === undefined ? field : { ...field, default: fallback };
  if (!Array.isArray(oneOf)) return field;
  return { ...field, enum: oneOf.map((one) => one.const), enumNames: oneOf.map((one) => one.title) };
}

/** What is wrong with `answer`; undefined if it answers `request`. */
export function answerProblem(request: InputRequest, answer: unknown): string | undefined {
  if (!isRecord(answer)) return `expected an object, received ${kindOf(answer)}`;
  if (request.method === 'roots/list') {
    return Array.isArray(answer.roots)
      ? undefined
      : `expected "roots" to be an array, received ${kindOf(answer.roots)}`;
  }
  if (request.method === 'sampling/createMessage') {
    const hasContent = isRecord(answer.content) || Array.isArray(answer.content);
    return answer.role === 'assistant' && hasContent
      ? undefined
      : 'expected "role": "assistant" and "content"';
  }
  const { action, content } = answer;
  if (action !== 'accept' && action !== 'decline' && action !== 'cancel') {
    return `expected "action" to be accept, decline or cancel, received ${preview(action)}`;
  }
  if (action !== 'accept' || request.params.mode === 'url') return undefined;
  const problem = compileSchema('requestedSchema', request.params.requestedSchema)(content ?? {});
  return problem === undefined ? undefined : problemText(problem);
}

/** @throws SchemaRefused unless it is a flat object of primitives (2026-07-28/elicitation/009) */
export function checkFlat({ type, properties }: JsonObject): void {
  if (type !== 'object' || !isRecord(properties)) {
    throw new SchemaRefused('requestedSchema: expected type "object" with "properties"');
  }
  for (const [name, part] of Object.entries(properties)) {
    const isPrimitive = isRecord(part) && PRIMITIVES.includes(String(part.type));
    const isMultiSelect = isRecord(part) && part.type === 'array' && isRecord(part.items);
    if (!isPrimitive && !isMultiSelect) {
      throw new SchemaRefused(
        `requestedSchema: /properties/${name} must be a primitive or a multi-select enum`,
      );
    }
  }
}

type Waiter = { resolve: (result: JsonObject) => void; reject: (error: Error) => void };
type Send = (message: { jsonrpc: '2.0'; method: string; params: JsonObject; id?: Id }) => void;

export class Pending {
  readonly #waiters = new Map<Id, Waiter>();
  #requests = 0;
  #ended = false;

  /** `prefix` sets the ids of one replica apart from those of another. */
  constructor(readonly prefix = 'server') {}

  /** Sends a request and resolves with its result; rejects with a ToolError if the client refuses. */
  ask(method: string, params: JsonObject, signal: AbortSignal, send: Send): Promise<JsonObject> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#ended) return Promise.reject(clientLeftError());
    this.#requests += 1;
    const id = `${this.prefix}-${this.#requests}`;
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
      const withdraw = (): void => {
        if (!this.#waiters.delete(id)) return;
        send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
        reject(signal.reason);
      };
      signal.addEventListener('abort', withdraw, { once: true });
      send({ jsonrpc: '2.0', id, method, params });
    });
  }

  /** False if nothing waits for this answer. */
  settle({ id, result, error, fault }: ClientResponse): boolean {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (waiter === undefined) return false;
    if (fault !== undefined)
      waiter.reject(new ToolError(`the client's answer is malformed: ${fault.detail}`));
    else if (result !== undefined) waiter.resolve(result);
    else waiter.reject(new ToolError(`the client refused: ${preview(error?.message)}`));
    return true;
  }

  /** The client is gone: every question fails, also those still to come. */
  end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiters.values()) reject(clientLeftError());
    this.#waiters.clear();
  }
}

function clientLeftError(): ToolError {
  return new ToolError('the client has left');
}
