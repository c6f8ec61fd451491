/**
 * Approvals as they are asked for, decided and used up, in the state that replicas share. Every change is one update of one row
 * (rows.ts), so of two changes at the same time the second sees the result of the first. Decisions and uses are recorded before
 * they count (recorded-step.ts), and a row counts only while its seal is valid (seal.ts).
 */
import { after as realAfter } from '../../wire/clock.js';
import {
  APPROVAL_TTL_MS,
  type Approval,
  type ApprovalService,
  type Approver,
  type Decided,
  isExpired,
  isOfTenant,
  isOwn as isSameUser,
} from './approval.js';
import { type Call, keyOf } from './binding.js';
import { applyDecision, breaksFourEyes, checkDecision, type Undecided, type Verdict } from './decision.js';
import type { ApprovalsOptions } from './options.js';
import { createPlaces } from './places.js';
import { both, takeStep } from './recorded-step.js';
import { createRequests, type RequestOutcome } from './requests.js';
import { createRows } from './rows.js';
import { checkKeys } from './seal.js';
import { createUses } from './uses.js';
import { createWaiters } from './waiting.js';

export type { ApprovalStep, ApprovalsOptions } from './options.js';
export type { RequestOutcome } from './requests.js';

export type Approvals = ApprovalService & {
  /** The approval of this very call, asked for where there is none. @throws StateUnavailable */
  ask(call: Call): Promise<RequestOutcome>;
  /**
   * True once, on whichever replica: then the call it is for may run. `record` brings what must be on disk before; when that
   * fails, the approval can still be used. @throws StateUnavailable, and what `record` throws
   */
  consume(approval: Approval, record?: () => Promise<void>): Promise<boolean>;
  /** The approval once nobody can decide it any more. @throws the signal's reason, StateUnavailable */
  decided(id: string, signal: AbortSignal): Promise<Approval | undefined>;
};

/** @throws RangeError without keys, or when one is too short */
export function createApprovals(options: ApprovalsOptions): Approvals {
  const { state, server, clock, newId, fourEyes = false, isOwn = isSameUser, onStep } = options;
  const { ttlMs = APPROVAL_TTL_MS, after = realAfter, onError = () => {}, keys } = options;
  const now = (): number => clock().getTime();
  if (typeof keys !== 'function') checkKeys(keys);
  const sealKeys = typeof keys === 'function' ? () => checkKeys(keys()) : () => keys;
  const rows = createRows({ state, server, keys: sealKeys, now, onError });
  const places = createPlaces(state, now);
  const uses = createUses({ now, after });
  const onVoided = (approval: Approval): Promise<void> => onStep('voided', approval);
  const steps = { rows, now, after, onVoided };
  const decided = createWaiters({
    ...rows,
    now,
    after,
    onExpired: (approval) => onStep('expired', approval),
    onBroken: (approval) => onStep('seal-refused', approval),
  });

  /** Whether it answers the call: its request still waits, or was decided and the decision still counts. */
  const isOpen = (approval: Approval): boolean =>
    approval.state !== 'consumed' &&
    !uses.has(approval.id) &&
    !isExpired(approval, now()) &&
    !breaksFourEyes(approval, { fourEyes, isOwn });

  const standing = { isOpen, isUsed: uses.has, fourEyes, ttlMs };
  const requests = createRequests({ rows, places, server, newId, now, onStep, onError, ...standing });

  async function consume(approval: Approval, record = async () => {}): Promise<boolean> {
    const { id, expiresAt } = approval;
    const isUsed = await uses.take(id, expiresAt, () => use(approval, record));
    if (!isUsed) await onStep('replay-refused', approval);
    return isUsed;
  }

  async function use({ id, ...binding }: Approval, record: () => Promise<void>): Promise<boolean> {
    const used = await takeStep(
      {
        key: keyOf(binding),
        check: (approval) =>
          approval?.id !== id || approval.state !== 'approved' || !isOpen(approval)
            ? 'not usable'
            : undefined,
        record: (approval) => both(onStep('consumed', { ...approval, state: 'consumed' }), record()),
        apply: (approval) => ({ ...approval, state: 'consumed', consumedAt: now() }),
      },
      steps,
    );
    return used.kind === 'taken';
  }

  async function decide(id: string, approver: Approver, verdict: Verdict): Promise<Decided> {
    const { approve } = verdict;
    const request = await rows.find(id);
    if (request === undefined || !isOfTenant(request, approver))
      return { kind: 'not-decided', why: 'unknown' };
    const taken = await takeStep<Undecided>(
      {
        key: keyOf(request),
        check: (approval) => checkDecision(approval, id, { approver, approve, fourEyes, isOwn, now: now() }),
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
    if (taken.kind === 'taken') {
      await requests.freePlace(request);
      return { kind: 'decided', approval: taken.approval };
    }
    const { refusal } = taken;
    if (refusal.why === 'expired' && refusal.approval !== undefined)
      await onStep('expired', refusal.approval);
    return refusal;
  }

  return {
    ask: requests.ask,
    consume,
    decide,
    decided,
    pending: (tenant) => rows.pending(tenant),
    async show(id, approver) {
      const approval = await rows.find(id);
      if (approval === undefined || !isOfTenant(approval, approver)) return undefined;
      await onStep('shown', approval, approver);
      return approval;
    },
    watch: (listener) => rows.watch(listener),
  };
}
