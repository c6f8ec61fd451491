/** What HTTP and stdio do for the client: carry a request and bring its result, and hand over what comes besides. */
import { readJson } from '../wire/jsonrpc/json.js';
import { type Id, type Notification, type Request, readMessage } from '../wire/jsonrpc/message.js';
import type { Revision } from '../wire/revisions.js';
import { isRecord, type JsonObject, preview } from '../wire/value.js';
import { ClientError, violation } from './client-error.js';

/** The largest message that a client reads, in bytes. */
export const MAX_MESSAGE = 16 * 1024 * 1024;
const JSON_BOUNDS = { depth: 128, members: 1_000_000, exact: false };

export type OutgoingRequest = { jsonrpc: '2.0'; id: Id; method: string; params?: JsonObject };
export type Outgoing =
  | { jsonrpc: '2.0'; method: string; params?: JsonObject }
  | { jsonrpc: '2.0'; id: Id; result: JsonObject }
  | { jsonrpc: '2.0'; id: Id; error: { code: number; message: string } };

/** How one request travels. */
export type Carriage = {
  signal: AbortSignal;
  /** How long nothing may come before the answer. Undefined for a stream that may be quiet. */
  quietMs: number | undefined;
  /** Whether the silence is not the server's: it waits for an answer of this client. */
  isPaused?: (() => boolean) | undefined;
  /** Headers that mirror the body, for HTTP. */
  headers: { [name: string]: string };
};

/** The notification that cancels a request. */
export function cancellation({ id }: OutgoingRequest): Outgoing {
  const params = { requestId: id, reason: 'the client gave up' };
  return { jsonrpc: '2.0', method: 'notifications/cancelled', params };
}

export type Transport = {
  /** What both sides speak; undefined while `initialize` settles it. */
  revision: Revision | undefined;
  /** Rejects with a ClientError. An abort cancels the request. */
  request(message: OutgoingRequest, carriage: Carriage): Promise<JsonObject>;
  /** Sends a notification, or the answer to a request of the server. */
  send(message: Outgoing): Promise<void>;
  close(): Promise<void>;
};

/** Takes what is no answer to a request of the client. */
export type Receive = (message: Request | Notification) => void;

export type Outcome = JsonObject | ClientError;
/** An answer of the server, to the request `id` if it says which. */
export type Answer = { id: Id | undefined; outcome: Outcome };

/** The answers in one body, event or line; several only where `batches` allows it. @throws ClientError */
export function readAnswers(text: Uint8Array | string, batches: boolean, receive: Receive): Answer[] {
  const json = readJson(text, JSON_BOUNDS);
  if (json.kind === 'refused') throw violation(`what the server sent is no message: ${json.fault.detail}`);
  const values = batches && Array.isArray(json.value) ? json.value : [json.value];
  return values.flatMap((value) => readAnswer(value, receive));
}

function readAnswer(value: unknown, receive: Receive): Answer[] {
  // A server that could not read the id sends its error without one, or with null.
  if (isRecord(value) && (value.id ?? value.method) === undefined && isRecord(value.error))
    return [{ id: undefined, outcome: readError(value.error) }];
  const message = readMessage(value);
  if (message.kind === 'request' || message.kind === 'notification') {
    receive(message);
    return [];
  }
  const problem = message.fault && violation(`the server's message is malformed: ${message.fault.detail}`);
  if (message.kind === 'refused') throw problem;
  return [{ id: message.id, outcome: problem ?? message.result ?? readError(message.error ?? {}) }];
}

/** A JSON-RPC error as a ClientError. */
export function readError({ code, message, data }: JsonObject): ClientError {
  if (Number.isInteger(code) && typeof message === 'string')
    return new ClientError('rpc', message, { code: Number(code), data });
  const received = preview({ code, message });
  return violation(`an error needs a whole number as "code" and a "message": ${received}`);
}

/** The outcome of the request `id`. @throws ClientError where an answer belongs to another request */
export function outcomeFor(
  id: Id | undefined,
  answers: readonly Answer[],
): JsonObject | ClientError | undefined {
  const stray = answers.find((answer) => answer.id !== undefined && answer.id !== id);
  if (stray === undefined) return answers[0]?.outcome;
  const expected = id === undefined ? 'no answer' : `the answer to ${preview(id)}`;
  throw violation(`expected ${expected}, received the one to ${preview(stray.id)}`);
}
