/** What HTTP and stdio do for the client: carry a request and bring its answer, and hand over what comes besides. */
import { readJson } from '../jsonrpc/json.js';
import { type Id, type Message, type Notification, type Request, readMessage } from '../jsonrpc/message.js';
import type { Revision } from '../revisions.js';
import { isRecord, type JsonObject, preview } from '../value.js';
import { ClientError } from './client-error.js';

/** The largest message that a client reads, in bytes. */
export const MAX_MESSAGE = 16 * 1024 * 1024;
const JSON_BOUNDS = { depth: 128, members: 1_000_000, exact: false };

export type RpcError = { code: number; message: string; data?: unknown };
export type Answer = { result: JsonObject } | { error: RpcError; status?: number };

export type OutgoingRequest = { jsonrpc: '2.0'; id: Id; method: string; params?: JsonObject };
export type Outgoing =
  | { jsonrpc: '2.0'; method: string; params?: JsonObject }
  | { jsonrpc: '2.0'; id: Id; result: JsonObject }
  | { jsonrpc: '2.0'; id: Id; error: RpcError };

/** How one request travels. */
export type Carriage = {
  signal: AbortSignal;
  /** How long nothing may come before an answer. Undefined for a stream that may be quiet. */
  quietMs: number | undefined;
  /** Headers that mirror the body, for HTTP. */
  headers?: { [name: string]: string };
};

export type Transport = {
  /** What both sides speak; undefined while `initialize` settles it. */
  revision: Revision | undefined;
  /** Rejects with a ClientError, or with the reason of the signal. An abort tells the server that nobody waits any more. */
  request(message: OutgoingRequest, carriage: Carriage): Promise<Answer>;
  /** Sends a notification, or the answer to a request of the server. */
  send(message: Outgoing): Promise<void>;
  close(): Promise<void>;
};

/** Takes what is not the answer to a request of the client's. */
export type Receive = (message: Request | Notification) => void;

/** The messages of one body, event or line; several only where `batches` allows it. @throws ClientError */
export function readMessages(text: Uint8Array | string, batches: boolean): (Message | RpcFailure)[] {
  const json = readJson(text, JSON_BOUNDS);
  if (json.kind === 'refused')
    throw new ClientError('protocol', `what the server sent is no message: ${json.fault.detail}`);
  const values = batches && Array.isArray(json.value) ? json.value : [json.value];
  return values.map((value) => failureWithoutId(value) ?? readMessage(value));
}

/** An error without an id: the server could not read the id, or does not say it. */
export type RpcFailure = { kind: 'failure'; error: RpcError };

function failureWithoutId(value: unknown): RpcFailure | undefined {
  if (!isRecord(value) || (value.id !== undefined && value.id !== null)) return undefined;
  return isRecord(value.error) && value.method === undefined
    ? { kind: 'failure', error: readError(value.error) }
    : undefined;
}

/** @throws ClientError where it is no JSON-RPC error. */
export function readError({ code, message, data }: JsonObject): RpcError {
  if (!Number.isInteger(code) || typeof message !== 'string') {
    const received = preview({ code, message });
    throw new ClientError(
      'protocol',
      `the error has no whole number as "code" or no text as "message": ${received}`,
    );
  }
  return { code: code as number, message, ...(data === undefined ? {} : { data }) };
}

/**
 * The answer to the request `id` among the messages. What else they are goes to `receive`.
 * @throws ClientError where a message is malformed, or answers another request.
 */
export function takeAnswer(
  messages: readonly (Message | RpcFailure)[],
  id: Id | undefined,
  receive: Receive,
): Answer | undefined {
  let answer: Answer | undefined;
  for (const message of messages) {
    if (message.kind === 'request' || message.kind === 'notification') receive(message);
    else if (message.kind === 'failure') {
      if (id === undefined) throw new ClientError('protocol', `the server reports: ${message.error.message}`);
      answer = { error: message.error };
    } else {
      const problem = message.fault?.detail;
      if (problem !== undefined) throw new ClientError('protocol', `the server's message: ${problem}`);
      if (message.kind === 'refused') continue;
      if (message.id !== id) {
        const expected = id === undefined ? 'no answer' : `the answer to ${preview(id)}`;
        throw new ClientError('protocol', `expected ${expected}, received one to ${preview(message.id)}`);
      }
      answer = asAnswer(message);
    }
  }
  return answer;
}

export function asAnswer({ result, error }: { result?: JsonObject; error?: JsonObject }): Answer {
  return result === undefined ? { error: readError(error ?? {}) } : { result };
}
