/**
 * The ways in which a caller waits for a person: a refusal with the page's address, rounds that are held for a while, a question
 * on its own stream, or a task. Each waits for one request and returns its outcome. waiting-call.ts chooses the way and acts on
 * the outcome.
 */
import { Fault } from '../../../wire/fault.js';
import { refusal } from '../../../wire/mcp/authority.js';
import type { Decision } from '../../../wire/mcp/decision.js';
import type { InputRequest } from '../../../wire/mcp/definitions.js';
import { elicitUrl } from '../../../wire/mcp/input.js';
import { APPROVAL } from '../../../wire/mcp/input-rounds.js';
import type { ApprovalNotice, ToolCall } from '../../../wire/mcp/mcp-server.js';
import { askNow, roundsOf } from '../../../wire/mcp/run-handler.js';
import type { TaskContext } from '../../../wire/mcp/task-store.js';
import type { JsonObject } from '../../../wire/value.js';
import type { Resumption } from '../approval.js';
import type { ApprovalOutcome, ApprovalRequests } from './approving.js';

/** How long a client's retry is held while the page is open, so that it does not retry at once, milliseconds. */
const HELD_MS = 20_000;

/** A call that needs a person, the decision that says so, and how the call goes on after the person's decision. */
export type WaitingCall = {
  call: ToolCall;
  decision: Decision;
  requests: ApprovalRequests;
  resumes: Resumption;
};

/** Returns a result that tells the caller to wait, or waits itself and returns how the wait ended. */
export type ApprovalPrompt = (notice: ApprovalNotice) => Promise<{ result: JsonObject } | ApprovalOutcome>;

/** Refuses with the address of the page; after the approval the caller sends the same request again. */
export function refuse({ call, decision }: WaitingCall): ApprovalPrompt {
  return (notice) => Promise.reject(refusal(decision, call.context, notice));
}

export function askInRounds({ call, decision, requests }: WaitingCall): ApprovalPrompt {
  return async (notice) => {
    const question = questionOf(call, notice);
    const rounds = await roundsOf(call);
    if (rounds instanceof Fault) throw rounds;
    const answer = rounds.answerTo(APPROVAL, question);
    if (answer !== undefined && answer.action !== 'accept') throw refusal(decision, call.context, notice);
    const outcome = answer && (await hold(call, requests, notice));
    if (outcome !== undefined) return outcome;
    rounds.noteQuestion(APPROVAL, question);
    return { result: await rounds.result() };
  };
}

/** Waits for the decision; undefined when that takes too long. @throws Stopped when the client leaves, Fault */
async function hold(
  { context }: ToolCall,
  requests: ApprovalRequests,
  notice: ApprovalNotice,
): Promise<ApprovalOutcome | undefined> {
  const leave = requests.enter(context.caller.principal);
  const timeout = new AbortController();
  const cancel = context.transport.after(HELD_MS, () => timeout.abort());
  try {
    return await requests.waitForDecision(notice, AbortSignal.any([timeout.signal, context.signal]));
  } catch (error) {
    if (!timeout.signal.aborted) throw error;
    return undefined;
  } finally {
    cancel();
    leave();
  }
}

export function askOnStream({ call, decision, requests }: WaitingCall): ApprovalPrompt {
  const { context } = call;
  return async (notice) => {
    const { action } = await askNow(context, questionOf(call, notice));
    if (action !== 'accept') throw refusal(decision, context, notice);
    const outcome = await requests.waitForDecision(notice, context.signal);
    context.notify('notifications/elicitation/complete', { elicitationId: notice.id });
    return outcome;
  };
}

/** Asks once, since a key of a task stands for one question: when the user is at the page, the task works until somebody has decided. */
export function askInTask({ call, decision, requests }: WaitingCall, task: TaskContext): ApprovalPrompt {
  return async (notice) => {
    const over = new AbortController();
    const outcome = requests.waitForDecision(notice, AbortSignal.any([task.signal, over.signal]));
    // If the client refuses, nothing awaits the outcome, and an unhandled rejection would end the process.
    outcome.catch(() => {});
    try {
      const answered = task.ask(APPROVAL, questionOf(call, notice)).then(({ action }) => {
        if (action !== 'accept') throw refusal(decision, call.context, notice);
        return outcome;
      });
      const first = await Promise.race([outcome, answered]);
      task.withdraw(APPROVAL);
      return first;
    } finally {
      // Otherwise the row would be watched until the request expires, also by a server that has closed.
      over.abort();
    }
  };
}

function questionOf({ entry }: ToolCall, { url, id }: ApprovalNotice): InputRequest {
  return elicitUrl(`${entry.tool.name} changes something: a person has to approve this call.`, url, id);
}
