/** One task as it is kept, and as its client sees it. */
import { type Fault, invalidParams } from '../../wire/fault.js';
import type { ErrorResponse } from '../../wire/jsonrpc/message.js';
import type { InputRequest } from '../../wire/mcp/definitions.js';
import { modernQuestion } from '../../wire/mcp/input.js';
import type { Bound } from '../../wire/principal.js';
import { type JsonObject, preview } from '../../wire/value.js';

export type Status = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** How long a task is kept after it was made, and how often a client should ask, milliseconds. */
export const TTL_MS = 60 * 60_000;
const POLL_MS = 1_000;

export type Task = {
  id: string;
  principal: string;
  status: Status;
  createdAt: string;
  lastUpdatedAt: string;
  outcome: JsonObject;
  /** The scopes that a reader needs at this moment. */
  bound: () => Bound;
  /** Characters of the outcome. */
  size: number;
  pending: Map<string, { request: InputRequest; answer: (answer: JsonObject) => void }>;
  /** The keys of all questions so far: clients take a key that they know for a question that they have answered. */
  keys: Set<string>;
  controller: AbortController;
};

export function isOver({ status }: { status?: unknown }): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

export function snapshot({ id, status, createdAt, lastUpdatedAt, outcome, pending }: Task): JsonObject {
  const inputRequests = Object.fromEntries(
    [...pending].map(([key, { request }]) => [key, modernQuestion(request)]),
  );
  return {
    taskId: id,
    status,
    createdAt,
    lastUpdatedAt,
    ttlMs: TTL_MS,
    pollIntervalMs: POLL_MS,
    ...(status === 'input_required' ? { inputRequests } : {}),
    ...outcome,
  };
}

/** The outcome of a task that failed. `statusMessage` is for clients that show no error (SEP-2663, task execution errors). */
export function failedWith(error: ErrorResponse['error']): JsonObject {
  return { statusMessage: error.message, error };
}

/** Also for a task of somebody else: nobody learns that it exists. */
export function noSuchTask(taskId: unknown): Fault {
  return invalidParams(`params.taskId: no such task: ${preview(taskId)}`);
}
