/**
 * A call that waits for a person: asked for once, and led back to its caller by what that caller can do. A client that can
 * open a page is given a task when it has the tasks extension, else `input_required` (2026-07-28) or a question on the call's own
 * stream (2025-11-25); everybody else is refused with the page's address, and sends the call again. Whatever a client
 * answers is no approval: that is given on the page, to this very call, and used up once, when the record of the call is on disk.
 *
 * A page opened by its user (elicitation/033) asks who they are before it shows anything; whether they may decide is for the
 * approval to say, and where four eyes are asked for, somebody else opens the same page.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#url-mode-elicitation-requests
 */
import { Fault } from '../../../wire/fault.js';
import { noteAuthorization, noticeData, reauthorize } from '../../../wire/mcp/authority.js';
import { intend, reserveRoom, runInTask, runRecorded, startTask, tasksFor } from '../../../wire/mcp/call.js';
import type { Decision } from '../../../wire/mcp/decision.js';
import { elicitUrl, mayAsk } from '../../../wire/mcp/input.js';
import type { ApprovalNotice, ApprovalPort, ToolCall } from '../../../wire/mcp/mcp-server.js';
import { roundsOf } from '../../../wire/mcp/run-handler.js';
import type { TaskStore } from '../../../wire/mcp/task-store.js';
import { principalKey } from '../../../wire/principal.js';
import { NEWEST_LEGACY } from '../../../wire/revisions.js';
import type { JsonObject } from '../../../wire/value.js';
import { type ApprovalPrompt, inRounds, inTask, onStream, refusing } from './approval-prompts.js';
import type { ApprovalRequests, ApprovalStatus, ApprovedCall, RefusedCall } from './approval-requests.js';

/** What a client must support in order to wait at all. */
const ANY_PAGE = elicitUrl('', 'about:blank', '');

/** The wire's port to approvals, over these requests. */
export function approvalPort(requests: ApprovalRequests): ApprovalPort {
  return {
    run: (call, decision) =>
      waitForPerson(call, decision, requests).catch((error: unknown) => {
        if (error instanceof Fault) return error;
        throw error;
      }),
  };
}

async function waitForPerson(
  call: ToolCall,
  decision: Decision,
  approving: ApprovalRequests,
): Promise<JsonObject | Fault> {
  const { caller, features, transport, revision } = call.context;
  const untilRun = (way: ApprovalPrompt): Promise<JsonObject | Fault> =>
    untilApproved(call, decision, approving, way, () => runRecorded(call));
  if (!mayAsk(ANY_PAGE, caller.capabilities ?? {})) return untilRun(refusing(call, decision));
  const tasks = tasksFor(call);
  if (tasks === undefined && features.era === 'modern') return untilRun(inRounds(call, decision, approving));
  // URL mode came with 2025-11-25, and needs a way for the answer to come back.
  if (tasks === undefined && (transport.request === undefined || revision !== NEWEST_LEGACY))
    return untilRun(refusing(call, decision));
  // Before a person is asked, so that a call without a place leaves no request behind.
  const leave = approving.enter(caller.principal);
  try {
    if (tasks === undefined) {
      const way = onStream(call, decision, approving);
      return await untilRun((notice) => way(notice).finally(leave));
    }
    return await inBackground(call, decision, approving, tasks, leave);
  } finally {
    // A task keeps its place until its wait is over.
    if (tasks === undefined) leave();
  }
}

/** Waits in a task, or answers at once when there is nothing to wait for. */
async function inBackground(
  call: ToolCall,
  decision: Decision,
  approving: ApprovalRequests,
  tasks: TaskStore,
  leave: () => void,
): Promise<JsonObject | Fault> {
  try {
    // As the place to wait: where no task can begin, nobody is asked.
    orThrow(tasks.checkRoom(principalKey(call.context.caller.principal)));
    const first = await ask(call, decision, approving);
    if (first.kind !== 'waiting') {
      leave();
      const way = refusing(call, decision);
      return await untilApproved(call, decision, approving, way, () => runRecorded(call), first);
    }
    const started = await startTask(tasks, call, (handlerContext) => {
      const within: ToolCall = { ...call, signal: handlerContext.signal };
      const way = inTask(within, decision, approving, handlerContext);
      const waited: ApprovalPrompt = (notice) => way(notice).finally(leave);
      const run = (): Promise<JsonObject> => runInTask(within, handlerContext);
      return untilApproved(within, decision, approving, waited, run, first).finally(leave);
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
  call: ToolCall,
  decision: Decision,
  approving: ApprovalRequests,
  way: ApprovalPrompt,
  run: () => Promise<T>,
  first?: ApprovalStatus,
): Promise<T | JsonObject> {
  for (
    let asked = first ?? (await ask(call, decision, approving));
    ;
    asked = await ask(call, decision, approving)
  ) {
    if ('notice' in asked) noteAuthorization(call.context, { approvalId: asked.notice.id });
    if (asked.kind === 'too-many')
      throw new Fault(
        'quotaSpent',
        'too many calls of yours or of your tenant are waiting for a person; have some of them decided first',
        { headers: { 'retry-after': '60' } },
      );
    if (asked.kind === 'refused') throw refusedBy(asked);
    if (asked.kind === 'approved') {
      if (await useUp(call, decision, asked)) return run();
      // This call has not waited. An equal call was faster, so a person is asked about this one as about any later call.
      continue;
    }
    const waited = await way(asked.notice);
    if ('result' in waited) return waited.result;
    if (waited.kind === 'refused') throw refusedBy(waited);
    if (waited.kind === 'approved' && (await useUp(call, decision, waited))) return run();
    // Of the calls that waited for one approval, one runs. The others do not request another, which nobody would notice.
    throw notApproved(asked.notice, waited.kind === 'over' ? waited.why : 'used');
  }
}

const OVER = {
  expired: 'nobody approved this call in time',
  used: 'the approval was used by an equal call that waited for it as well',
  gone: 'the request for approval is no longer there',
} as const;

function notApproved(notice: ApprovalNotice, why: keyof typeof OVER): Fault {
  const text = `${OVER[why]}; send the call again, and a person is asked about it once more`;
  return new Fault('forbidden', text, { data: { approval: noticeData(notice) } });
}

function ask(
  { entry, args, context }: ToolCall,
  { reason }: Decision,
  approving: ApprovalRequests,
): Promise<ApprovalStatus> {
  return approving.ask(entry.tool.name, args, context.caller.principal, reason);
}

/**
 * Checks again everything that the call needs to run, now with the approval, and only then uses the approval up. Every refusal
 * comes before that, so only a call that runs spends an approval. The check is repeated once the approval is reserved, because
 * another caller may have held the reservation for a while.
 */
async function useUp(call: ToolCall, first: Decision, approval: ApprovedCall): Promise<boolean> {
  if (call.context.features.era === 'modern') orThrow(await roundsOf(call));
  noteAuthorization(call.context, { approvedAt: approval.approvedAt });
  orThrow(await reauthorize(call));
  orThrow(reserveRoom(call));
  let used = false;
  try {
    used = await approval.consume(async () => {
      orThrow(await reauthorize(call));
      // The recorded intent names the decision that lets the call run.
      orThrow(await intend(call));
    });
  } finally {
    if (!used) noteAuthorization(call.context, { decision: first, approvedAt: undefined });
  }
  return used;
}

/** A refusal leaves the wait, and the reservation of the approval, as an exception. approvalPort returns it. @throws Fault */
function orThrow(value: unknown): void {
  if (value instanceof Fault) throw value;
}

function refusedBy({ notice, comment }: RefusedCall): Fault {
  const said = comment === '' ? '' : `: ${comment}`;
  return new Fault('forbidden', `a person refused this call${said}`, {
    data: { approval: noticeData(notice) },
  });
}
