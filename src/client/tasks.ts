/**
 * A call that goes on in the background: polls until it is done, answers its questions, and cancels it when the caller gives up.
 *
 * @see https://modelcontextprotocol.io/seps/2663-tasks-extension
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isRecord, type JsonObject, preview } from '../wire/value.js';
import { ClientError, violation } from './client-error.js';
import { answerInputs } from './inputs.js';
import type { Peer, RequestOptions } from './peer.js';
import type { InputHandlers } from './ports.js';
import { readError } from './transport.js';

const POLL_MS = 1_000;
const MIN_POLL_MS = 50;
const MAX_POLL_MS = 60_000;

export type TaskOptions = RequestOptions & {
  /** Each state of the task that differs from the one before. */
  onTask?: ((task: JsonObject) => void) | undefined;
};

/** The result of the call that became this task. */
export async function taskResult(
  peer: Peer,
  newTask: JsonObject,
  handlers: InputHandlers,
  { signal = new AbortController().signal, timeoutMs, onTask }: TaskOptions,
): Promise<JsonObject> {
  const { taskId } = newTask;
  if (typeof taskId !== 'string') throw violation(`a task without a taskId: ${preview(newTask)}`);
  const askedKeys = new Set<string>();
  let lastState = '';
  let task = newTask;
  try {
    for (;;) {
      const { status, statusMessage, result, error, inputRequests } = task;
      const state = JSON.stringify([status, statusMessage]);
      if (state !== lastState) onTask?.(task);
      lastState = state;
      if (status === 'completed' && isRecord(result)) return result;
      if (status === 'failed' && isRecord(error)) throw readError(error);
      if (status === 'cancelled') throw new ClientError('cancelled', 'the task was cancelled');
      if (status === 'input_required' && isRecord(inputRequests)) {
        const open = Object.entries(inputRequests).filter(([key]) => !askedKeys.has(key));
        for (const [key] of open) askedKeys.add(key);
        const inputResponses = await answerInputs(handlers, Object.fromEntries(open), signal);
        if (open.length > 0)
          await peer.call('tasks/update', { taskId, inputResponses }, { signal, timeoutMs });
      } else if (status !== 'working' && task !== newTask)
        throw violation(`a task with the status ${preview(status)} and nothing that belongs to it`);
      await pause(pollMs(task), undefined, { signal });
      task = await peer.call('tasks/get', { taskId }, { signal, timeoutMs });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    // `notifications/cancelled` is for requests (SEP-2663).
    await peer.call('tasks/cancel', { taskId }).catch(() => undefined);
    throw new ClientError('cancelled', 'the task was cancelled', { cause: error });
  }
}

function pollMs({ pollIntervalMs }: JsonObject): number {
  const ms = typeof pollIntervalMs === 'number' ? pollIntervalMs : POLL_MS;
  return Math.min(Math.max(ms, MIN_POLL_MS), MAX_POLL_MS);
}
