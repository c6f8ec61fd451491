/**
 * Approvals as they are requested, decided and used up, in the state that replicas share. Every change is one update of one row
 * (rows.ts), so of two changes at the same time the second sees the result of the first. Decisions and uses are recorded before
 * they count (recorded-step.ts), and a row counts only while its seal is valid.
 */
import type { SharedState } from '../../cluster/shared-state.js';
import { type After, after as realAfter } from '../../wire/clock.js';
import type { OnError } from '../../wire/log.js';
import {
  APPROVAL_TTL_MS,
  type Approval,
  type ApprovalService,
  type Approver,
  type Call,
  type DecisionRefusal,
  type DecisionResult,
  type IsOwn,
  isExpired,
  isOfTenant,
  isOwn as isSameUser,
  keyOf,
  type Verdict,
} from './approval.js';
import type { OnStep } from './approval-steps.js';
import { type Basis, changeOf } from './basis.js';
import { applyDecision, breaksFourEyes, checkDecision } from './decision.js';
import { createPlaces } from './places.js';
import { takeStep } from './recorded-step.js';
import { createRequests, type RequestOutcome } from './requests.js';
import { type RevealOptions, realArgsOf } from './reveal.js';
import { checkKeys, createRows, type SealKeys } from './rows.js';
import { createUses } from './uses.js';
import { createWaiters } from './waiters.js';

export type { RequestOutcome } from './requests.js';

export type ApprovalsOptions = RevealOptions & {
  state: SharedState;
  /** The name of the server that receives the calls. */
  server: string;
  /**
   * The keys that seal the rows of approvals, at least 32 bytes each: the first seals, all open. All replicas of the server have
   * the same keys, and nothing else has them. A function when they are known only later.
   */
  keys: SealKeys | (() => SealKeys);
  clock: () => Date;
  newId: () => string;
  /** How long a request and its approval are valid, milliseconds; 15 minutes by default. */
  ttlMs?: number;
  /** Nobody approves their own request. The rule is stored with each request and applies at every replica. */
  fourEyes?: boolean;
  /** Which accounts belong to one person; by default each user of each issuer is a separate person. */
  isOwn?: IsOwn;
  /** Whether the person who approved may still decide; by default anybody who could, can. */
  isApprover?: (approval: Approval) => boolean;
  onStep: OnStep;
  /** Called for rows that somebody else changed, and for errors that no caller waits for. */
  onError?: OnError;
  after?: After;
};

export type Approvals = ApprovalService & {
  /** The approval of exactly this call; requests one if there is none. @throws StateUnavailable */
  ask(call: Call): Promise<RequestOutcome>;
  /**
   * True once over all replicas: then its call may run. False if the approval does not rest on `basis`. `record` writes what must
   * be on disk before; when it fails, the approval can still be used. @throws StateUnavailable, and what `record` throws
   */
  consume(approval: Approval, record?: () => Promise<void>, basis?: Basis): Promise<boolean>;
  /** The approval once nobody can decide it any more. @throws the signal's reason, StateUnavailable */
  waitForDecision(id: string, signal: AbortSignal): Promise<Approval | undefined>;
  /** Requests that wait, of all tenants together. @throws StateUnavailable */
  countPending(): Promise<number>;
};

/** @throws RangeError without keys, or when one is too short */
export function createApprovals(options: ApprovalsOptions): Approvals {
  const { state, server, clock, newId, fourEyes = false, isOwn = isSameUser, onStep } = options;
  const { isApprover = () => true } = options;
  const { ttlMs = APPROVAL_TTL_MS, after = realAfter, onError = () => {}, keys, reveal, sealer } = options;
  const now = (): number => clock().getTime();
  if (typeof keys !== 'function') checkKeys(keys);
  const sealKeys = typeof keys === 'function' ? () => checkKeys(keys()) : () => keys;
  const rows = createRows({ state, server, keys: sealKeys, now, onError });
  const uses = createUses({ now, after });
  const stepParts = { rows, now, after, onVoided: (approval: Approval) => onStep('voided', approval) };

  /** Whether it answers its call: the request still waits, or it was decided and the decision still counts. */
  const isOpen = (approval: Approval): boolean =>
    approval.state !== 'consumed' &&
    !uses.has(approval.id) &&
    !isExpired(approval, now()) &&
    !breaksFourEyes(approval, { fourEyes, isOwn }) &&
    (approval.state !== 'approved' || isApprover(approval));

  const places = createPlaces(state, now);
  const requests = createRequests({
    ...{ rows, places, server, newId, now, ttlMs, fourEyes },
    ...{ isOpen, isUsed: uses.has, onStep, onError, reveal, sealer },
  });
  async function use(
    { id, ...binding }: Approval,
    record: () => Promise<void>,
    basis: Basis | undefined,
  ): Promise<boolean> {
    const result = await takeStep(
      {
        key: keyOf(binding),
        check: (approval) =>
          approval?.id !== id ||
          approval.state !== 'approved' ||
          !isOpen(approval) ||
          changeOf(approval.basis, basis) !== undefined
            ? 'not usable'
            : undefined,
        record: (approval) => both(onStep('consumed', { ...approval, state: 'consumed' }), record()),
        apply: (approval) => ({ ...approval, state: 'consumed', consumedAt: now() }),
      },
      stepParts,
    );
    return result.kind === 'taken';
  }

  async function decide(id: string, approver: Approver, verdict: Verdict): Promise<DecisionResult> {
    const { approve } = verdict;
    const request = await rows.find(id);
    if (request === undefined || !isOfTenant(request, approver))
      return { kind: 'not-decided', why: 'unknown' };
    const seesAll = approver.via === 'page' && reveal !== 'never' && sealer !== undefined;
    const rules = { approver, approve, fourEyes, isOwn, seesAll };
    const apply = (approval: Approval): Approval => applyDecision(approval, approver, verdict, now());
    const result = await takeStep<DecisionRefusal>(
      {
        key: keyOf(request),
        check: (approval) => checkDecision(approval, id, { ...rules, now: now() }),
        record: (approval) => onStep(approve ? 'approved' : 'refused', apply(approval), approver),
        apply,
      },
      stepParts,
    );
    if (result.kind === 'taken') {
      await requests.freePlace(request);
      return { kind: 'decided', approval: result.approval };
    }
    const { why, approval } = result.refusal;
    if (why === 'expired' && approval !== undefined) await onStep('expired', approval);
    return result.refusal;
  }

  return {
    ask: requests.ask,
    decide,
    waitForDecision: createWaiters({
      rows,
      now,
      after,
      onExpired: (approval) => onStep('expired', approval),
      onForged: (approval) => onStep('seal-refused', approval),
    }),
    pending: rows.pending,
    decided: rows.decided,
    countPending: places.count,
    watch: (listener) => rows.watch(listener),
    async consume(approval, record = async () => {}, basis = approval.basis) {
      const isUsed = await uses.take(approval.id, approval.expiresAt, () => use(approval, record, basis));
      if (!isUsed) await onStep('replay-refused', approval);
      return isUsed;
    },
    async show(id, approver) {
      const approval = await rows.find(id);
      if (approval === undefined || !isOfTenant(approval, approver)) return undefined;
      const realArgs = await realArgsOf(approval, { reveal, sealer });
      await onStep(realArgs === undefined ? 'shown' : 'revealed', approval, approver);
      return realArgs === undefined ? approval : { ...approval, realArgs };
    },
  };
}

/** Waits for both. When both fail, throws the error of the second, which says what was not done. */
async function both(first: Promise<void>, second: Promise<void>): Promise<void> {
  const failed = (await Promise.allSettled([second, first])).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
