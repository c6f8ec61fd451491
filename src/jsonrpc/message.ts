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
/** An answer to a request of ours; only legacy clients may send one. */
export type Answer = { kind: 'answer'; id: Id; result?: JsonObject; error?: JsonObject };
export type Refused = { kind: 'refused'; id: Id | undefined; fault: Fault };
export type Message = Request | Notification | Answer | Refused;

export type Response = { jsonrpc: '2.0'; id?: Id; result: JsonObject } | ErrorResponse;
export type ErrorResponse = {
  jsonrpc: '2.0';
  id?: Id;
  error: { code: number; message: string; data?: unknown };
};

const NO_PARAMS: JsonObject = Object.freeze({});

export function readMessage(value: unknown): Message {
  if (Array.isArray(value)) return refused('a batch (array) is accepted only under revision 2025-03-26');
  if (!isRecord(value)) return refused(`expected one JSON object, received ${kindOf(value)}`);

  const { jsonrpc, method } = value;
  const id = isId(value.id) ? value.id : undefined;
  if (jsonrpc !== '2.0') return refused(`"jsonrpc" must be "2.0", received ${preview(jsonrpc)}`, id);
  // JSON-RPC allows a null id and fractions; MCP does neither, and an id beyond 2^53 could not be echoed as it came.
  if ('id' in value && id === undefined) {
    return refused(`"id" must be a string or an integer up to 2^53-1, received ${preview(value.id)}`);
  }
  if (method === undefined) return readAnswer(value, id);
  if ('result' in value || 'error' in value) {
    return refused('a message has either "method" or "result"/"error", not both', id);
  }
  if (typeof method !== 'string')
    return refused(`"method" must be a string, received ${preview(method)}`, id);
  const params = value.params === undefined ? NO_PARAMS : value.params;
  if (!isRecord(params)) return refused(`"params" must be an object, received ${kindOf(params)}`, id);
  return id === undefined
    ? { kind: 'notification', method, params }
    : { kind: 'request', id, method, params };
}

function readAnswer(value: JsonObject, id: Id | undefined): Message {
  const { result, error } = value;
  if (result === undefined && error === undefined) return refused('"method" is missing', id);
  if (result !== undefined && error !== undefined) {
    return refused('a response has either "result" or "error", not both', id);
  }
  if (id === undefined) return refused('a response must have an "id"');
  if (isRecord(result)) return { kind: 'answer', id, result };
  if (isRecord(error)) return { kind: 'answer', id, error };
  return refused(`"${result === undefined ? 'error' : 'result'}" must be an object`, id);
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
