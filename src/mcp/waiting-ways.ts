/**
 * The ways in which a caller waits for a person: refused with the page's address, asked in rounds and held for a while, asked on its
 * own stream, or in a task. Each waits for one request and ends with what became of it; which way a caller takes, and what
 * follows, is in waiting-call.ts.
 */
import type { JsonObject } from '../value.js';
import { refusal } from './access.js';
import type { Decision } from './account.js';
import type { ApprovalNotice, Approving, Waited } from './approving.js';
import type { Call } from './call.js';
import { askNow, roundsOf } from './handling.js';
import { elicitUrl, type InputRequest } from './input.js';
import type { TaskContext } from './task-desk.js';

/** The question's name among those of a call. */
const APPROVAL = 'approval';
/** How long the retry of a client is held while its page is open, so that it does not come back at once, milliseconds. */
const HELD_MS = 20_000;

/** Tells the caller to wait, by a result; or waits itself, and says how the wait ended. */
export type Way = (notice: ApprovalNotice) => Promise<{ result: JsonObject } | Waited>;

/** Refused with the page where the call can be approved: the same request again, once it was. */
export function refusing({ exchange }: Call, decision: Decision): Way {
  return (notice) => Promise.reject(refusal(decision, exchange, notice));
}

export function inRounds(call: Call, decision: Decision, approving: Approving): Way {
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

/** Until it is decided; undefined when that takes longer than a request is held. @throws Stopped when the client leaves, Fault */
async function hold(
  { exchange }: Call,
  approving: Approving,
  notice: ApprovalNotice,
): Promise<Waited | undefined> {
  const leave = approving.enter(exchange.caller.principal);
  const enough = new AbortController();
  const forget = exchange.carrier.after(HELD_MS, () => enough.abort());
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

export function onStream(call: Call, decision: Decision, approving: Approving): Way {
  const { exchange } = call;
  return async (notice) => {
    const { action } = await askNow(exchange, question(call, notice));
    if (action !== 'accept') throw refusal(decision, exchange, notice);
    const waited = await approving.decided(notice, exchange.signal);
    exchange.notify('notifications/elicitation/complete', { elicitationId: notice.id });
    return waited;
  };
}

/** `input_required` until somebody has decided, whatever the client answers meanwhile. */
export function inTask(call: Call, decision: Decision, approving: Approving, context: TaskContext): Way {
  return async (notice) => {
    const decided = approving.decided(notice, context.signal);
    // Nobody may be left to hear that the wait was given up.
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
