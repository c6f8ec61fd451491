/**
 * A call that waits for a person. The person is asked once, and how the caller waits depends on what its client can do. A client
 * that can open a page gets a task when it has the tasks extension, else `input_required` (2026-07-28) or a question on the
 * call's own stream (2025-11-25). Any other client is refused with the page's address, and sends the call again. Nothing that a
 * client answers is an approval: a person gives it on the page, to exactly this call, and it is used up once, when the record of
 * the call is on disk.
 *
 * A page opened by its user (elicitation/033) asks who they are before it shows anything. The approval says whether they may
 * decide; if four eyes are required, somebody else opens the same page.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#url-mode-elicitation-requests
 */
import { Fault } from '../../../wire/fault.js';
import { noteAuthorization, noticeData, reauthorize } from '../../../wire/mcp/authority.js';
import { runInTask, startTask } from '../../../wire/mcp/in-task.js';
import { elicitUrl, mayAsk } from '../../../wire/mcp/input.js';
import type { ApprovalNotice, ApprovalPort } from '../../../wire/mcp/mcp-server.js';
import { reserveRoom, runRecorded, tasksFor } from '../../../wire/mcp/methods/tools.js';
import { roundsOf } from '../../../wire/mcp/run-handler.js';
import type { TaskStore } from '../../../wire/mcp/task-store.js';
import { principalKey } from '../../../wire/principal.js';
import { NEWEST_LEGACY } from '../../../wire/revisions.js';
import type { JsonObject } from '../../../wire/value.js';
import { basisOf, changeOf } from '../basis.js';
import {
  type ApprovalPrompt,
  askInRounds,
  askInTask,
  askOnStream,
  refuse,
  type WaitingCall,
} from './approval-prompts.js';
import type { ApprovalRequests, ApprovalStatus, ApprovedCall, RefusedCall } from './approving.js';

/** What a client must support in order to wait at all. */
const ANY_PAGE = elicitUrl('', 'about:blank', '');

/** The wire's port to approvals, over these requests. */
export function approvalPort(requests: ApprovalRequests): ApprovalPort {
  return {
    run: (call, decision) =>
      waitForPerson({ call, decision, requests, resumes: 'repeats' }).catch((error: unknown) => {
        if (error instanceof Fault) return error;
        throw error;
      }),
  };
}

async function waitForPerson(wait: WaitingCall): Promise<JsonObject | Fault> {
  const { call, requests } = wait;
  const { caller, features, transport, revision } = call.context;
  const runAfter = (prompt: ApprovalPrompt, resumes = wait.resumes): Promise<JsonObject | Fault> =>
    untilApproved({ ...wait, resumes }, prompt, () => runRecorded(call));
  if (!mayAsk(ANY_PAGE, caller.capabilities ?? {})) return runAfter(refuse(wait));
  const tasks = tasksFor(call);
  if (tasks !== undefined) return waitInTask({ ...wait, resumes: 'waits' }, tasks);
  if (features.era === 'modern') return runAfter(askInRounds(wait), 'returns');
  // URL mode came with 2025-11-25, and needs a way for the answer to come back.
  if (transport.request === undefined || revision !== NEWEST_LEGACY) return runAfter(refuse(wait));
  // Before a person is asked, so that a call without a place leaves no request behind.
  const leave = requests.enter(caller.principal);
  const prompt = askOnStream(wait);
  return runAfter((notice) => prompt(notice).finally(leave), 'waits').finally(leave);
}

/** Waits in a task, or answers at once when there is nothing to wait for. */
async function waitInTask(wait: WaitingCall, tasks: TaskStore): Promise<JsonObject | Fault> {
  const { call, requests } = wait;
  const { principal } = call.context.caller;
  // Both before a person is asked, so that a call without a place, or without room for a task, leaves no request behind.
  const leave = requests.enter(principal);
  try {
    orThrow(tasks.checkRoom(principalKey(principal)));
    const first = await ask(wait);
    if (first.kind !== 'waiting') {
      leave();
      return await untilApproved(wait, refuse(wait), () => runRecorded(call), first);
    }
    const started = await startTask(tasks, call, (context) => {
      const inTask: WaitingCall = { ...wait, call: { ...call, signal: context.signal } };
      const prompt = askInTask(inTask, context);
      const promptThenLeave: ApprovalPrompt = (notice) => prompt(notice).finally(leave);
      const run = (): Promise<JsonObject> => runInTask(inTask.call, context);
      // The task keeps its place until its wait is over.
      return untilApproved(inTask, promptThenLeave, run, first).finally(leave);
    });
    if (started instanceof Fault) throw started;
    return { resultType: 'task', ...started.task };
  } catch (error) {
    leave();
    throw error;
  }
}

/** `first` is the answer to the approval request, if it is known already. */
async function untilApproved<T>(
  wait: WaitingCall,
  prompt: ApprovalPrompt,
  run: () => T | Promise<T>,
  first?: ApprovalStatus,
): Promise<T | JsonObject> {
  for (let status = first ?? (await ask(wait)); ; status = await ask(wait)) {
    if ('notice' in status) noteAuthorization(wait.call.context, { approvalId: status.notice.id });
    if (status.kind === 'too-many')
      throw new Fault(
        'quotaSpent',
        'too many calls of yours or of your tenant are waiting for a person; have some of them decided first',
        { retryAfterS: 60 },
      );
    if (status.kind === 'refused') throw refusedBy(status);
    if (status.kind === 'approved') {
      if (await useUp(wait, status)) return run();
      // This call has not waited. An equal call was faster, so a person is asked about this one as about any later call.
      continue;
    }
    const outcome = await prompt(status.notice);
    if ('result' in outcome) return outcome.result;
    if (outcome.kind === 'refused') throw refusedBy(outcome);
    if (outcome.kind === 'approved' && (await useUp(wait, outcome))) return run();
    // Of the calls that waited for one approval, one runs. The others do not request another, which nobody would notice.
    throw notApproved(status.notice, outcome.kind === 'over' ? outcome.why : 'used');
  }
}

function ask({ call, decision, requests, resumes }: WaitingCall): Promise<ApprovalStatus> {
  const { entry, args, context } = call;
  const { reason } = decision;
  const { principal } = context.caller;
  const basis = basisOf(entry.tool, call.server);
  return requests.ask({ tool: entry.tool.name, principal, args, reason, basis, resumes });
}

const OVER = {
  expired: 'nobody approved this call in time',
  used: 'the approval was used by an equal call that waited for it as well',
  gone: 'the request for approval is no longer there',
} as const;

function notApproved(notice: ApprovalNotice, why: keyof typeof OVER): Fault {
  const text = `${OVER[why]}; send the call again, and a person is asked about it once more`;
  const reason = why === 'used' ? 'approval_used' : 'approval_expired';
  return new Fault('forbidden', text, { reason, retryAfterS: 0, data: { approval: noticeData(notice) } });
}

/**
 * Checks again everything that the call needs to run, now with the approval, and only then uses the approval up. Every refusal
 * comes before that, so only a call that runs spends an approval. The check is repeated once the approval is reserved, because
 * another caller may have held the reservation for a while. What takes no time is checked once more right before the handler
 * begins (checkSwitchedOn); a change in that last moment spends the approval, and the caller learns why.
 */
async function useUp({ call, decision }: WaitingCall, approval: ApprovedCall): Promise<boolean> {
  if (call.context.features.era === 'modern') orThrow(await roundsOf(call));
  noteAuthorization(call.context, { approvedAt: approval.approvedAt });
  call.outdated = () => outdated(call, approval);
  orThrow(await reauthorize(call));
  orThrow(reserveRoom(call));
  let isUsed = false;
  try {
    const record = async (): Promise<void> => {
      orThrow(await reauthorize(call));
      // The recorded intent names the decision that lets the call run.
      orThrow(await call.server.audit?.intent(call));
    };
    isUsed = await approval.consume(record, basisOf(call.entry.tool, call.server));
  } finally {
    if (!isUsed) {
      noteAuthorization(call.context, { decision, approvedAt: undefined });
      delete call.outdated;
    }
  }
  return isUsed;
}

/** Also after policy has decided: an engine elsewhere says with its decision which revision it has. */
function outdated(
  { entry, server, context }: WaitingCall['call'],
  { notice, basis }: ApprovedCall,
): Fault | undefined {
  // What has begun goes on.
  if (context.handlerBegan) return undefined;
  const changed = changeOf(basis, basisOf(entry.tool, server));
  if (changed === undefined) return undefined;
  const text = `${changed} has changed since this call was approved, so it did not run; send it again, and a person is asked again`;
  const data = { approval: noticeData(notice) };
  return new Fault('forbidden', text, { reason: 'approval_outdated', retryAfterS: 0, data });
}

/** A refusal leaves the wait, and the reservation of the approval, as an exception. approvalPort returns it. @throws Fault */
function orThrow(value: unknown): void {
  if (value instanceof Fault) throw value;
}

function refusedBy({ notice, comment }: RefusedCall): Fault {
  const text = `a person refused this call${comment === '' ? '' : `: ${comment}`}`;
  const approval = { ...noticeData(notice), ...(comment !== '' && { comment }) };
  return new Fault('forbidden', text, { reason: 'approval_refused', data: { approval } });
}
