/**
 * Approvals as they are asked for, decided and used up, in the state that replicas share. Each has two rows: itself, under the
 * hash of the very call that it is for, and a pointer to that under its id. Every change is one update of the first row,
 * so of two that come at the same time one finds what the other has left. Decisions and uses are recorded before they count
 * (recorded-step.ts).
 */
import { after as realAfter } from '../clock.js';
import { redact } from '../policy/redact.js';
import type { Step } from '../shared-state.js';
import {
  APPROVAL_TTL_MS,
  type Approval,
  type Approver,
  type Binding,
  type Decided,
  type Desk,
  isExpired,
  readApproval,
} from './approval.js';
import { bindingOf, type Call, keyOf } from './binding.js';
import { applyDecision, checkDecision, type Undecided, type Verdict } from './decision.js';
import type { ApprovalsOptions } from './options.js';
import { both, takeStep } from './recorded-step.js';
import { untilDecided } from './waiting.js';

/** `approved` is there to be used, and not used yet. */
export type Asked =
  | { kind: 'asked' | 'pending' | 'approved' | 'refused' | 'consumed'; approval: Approval }
  | { kind: 'too-many' };

export type { ApprovalStep, ApprovalsOptions } from './options.js';

export type Approvals = Desk & {
  /** The approval of this very call, asked for where there is none. @throws StateUnavailable */
  ask(call: Call): Promise<Asked>;
  /**
   * True once, on whichever replica: then the call it is for may run. `record` brings what must be on disk before; when that
   * fails, the approval can still be used. @throws StateUnavailable, and what `record` throws
   */
  consume(approval: Approval, record?: () => Promise<void>): Promise<boolean>;
  /** The approval once nobody can decide it any more. @throws the signal's reason, StateUnavailable */
  decided(id: string, signal: AbortSignal): Promise<Approval | undefined>;
};

const SPACE = 'approval';
const BY_ID = 'approval-id';
/** How long an approval is known after its time, so that pages and second uses can be told what it was, milliseconds. */
const KEPT_MS = 60 * 60_000;
/** What one user may have waiting, lest somebody bury an approver in requests. */
const MOST_PENDING = 100;
const MOST_LISTED = 1_000;

export function createApprovals(options: ApprovalsOptions): Approvals {
  const { state, server, clock, newId, fourEyes = false, onStep, after = realAfter } = options;
  const { ttlMs = APPROVAL_TTL_MS } = options;
  const now = (): number => clock().getTime();
  const watch = (listener: () => void): (() => void) => state.watch(SPACE, () => listener());
  const onExpired = (approval: Approval): Promise<void> => onStep('expired', approval);
  const put = (approval: Approval): Step<Approval> => ({
    result: approval,
    put: { value: { ...approval }, expiresAt: approval.expiresAt + KEPT_MS, tell: true },
  });

  const living = async (): Promise<Approval[]> =>
    (await state.list(SPACE, MOST_LISTED)).flatMap((value) => {
      const approval = readApproval(value);
      return approval?.server === server && approval.state === 'pending' && !isExpired(approval, now())
        ? [approval]
        : [];
    });

  const find = async (id: string): Promise<Approval | undefined> => {
    // It comes from an address or a button, and may be anything.
    if (!/^[\w-]{1,100}$/.test(id)) return undefined;
    const key = (await state.get(BY_ID, id))?.key;
    const approval = typeof key === 'string' ? readApproval(await state.get(SPACE, key)) : undefined;
    // The row may hold a later approval of the same call.
    return approval?.id === id && approval.server === server ? approval : undefined;
  };

  async function ask(call: Call): Promise<Asked> {
    const binding = bindingOf(server, call);
    const key = keyOf(binding);
    const known = readApproval(await state.get(SPACE, key));
    const open = known !== undefined && known.state !== 'consumed' && !isExpired(known, now());
    if (!open && (await isBuried(binding))) return { kind: 'too-many' };
    const id = newId();
    const made = await state.update(SPACE, key, (value): Step<{ approval: Approval; before?: Approval }> => {
      const before = readApproval(value);
      if (before !== undefined && before.state !== 'consumed' && !isExpired(before, now()))
        return { result: { approval: before } };
      const createdAt = now();
      const { reason } = call;
      const args = redact(call.args);
      const times = { createdAt, expiresAt: createdAt + ttlMs };
      const step = put({ ...binding, id, args, reason, ...times, state: 'pending' });
      return { ...step, result: { approval: step.result, ...(before === undefined ? {} : { before }) } };
    });
    const { approval, before } = made;
    if (approval.id !== id) return { kind: approval.state, approval };
    // Known by its id before anybody is told of it.
    await state.update(BY_ID, id, () => ({
      result: undefined,
      put: { value: { key }, expiresAt: approval.expiresAt + KEPT_MS },
    }));
    try {
      if (before?.state === 'consumed') await onStep('replay-refused', before);
      else if (before !== undefined) await onStep('expired', before);
      await onStep('asked', approval);
    } catch (error) {
      // Left there it would pass for recorded, and its approvers would never be notified.
      await withdraw(key, id).catch(() => {});
      throw error;
    }
    return { kind: 'asked', approval };
  }

  const withdraw = (key: string, id: string): Promise<void> =>
    state.update(SPACE, key, (value): Step<void> => {
      const approval = readApproval(value);
      if (approval?.id !== id || approval.state !== 'pending') return { result: undefined };
      return { result: undefined, put: { value: { ...approval }, expiresAt: 0, tell: true } };
    });

  const isBuried = async ({ issuer, tenant, user }: Binding): Promise<boolean> => {
    const own = (await living()).filter(
      (one) => one.tenant === tenant && one.user === user && one.issuer === issuer,
    );
    return own.length >= MOST_PENDING;
  };

  const onVoided = (approval: Approval): Promise<void> => onStep('voided', approval);
  const steps = { space: SPACE, state, put, watch, now, after, onVoided };

  async function consume({ id, ...binding }: Approval, record = async () => {}): Promise<boolean> {
    const used = await takeStep(
      {
        key: keyOf(binding),
        check: (approval) =>
          approval?.id !== id || approval.state !== 'approved' || isExpired(approval, now())
            ? 'not usable'
            : undefined,
        record: (approval) => both(onStep('consumed', { ...approval, state: 'consumed' }), record()),
        apply: (approval) => ({ ...approval, state: 'consumed', consumedAt: now() }),
      },
      steps,
    );
    if (used.kind === 'refused') await onStep('replay-refused', { id, ...binding });
    return used.kind === 'taken';
  }

  async function decide(id: string, approver: Approver, verdict: Verdict): Promise<Decided> {
    const { approve } = verdict;
    const found = await find(id);
    if (found === undefined || found.tenant !== approver.tenant)
      return { kind: 'not-decided', why: 'unknown' };
    const decided = await takeStep<Undecided>(
      {
        key: keyOf(found),
        check: (approval) => checkDecision(approval, id, { approver, approve, fourEyes, now: now() }),
        record: (approval) =>
          onStep(
            approve ? 'approved' : 'refused',
            applyDecision(approval, approver, verdict, now()),
            approver,
          ),
        apply: (approval) => applyDecision(approval, approver, verdict, now()),
      },
      steps,
    );
    if (decided.kind === 'taken') return { kind: 'decided', approval: decided.approval };
    const { refusal } = decided;
    if (refusal.why === 'expired' && refusal.approval !== undefined)
      await onStep('expired', refusal.approval);
    return refusal;
  }

  return {
    ask,
    consume,
    decide,
    decided: (id, signal) => untilDecided(id, signal, { find, watch, now, after, onExpired }),
    pending: async (tenant) => (await living()).filter((one) => one.tenant === tenant),
    async show(id, approver) {
      const approval = await find(id);
      if (approval === undefined || approval.tenant !== approver.tenant) return undefined;
      await onStep('shown', approval, approver);
      return approval;
    },
    watch,
  };
}
