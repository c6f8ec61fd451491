/** A person's decision on one approval: whether it may be taken, and what the approval is afterwards. Pure. */
import { type Approval, type Approver, type Decided, type IsOwn, isExpired } from './approval.js';

export type Verdict = { approve: boolean; comment: string };
export type Undecided = Decided & { kind: 'not-decided' };

const MAX_COMMENT = 500;

export type DecisionRules = {
  approver: Approver;
  approve: boolean;
  /** The rule of this replica. The stricter of this and the rule kept with the request applies. */
  fourEyes: boolean;
  isOwn: IsOwn;
  now: number;
};

export function checkDecision(
  approval: Approval | undefined,
  id: string,
  { approver, approve, fourEyes, isOwn, now }: DecisionRules,
): Undecided | undefined {
  // The row may hold a later approval of the same call.
  if (approval?.id !== id) return { kind: 'not-decided', why: 'unknown' };
  if (approval.state !== 'pending') return { kind: 'not-decided', why: 'decided', approval };
  if (isExpired(approval, now)) return { kind: 'not-decided', why: 'expired', approval };
  // People may always withdraw their own request.
  if (approve && (fourEyes || approval.fourEyes) && isOwn(approval, approver))
    return { kind: 'not-decided', why: 'own', approval };
  return undefined;
}

/** Whether the person who asked approved it although somebody else has to. Such an approval does not count. */
export function breaksFourEyes(
  approval: Approval,
  { fourEyes, isOwn }: Pick<DecisionRules, 'fourEyes' | 'isOwn'>,
): boolean {
  const { state, decidedBy } = approval;
  if (state !== 'approved' || !(fourEyes || approval.fourEyes)) return false;
  return decidedBy === undefined || isOwn(approval, decidedBy);
}

export function applyDecision(
  approval: Approval,
  { issuer, user, via }: Approver,
  { approve, comment }: Verdict,
  decidedAt: number,
): Approval {
  return {
    ...approval,
    state: approve ? 'approved' : 'refused',
    decidedBy: { issuer, user },
    decidedVia: via,
    decidedAt,
    comment: comment.trim().slice(0, MAX_COMMENT),
  };
}
