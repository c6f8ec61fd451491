/** One task as it is kept, and as its client sees it. */
import { type Fault, invalidParams } from '../../wire/fault.js';
import type { ErrorResponse } from '../../wire/jsonrpc/message.js';
import { INPUT_METHODS, type InputRequest } from '../../wire/mcp/definitions.js';
import { answerProblem, modernQuestion } from '../../wire/mcp/input.js';
import type { Bound } from '../../wire/principal.js';
import { isRecord, type JsonObject, pointerPart, preview, shorten } from '../../wire/value.js';

export type Status = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** How long a task is kept after it was made, and how often a client should ask, milliseconds. */
export const TTL_MS = 60 * 60_000;
const POLL_MS = 1_000;
/** Characters of a question's key in a refusal. */
const MAX_KEY = 60;

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

/** The questions of a task that its client can answer now, by their keys. */
type OpenQuestions = (key: string) => InputRequest | undefined;

/**
 * The refusal of answers that are none to their questions. With a mere acknowledgment, a client would wait for a task that waits for it:
 * it takes a key that it knows for a question that it has answered. Answers to no open question are ignored (SEP-2663, task input).
 */
export function checkResponses(inputResponses: JsonObject, questionOf: OpenQuestions): Fault | undefined {
  for (const [key, answer] of Object.entries(inputResponses)) {
    const question = questionOf(key);
    const problem = question && answerProblem(question, answer);
    if (problem !== undefined)
      return invalidParams(`params.inputResponses${pointerPart(shorten(key, MAX_KEY))}: ${problem}`);
  }
  return undefined;
}

/** The same for a stored task. */
export function checkStoredResponses(
  { inputRequests }: JsonObject,
  inputResponses: JsonObject,
): Fault | undefined {
  const questions = isRecord(inputRequests) ? inputRequests : {};
  return checkResponses(inputResponses, (key) => {
    const question = Object.hasOwn(questions, key) ? questions[key] : undefined;
    if (!isRecord(question) || !isRecord(question.params)) return undefined;
    const { method, params } = question;
    const known = INPUT_METHODS.find((one) => one === method);
    return known && { method: known, params };
  });
}

/** The outcome of a task that failed. `statusMessage` is for clients that show no error (SEP-2663, task execution errors). */
export function failedWith(error: ErrorResponse['error']): JsonObject {
  return { statusMessage: error.message, error };
}

/** Also for a task of somebody else: nobody learns that it exists. */
export function noSuchTask(taskId: unknown): Fault {
  return invalidParams(`params.taskId: no such task: ${preview(taskId)}`);
}
