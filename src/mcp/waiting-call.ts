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
import { Fault } from '../fault.js';
import { NEWEST_LEGACY } from '../revisions.js';
import type { JsonObject } from '../value.js';
import { noticeData, refusal } from './access.js';
import type { Decision } from './account.js';
import type { ApprovalNotice, ApprovedCall, Approving, Asked } from './approving.js';
import { type Call, reauthorize } from './authority.js';
import { intend, reserveRoom, runInTask, runRecorded, startTask, tasksFor } from './call.js';
import { askNow, roundsOf } from './handling.js';
import { elicitUrl, type InputRequest, mayAsk } from './input.js';
import type { TaskContext } from './task-desk.js';

/** The question's name among those of a call. */
const APPROVAL = 'approval';
/** How long the retry of a client is held while its page is open, lest it come back at once and again, milliseconds. */
const HELD_MS = 20_000;

/** Tells the caller to wait, by a result; or waits itself, and the request is looked at again. */
type Way = (notice: ApprovalNotice) => Promise<JsonObject | undefined>;

export async function waitForPerson(
  call: Call,
  decision: Decision,
  approving: Approving,
): Promise<JsonObject> {
  const asked = await ask(call, decision, approving);
  if (
    asked.kind !== 'waiting' ||
    !mayAsk(question(call, asked.notice), call.exchange.caller.capabilities ?? {})
  )
    return untilApproved(call, decision, approving, asked, refusing(call, decision), () => runRecorded(call));
  const tasks = tasksFor(call);
  if (tasks !== undefined) {
    const { task } = await startTask(tasks, call, (context) =>
      untilApproved(call, decision, approving, asked, inTask(call, decision, approving, context), () =>
        runInTask(call, context),
      ),
    );
    return { resultType: 'task', ...task };
  }
  const way = call.exchange.features.era === 'modern' ? inRounds : onStream;
  return untilApproved(call, decision, approving, asked, way(call, decision, approving), () =>
    runRecorded(call),
  );
}

async function untilApproved(
  call: Call,
  decision: Decision,
  approving: Approving,
  first: Asked,
  way: Way,
  run: () => Promise<JsonObject>,
): Promise<JsonObject> {
  for (let asked = first; ; asked = await ask(call, decision, approving)) {
    if ('notice' in asked) call.exchange.account.approvalId = asked.notice.id;
    if (asked.kind === 'too-many')
      throw new Fault('quotaSpent', 'too many of your calls wait for a person; have them decided first', {
        headers: { 'retry-after': '60' },
      });
    if (asked.kind === 'refused') throw refusedBy(asked);
    if (asked.kind === 'approved') {
      // Whoever comes second finds it used up, and asks anew.
      if (await useUp(call, decision, asked)) return run();
      continue;
    }
    // The request that was waited for is gone, too old or used by another call. The next one is another request's.
    if (first.kind === 'waiting' && asked.notice.id !== first.notice.id)
      throw refusal(decision, call.exchange, asked.notice);
    const result = await way(asked.notice);
    if (result !== undefined) return result;
  }
}

function ask({ entry, args, exchange }: Call, { reason }: Decision, approving: Approving): Promise<Asked> {
  return approving.ask(entry.tool.name, args, exchange.caller.principal, reason);
}

/**
 * Everything that lets the call run is checked once more, with the approval among the facts, and only then is the approval
 * used up. Whatever refuses the call does so before: an approval is spent by a call that runs. The check is repeated when the
 * approval is reserved, because another caller may have had it reserved for a while.
 */
async function useUp(call: Call, first: Decision, asked: ApprovedCall): Promise<boolean> {
  const { request, exchange, server } = call;
  const { account } = exchange;
  if (exchange.features.era === 'modern') await roundsOf(request, exchange, server);
  account.approvedAt = asked.approvedAt;
  await reauthorize(call);
  reserveRoom(call);
  let used = false;
  try {
    used = await asked.consume(async () => {
      await reauthorize(call);
      // The intent names the decision that lets the call run.
      await intend(call);
    });
  } finally {
    if (!used) Object.assign(account, { decision: first, approvedAt: undefined });
  }
  return used;
}

function refusedBy({ notice, comment }: { notice: ApprovalNotice; comment: string }): Fault {
  const said = comment === '' ? '' : `: ${comment}`;
  return new Fault('forbidden', `a person refused this call${said}`, {
    data: { approval: noticeData(notice) },
  });
}

function question({ entry }: Call, { url, id }: ApprovalNotice): InputRequest {
  return elicitUrl(`${entry.tool.name} changes something: a person has to approve this call.`, url, id);
}

/** Refused with the page where the call can be approved: the same request again, once it was. */
function refusing({ exchange }: Call, decision: Decision): Way {
  return (notice) => Promise.reject(refusal(decision, exchange, notice));
}

function inRounds(call: Call, decision: Decision, approving: Approving): Way {
  let held = false;
  return async (notice) => {
    const asking = question(call, notice);
    const rounds = await roundsOf(call.request, call.exchange, call.server);
    const answer = rounds.answerTo(APPROVAL, asking);
    if (answer !== undefined && answer.action !== 'accept') throw refusal(decision, call.exchange, notice);
    if (answer !== undefined && !held) {
      held = true;
      await hold(call, approving, notice);
      return undefined;
    }
    rounds.again(APPROVAL, asking);
    return rounds.result();
  };
}

/** Until it is decided, or for a while. @throws Stopped when the client leaves */
async function hold({ exchange }: Call, approving: Approving, { id }: ApprovalNotice): Promise<void> {
  const enough = new AbortController();
  const forget = exchange.carrier.after(HELD_MS, () => enough.abort());
  try {
    await approving.decided(id, AbortSignal.any([enough.signal, exchange.signal]));
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    forget();
  }
}

function onStream(call: Call, decision: Decision, approving: Approving): Way {
  const { exchange } = call;
  // URL mode came with 2025-11-25, and takes a way back for the answer.
  if (exchange.carrier.request === undefined || exchange.revision !== NEWEST_LEGACY)
    return refusing(call, decision);
  return async (notice) => {
    const { action } = await askNow(exchange, question(call, notice));
    if (action !== 'accept') throw refusal(decision, exchange, notice);
    await approving.decided(notice.id, exchange.signal);
    exchange.notify('notifications/elicitation/complete', { elicitationId: notice.id });
    return undefined;
  };
}

/** `input_required` until somebody has decided, whatever the client answers meanwhile. */
function inTask(call: Call, decision: Decision, approving: Approving, context: TaskContext): Way {
  return async (notice) => {
    const decided = approving.decided(notice.id, context.signal).then(() => 'decided' as const);
    // Nobody may be left to hear that the wait was given up.
    decided.catch(() => {});
    const asking = question(call, notice);
    for (;;) {
      const answer = context.ask(APPROVAL, asking);
      const first = await Promise.race([decided, answer]);
      if (first === 'decided') {
        context.withdraw(APPROVAL);
        return undefined;
      }
      if (first.action !== 'accept') throw refusal(decision, call.exchange, notice);
    }
  };
}
