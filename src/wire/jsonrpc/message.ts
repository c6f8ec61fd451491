/**
 * Reads one JSON value as one JSON-RPC 2.0 message, with MCP's restrictions. Pure: it answers every input and throws nothing.
 * mcp/ decides which methods exist and what their parameters mean.
 *
 * @see https://www.jsonrpc.org/specification
 */

import { Fault } from '../fault.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';

export type Id = string | number;

/** Characters of an id or a progress token, which is sent back in every answer and notification: far more than an honest one has. */
export const MAX_ID = 1_024;

export type Request = { kind: 'request'; id: Id; method: string; params: JsonObject };
export type Notification = { kind: 'notification'; method: string; params: JsonObject };
/**
 * A response to one of our requests; only legacy clients may send one. With a `fault` it is malformed: the call that waits for it
 * fails, and the refusal has no id, because the id names our request and not one of the client's.
 */
export type ClientResponse = {
  kind: 'answer';
  id: Id;
  result?: JsonObject;
  error?: JsonObject;
  fault?: Fault;
};
/**
 * `mayAnswer`: it could be meant as a request or as a response, since it has the members of both or of neither. `notifies`: it is a
 * notification, which no message answers (2026-07-28/basic/027).
 */
export type RefusedMessage = {
  kind: 'refused';
  id: Id | undefined;
  fault: Fault;
  mayAnswer?: true;
  notifies?: true;
};
export type Message = Request | Notification | ClientResponse | RefusedMessage;

export type Response = { jsonrpc: '2.0'; id?: Id; result: JsonObject } | ErrorResponse;
export type ErrorResponse = {
  jsonrpc: '2.0';
  id?: Id;
  error: { code: number; message: string; data?: unknown };
};

const NO_PARAMS: JsonObject = Object.freeze({});
/** The parameters of a message that sent null for them. mcp/ decides whether they may be left out. */
export const NULL_PARAMS: JsonObject = Object.freeze({});

export function readMessage(value: unknown): Message {
  if (Array.isArray(value)) return refuse('a batch (array) is accepted only under revision 2025-03-26');
  if (!isRecord(value)) return refuse(`expected one JSON object, received ${kindOf(value)}`);

  const { jsonrpc, method } = value;
  const id = isId(value.id) ? value.id : undefined;
  if (jsonrpc !== '2.0')
    return refuseMalformed(value, `"jsonrpc" must be "2.0", received ${preview(jsonrpc)}`);
  // JSON-RPC allows null and fractions as ids. MCP allows neither, and we could not echo an id beyond 2^53 unchanged.
  if ('id' in value && id === undefined) {
    return isTooLong(value.id)
      ? refuse(`"id" may have at most ${MAX_ID} characters, received ${value.id.length}`)
      : refuse(`"id" must be a string or an integer up to 2^53-1, received ${preview(value.id)}`);
  }
  if (method === undefined) return readAnswer(value, id);
  if ('result' in value || 'error' in value) {
    return refuseMalformed(value, 'a message has either "method" or "result"/"error", not both');
  }
  if (typeof method !== 'string') return refuse(`"method" must be a string, received ${preview(method)}`, id);
  const params = value.params === undefined ? NO_PARAMS : (value.params ?? NULL_PARAMS);
  if (!isRecord(params))
    return refuseMalformed(value, `"params" must be an object, received ${kindOf(params)}`);
  return id === undefined
    ? { kind: 'notification', method, params }
    : { kind: 'request', id, method, params };
}

function readAnswer(value: JsonObject, id: Id | undefined): Message {
  const { result, error } = value;
  if (result === undefined && error === undefined) return refuseMalformed(value, '"method" is missing');
  if (result !== undefined && error !== undefined) {
    return refuseMalformed(value, 'a response has either "result" or "error", not both');
  }
  if (id === undefined) return refuse('a response must have an "id"');
  if (isRecord(result)) return { kind: 'answer', id, result };
  if (isRecord(error)) return { kind: 'answer', id, error };
  const [name, received] = result === undefined ? ['error', error] : ['result', result];
  return refuseMalformed(value, `"${name}" of a response must be an object, received ${kindOf(received)}`);
}

function refuseMalformed(value: JsonObject, detail: string): RefusedMessage | ClientResponse {
  return refusedMessage(value, new Fault('invalidRequest', detail));
}

/** Says, as far as possible, what the refused value is: a request from the client, or its response to one of ours. */
export function refusedMessage(value: unknown, fault: Fault): RefusedMessage | ClientResponse {
  if (!isRecord(value)) return { kind: 'refused', id: undefined, fault };
  const id = isId(value.id) ? value.id : undefined;
  const responds = 'result' in value || 'error' in value;
  if (id === undefined) {
    const notifies =
      value.jsonrpc === '2.0' && typeof value.method === 'string' && !('id' in value) && !responds;
    return notifies ? { kind: 'refused', id, fault, notifies } : { kind: 'refused', id, fault };
  }
  if (responds && value.method === undefined) return { kind: 'answer', id, fault };
  if (responds || value.method === undefined) return { kind: 'refused', id, fault, mayAnswer: true };
  return { kind: 'refused', id, fault };
}

export function isId(value: unknown): value is Id {
  return typeof value === 'string' ? value.length <= MAX_ID : Number.isSafeInteger(value);
}

/** Whether it would be an id or a progress token, if it were shorter. */
export function isTooLong(value: unknown): value is string {
  return typeof value === 'string' && value.length > MAX_ID;
}

/** A Fault as a JSON-RPC error; without `id` when the request's id could not be read (2026-07-28/basic/013). */
export function errorResponse(id: Id | undefined, { code, message, data }: Fault): ErrorResponse {
  const error = data === undefined ? { code, message } : { code, message, data };
  return id === undefined ? { jsonrpc: '2.0', error } : { jsonrpc: '2.0', id, error };
}

function refuse(detail: string, id?: Id): RefusedMessage {
  return { kind: 'refused', id, fault: new Fault('invalidRequest', detail) };
}
