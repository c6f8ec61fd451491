/**
 * One JSON value to one JSON-RPC 2.0 message, as MCP narrows it. Pure: an answer for every input, nothing thrown.
 * Which methods exist and what their parameters mean is decided in mcp/.
 *
 * @see https://www.jsonrpc.org/specification
 */

import { Fault } from '../fault.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';

export type Id = string | number;

export type Request = { kind: 'request'; id: Id; method: string; params: JsonObject };
export type Notification = { kind: 'notification'; method: string; params: JsonObject };
/**
 * An answer to a request of ours; only legacy clients may send one. With a `fault` it is malformed: what waits for it cannot go
 * on, and the refusal has no id, since under that id no request of the client's is known.
 */
export type ClientResponse = {
  kind: 'answer';
  id: Id;
  result?: JsonObject;
  error?: JsonObject;
  fault?: Fault;
};
/** `mayAnswer`: it could be a request or a response that lacks what would tell them apart. */
export type Refused = { kind: 'refused'; id: Id | undefined; fault: Fault; mayAnswer?: true };
export type Message = Request | Notification | ClientResponse | Refused;

export type Response = { jsonrpc: '2.0'; id?: Id; result: JsonObject } | ErrorResponse;
export type ErrorResponse = {
  jsonrpc: '2.0';
  id?: Id;
  error: { code: number; message: string; data?: unknown };
};

const NO_PARAMS: JsonObject = Object.freeze({});
/** The parameters of a message that sent null for them. Whether they may be left out is for mcp/ to say. */
export const NULL_PARAMS: JsonObject = Object.freeze({});

export function readMessage(value: unknown): Message {
  if (Array.isArray(value)) return refused('a batch (array) is accepted only under revision 2025-03-26');
  if (!isRecord(value)) return refused(`expected one JSON object, received ${kindOf(value)}`);

  const { jsonrpc, method } = value;
  const id = idOf(value);
  if (jsonrpc !== '2.0') return malformed(value, `"jsonrpc" must be "2.0", received ${preview(jsonrpc)}`);
  // JSON-RPC allows a null id and fractions; MCP does neither, and an id beyond 2^53 could not be echoed as it came.
  if ('id' in value && id === undefined) {
    return refused(`"id" must be a string or an integer up to 2^53-1, received ${preview(value.id)}`);
  }
  if (method === undefined) return readAnswer(value, id);
  if ('result' in value || 'error' in value) {
    return malformed(value, 'a message has either "method" or "result"/"error", not both');
  }
  if (typeof method !== 'string')
    return refused(`"method" must be a string, received ${preview(method)}`, id);
  const params = value.params === undefined ? NO_PARAMS : (value.params ?? NULL_PARAMS);
  if (!isRecord(params)) return refused(`"params" must be an object, received ${kindOf(params)}`, id);
  return id === undefined
    ? { kind: 'notification', method, params }
    : { kind: 'request', id, method, params };
}

function readAnswer(value: JsonObject, id: Id | undefined): Message {
  const { result, error } = value;
  if (result === undefined && error === undefined) return malformed(value, '"method" is missing');
  if (result !== undefined && error !== undefined) {
    return malformed(value, 'a response has either "result" or "error", not both');
  }
  if (id === undefined) return refused('a response must have an "id"');
  if (isRecord(result)) return { kind: 'answer', id, result };
  if (isRecord(error)) return { kind: 'answer', id, error };
  const [name, given] = result === undefined ? ['error', error] : ['result', result];
  return malformed(value, `"${name}" of a response must be an object, received ${kindOf(given)}`);
}

function malformed(value: JsonObject, detail: string): Refused | ClientResponse {
  return refusedMessage(value, new Fault('invalidRequest', detail));
}

/** What is refused, as far as it can be told: a request of the client's, or its answer to one of ours. */
export function refusedMessage(value: unknown, fault: Fault): Refused | ClientResponse {
  const id = idOf(value);
  if (!isRecord(value) || id === undefined) return { kind: 'refused', id, fault };
  const responds = 'result' in value || 'error' in value;
  if (responds && value.method === undefined) return { kind: 'answer', id, fault };
  if (responds || value.method === undefined) return { kind: 'refused', id, fault, mayAnswer: true };
  return { kind: 'refused', id, fault };
}

export function isId(value: unknown): value is Id {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

/** The id of a value that may be a message. */
export function idOf(value: unknown): Id | undefined {
  return isRecord(value) && isId(value.id) ? value.id : undefined;
}

/** The JSON-RPC error that tells a Fault; without `id` when the request's could not be read (2026-07-28/basic/013). */
export function errorResponse(id: Id | undefined, fault: Fault, data: unknown = fault.data): ErrorResponse {
  const { code, message } = fault;
  const error = data === undefined ? { code, message } : { code, message, data };
  return id === undefined ? { jsonrpc: '2.0', error } : { jsonrpc: '2.0', id, error };
}

function refused(detail: string, id?: Id): Refused {
  return { kind: 'refused', id, fault: new Fault('invalidRequest', detail) };
}
