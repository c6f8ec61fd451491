/**
 * Approvals as they are asked for, decided and used up, in the state that replicas share. Each has two rows: itself, under the
 * hash of the very call that it is for, and a pointer to that under its id. Every change is one update of the first row,
 * so of two that come at the same time one finds what the other has left.
 */
import { after as realAfter } from '../clock.js';
import { redact } from '../policy/redact.js';
import type { SharedState, Step } from '../shared-state.js';
import {
  APPROVAL_TTL_MS,
  type Approval,
  type Approver,
  type Binding,
  type Decided,
  type Desk,
  isExpired,
  isOwn,
  readApproval,
} from './approval.js';
import { bindingOf, type Call, keyOf } from './binding.js';
import { untilDecided } from './waiting.js';

export type ApprovalStep =
  | 'asked'
  | 'shown'
  | 'approved'
  | 'refused'
  | 'expired'
  | 'consumed'
  | 'replay-refused';

/** `approved` is there to be used, and not used yet. */
export type Asked =
  | { kind: 'asked' | 'pending' | 'approved' | 'refused' | 'consumed'; approval: Approval }
  | { kind: 'too-many' };

export type Approvals = Desk & {
  /** The approval of this very call, asked for where there is none. @throws StateUnavailable */
  ask(call: Call): Promise<Asked>;
  /** True once, on whichever replica: then the call it is for may run. @throws StateUnavailable */
  consume(approval: Approval): Promise<boolean>;
  /** The approval once nobody can decide it any more. @throws the signal's reason, StateUnavailable */
  decided(id: string, signal: AbortSignal): Promise<Approval | undefined>;
};

export type ApprovalsOptions = {
  state: SharedState;
  /** The name of the server whose calls these are. */
  server: string;
  clock: () => Date;
  newId: () => string;
  /** How long a request, and with it its approval, holds, milliseconds; a quarter of an hour unless given. */
  ttlMs?: number;
  /** Nobody approves what they have asked for themselves. */
  fourEyes?: boolean;
  /** Told of each step before it counts; `by` is whoever looked or decided. */
  onStep: (step: ApprovalStep, approval: Approval, by?: Approver) => Promise<void>;
  after?: (ms: number, run: () => void) => () => void;
};

const SPACE = 'approval';
const BY_ID = 'approval-id';
/** How long an approval is known after its time, so that pages and second uses can be told what it was, milliseconds. */
const KEPT_MS = 60 * 60_000;
/** What one user may have waiting, lest somebody bury an approver in requests. */
const MOST_PENDING = 100;
const MOST_LISTED = 1_000;
const MOST_COMMENT = 500;

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
    if (before?.state === 'consumed') await onStep('replay-refused', before);
    else if (before !== undefined) await onStep('expired', before);
    await onStep('asked', approval);
    return { kind: 'asked', approval };
  }

  const isBuried = async ({ issuer, tenant, user }: Binding): Promise<boolean> => {
    const own = (await living()).filter(
      (one) => one.tenant === tenant && one.user === user && one.issuer === issuer,
    );
    return own.length >= MOST_PENDING;
  };

  async function consume({ id, ...binding }: Approval): Promise<boolean> {
    const used = await state.update(SPACE, keyOf(binding), (value): Step<Approval | undefined> => {
      const approval = readApproval(value);
      if (approval?.id !== id || approval.state !== 'approved' || isExpired(approval, now()))
        return { result: undefined };
      return put({ ...approval, state: 'consumed', consumedAt: now() });
    });
    await onStep(used === undefined ? 'replay-refused' : 'consumed', used ?? { id, ...binding });
    return used !== undefined;
  }

  async function decide(
    id: string,
    approver: Approver,
    { approve, comment }: { approve: boolean; comment: string },
  ): Promise<Decided> {
    const found = await find(id);
    if (found === undefined || found.tenant !== approver.tenant)
      return { kind: 'not-decided', why: 'unknown' };
    const decided = await state.update(SPACE, keyOf(found), (value): Step<Decided> => {
      const approval = readApproval(value);
      if (approval?.id !== id) return { result: { kind: 'not-decided', why: 'unknown' } };
      const refused = (why: 'decided' | 'expired' | 'own'): Step<Decided> => ({
        result: { kind: 'not-decided', why, approval },
      });
      if (approval.state !== 'pending') return refused('decided');
      if (isExpired(approval, now())) return refused('expired');
      // Whoever asked may always take it back.
      if (approve && fourEyes && isOwn(approval, approver)) return refused('own');
      const { issuer, user, via } = approver;
      const step = put({
        ...approval,
        state: approve ? 'approved' : 'refused',
        decidedBy: { issuer, user },
        decidedVia: via,
        decidedAt: now(),
        comment: comment.trim().slice(0, MOST_COMMENT),
      });
      return { ...step, result: { kind: 'decided', approval: step.result } };
    });
    if (decided.kind === 'decided')
      await onStep(approve ? 'approved' : 'refused', decided.approval, approver);
    else if (decided.why === 'expired' && decided.approval !== undefined)
      await onStep('expired', decided.approval);
    return decided;
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
