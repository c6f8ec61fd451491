/** What a decision about an approval needs in order to count, and how it changes the approval. Pure. */
import { numberOf, replaceUnseenInText } from '../../pages/unseen.js';
import { shorten } from '../../wire/value.js';
import {
  type Approval,
  type Approver,
  type DecisionRefusal,
  type IsOwn,
  isExpired,
  type Verdict,
} from './approval.js';

type DecisionRules = {
  approver: Approver;
  approve: boolean;
  /** The rule of this replica. The stricter of this and the rule stored with the request applies. */
  fourEyes: boolean;
  isOwn: IsOwn;
  now: number;
  /** Whether the approver sees what is masked elsewhere. */
  seesAll: boolean;
};

export function checkDecision(
  approval: Approval | undefined,
  id: string,
  { approver, approve, fourEyes, isOwn, now, seesAll }: DecisionRules,
): DecisionRefusal | undefined {
  // The row may hold a later approval of the same call.
  if (approval?.id !== id) return { kind: 'not-decided', why: 'unknown' };
  if (approval.state !== 'pending') return { kind: 'not-decided', why: 'decided', approval };
  if (isExpired(approval, now)) return { kind: 'not-decided', why: 'expired', approval };
  // People may always withdraw their own request.
  if (approve && (fourEyes || approval.fourEyes) && isOwn(approval, approver))
    return { kind: 'not-decided', why: 'own', approval };
  if (approve && approval.masked === true && !seesAll)
    return { kind: 'not-decided', why: 'masked', approval };
  return undefined;
}

/** Whether people approved their own request although somebody else has to. Such an approval does not count. */
export function breaksFourEyes(
  approval: Approval,
  { fourEyes, isOwn }: Pick<DecisionRules, 'fourEyes' | 'isOwn'>,
): boolean {
  const { state, decidedBy } = approval;
  if (state !== 'approved' || !(fourEyes || approval.fourEyes)) return false;
  return decidedBy === undefined || isOwn(approval, decidedBy);
}

/** Small enough that the form of the page stays within its size limit in any script. */
export const MAX_COMMENT = 500;

/** The encrypted arguments are not kept any longer. */
export function applyDecision(
  { sealed: _, ...approval }: Approval,
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
    comment: cleanComment(comment),
  };
}

/** It reaches the caller, perhaps in a terminal, so it has no control characters. */
function cleanComment(comment: string): string {
  const text = replaceUnseenInText(comment.trim(), (character) => `[${numberOf(character)}]`);
  return shorten(text, MAX_COMMENT);
}
