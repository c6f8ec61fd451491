/**
 * The ways in which a caller waits for a person: a refusal with the page's address, rounds that are held for a while, a question
 * on its own stream, or a task. Each waits for one request and returns its outcome. waiting-call.ts chooses the way and acts on
 * the outcome.
 */

import type { Decision } from '../../../wire/mcp/audit-context.js';
import { refusal } from '../../../wire/mcp/authority.js';
import type { InputRequest } from '../../../wire/mcp/definitions.js';
import { elicitUrl } from '../../../wire/mcp/input.js';
import type { ApprovalNotice, Call } from '../../../wire/mcp/mcp-server.js';
import { askNow, roundsOf } from '../../../wire/mcp/run-handler.js';
import type { TaskContext } from '../../../wire/mcp/task-store.js';
import type { JsonObject } from '../../../wire/value.js';
import type { ApprovalOutcome, ApprovalRequests } from './approval-requests.js';

/** The key of this question among the questions of a call. */
const APPROVAL = 'approval';
/** How long a client's retry is held while the page is open, so that it does not retry at once, milliseconds. */
const HELD_MS = 20_000;

/** Returns a result that tells the caller to wait, or waits itself and returns how the wait ended. */
export type ApprovalPrompt = (notice: ApprovalNotice) => Promise<{ result: JsonObject } | ApprovalOutcome>;

/** Refuses with the address of the page; after the approval the caller sends the same request again. */
export function refusing({ exchange }: Call, decision: Decision): ApprovalPrompt {
  return (notice) => Promise.reject(refusal(decision, exchange, notice));
}

export function inRounds(call: Call, decision: Decision, approving: ApprovalRequests): ApprovalPrompt {
  return async (notice) => {
    const asking = question(call, notice);
    const rounds = await roundsOf(call.request, call.exchange, call.server);
    const answer = rounds.answerTo(APPROVAL, asking);
    if (answer !== undefined && answer.action !== 'accept') throw refusal(decision, call.exchange, notice);
    const waited = answer && (await hold(call, approving, notice));
    if (waited !== undefined) return waited;
    rounds.again(APPROVAL, asking);
    return { result: await rounds.result() };
  };
}

/**
 * Waits for the decision; undefined when that takes longer than a request is held. @throws Stopped when the client leaves, Fault
 */
async function hold(
  { exchange }: Call,
  approving: ApprovalRequests,
  notice: ApprovalNotice,
): Promise<ApprovalOutcome | undefined> {
  const leave = approving.enter(exchange.caller.principal);
  const enough = new AbortController();
  const forget = exchange.transport.after(HELD_MS, () => enough.abort());
  try {
    return await approving.decided(notice, AbortSignal.any([enough.signal, exchange.signal]));
  } catch (error) {
    if (!enough.signal.aborted) throw error;
    return undefined;
  } finally {
    forget();
    leave();
  }
}

export function onStream(call: Call, decision: Decision, approving: ApprovalRequests): ApprovalPrompt {
  const { exchange } = call;
  return async (notice) => {
    const { action } = await askNow(exchange, question(call, notice));
    if (action !== 'accept') throw refusal(decision, exchange, notice);
    const waited = await approving.decided(notice, exchange.signal);
    exchange.notify('notifications/elicitation/complete', { elicitationId: notice.id });
    return waited;
  };
}

/** Answers `input_required` until somebody has decided, whatever the client answers meanwhile. */
export function inTask(
  call: Call,
  decision: Decision,
  approving: ApprovalRequests,
  context: TaskContext,
): ApprovalPrompt {
  return async (notice) => {
    const decided = approving.decided(notice, context.signal);
    // Nothing may await the given-up wait, and an unhandled rejection would end the process.
    decided.catch(() => {});
    const asking = question(call, notice);
    for (;;) {
      const answer = context.ask(APPROVAL, asking);
      const first = await Promise.race([
        decided,
        answer.then((given) => ({ kind: 'answer' as const, given })),
      ]);
      if (first.kind !== 'answer') {
        context.withdraw(APPROVAL);
        return first;
      }
      if (first.given.action !== 'accept') throw refusal(decision, call.exchange, notice);
    }
  };
}

function question({ entry }: Call, { url, id }: ApprovalNotice): InputRequest {
  return elicitUrl(`${entry.tool.name} changes something: a person has to approve this call.`, url, id);
}
