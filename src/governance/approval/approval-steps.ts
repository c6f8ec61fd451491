/** The steps of an approval, and the audit record of each. A step that cannot be written down does not count. */
import type { AuditEntry } from '../audit/record.js';
import type { AuditOptions } from '../audit/recorder.js';
import type { Approval, Approver } from './approval.js';

/**
 * `revealed`: somebody saw the arguments as the tool receives them; `shown`: with what is masked elsewhere masked. `voided`: a step that was recorded before did not happen. `outdated`: what the approval rests on has changed. `seal-refused`: a
 * row does not match its seal.
 */
export const APPROVAL_STEPS = [
  'asked',
  'shown',
  'revealed',
  'approved',
  'refused',
  'expired',
  'consumed',
  'replay-refused',
  'voided',
  'outdated',
  'seal-refused',
] as const;

export type ApprovalStep = (typeof APPROVAL_STEPS)[number];

/** Called with each step before it counts; `by` is the person who looked or decided. */
export type OnStep = (step: ApprovalStep, approval: Approval, by?: Approver) => Promise<void>;

export function recordSteps({ log }: Pick<AuditOptions, 'log'>): OnStep {
  return (step, approval, by) =>
    // On disk, as what follows from it is.
    log.append(entryOf(step, approval, by), { durable: step !== 'shown' });
}

function entryOf(step: ApprovalStep, approval: Approval, by: Approver | undefined): AuditEntry {
  const { id, tenant, issuer, user, clientId, server, tool, args, reason, comment } = approval;
  const { decidedBy, decidedVia = '' } = approval;
  const isVerdict = step === 'approved' || step === 'refused';
  return {
    kind: 'approval',
    tenant,
    issuer,
    // The person who took the step: the approver, or else the caller.
    principal:
      by === undefined ? { issuer, user, clientId } : { issuer: by.issuer, user: by.user, clientId: by.via },
    server,
    tool,
    args,
    approvalId: id,
    // The record of the use names the approver once more, because this is where the approval takes effect.
    ...(step === 'consumed' && decidedBy !== undefined
      ? { approver: { ...decidedBy, via: decidedVia } }
      : {}),
    outcome: step,
    decision: isVerdict ? { allow: step === 'approved', reason: comment || step } : { allow: false, reason },
  };
}
