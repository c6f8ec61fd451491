/**
 * Approvals as the methods of MCP see them, and each of their steps as an audit record: asked, shown, approved, refused,
 * expired, consumed, a second use that was refused, and a recorded step that did not take place. A step that cannot be written
 * down does not count.
 */
import type { Approval, Approver } from '../approval/approval.js';
import type { ApprovalStep, Approvals } from '../approval/approvals.js';
import { AuditUnavailable } from '../audit/disk.js';
import type { AuditEntry } from '../audit/record.js';
import { Fault } from '../fault.js';
import type { ApprovalNotice, Approving } from '../mcp/approving.js';
import { StateUnavailable } from '../shared-state.js';
import type { AuditOptions } from './options.js';

/**
 * `pageOf` is the address where an approval is decided; `onAsked` is called with each new one. `hasCard` is true where
 * approvers also find a card in Slack, which callers then read.
 */
export function createApproving(
  approvals: Approvals,
  pageOf: (id: string) => string,
  onAsked: (approval: Approval) => void,
  { hasCard = () => false }: { hasCard?: (approval: Approval) => boolean } = {},
): Approving {
  const noticeOf = (approval: Approval): ApprovalNotice => ({
    id: approval.id,
    // As a URL is written: ASCII without quotes, fit for a header as it is.
    url: new URL(pageOf(approval.id)).href,
    expiresAt: new Date(approval.expiresAt).toISOString(),
    slack: hasCard(approval),
  });
  return {
    async ask(tool, args, principal, reason) {
      const asked = await reached(approvals.ask({ tool, principal, args, reason }));
      if (asked.kind === 'too-many') return asked;
      const { kind, approval } = asked;
      const notice = noticeOf(approval);
      if (kind === 'asked') onAsked(approval);
      if (kind === 'refused') return { kind, notice, comment: approval.comment ?? '' };
      if (kind !== 'approved') return { kind: 'waiting', notice };
      const approvedAt = (approval.decidedAt ?? 0) / 1_000;
      return {
        kind,
        notice,
        approvedAt,
        consume: (record) => reached(approvals.consume(approval, record)),
      };
    },
    decided: async (id, signal) => void (await reached(approvals.decided(id, signal))),
  };
}

/** Fails closed: where nobody can be asked, nobody has approved. */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StateUnavailable || error instanceof AuditUnavailable)) throw error;
    throw new Fault('unavailable', 'nobody can be asked for an approval just now; try again', {
      cause: error,
      headers: { 'retry-after': '5' },
    });
  }
}

export function recordSteps({ log }: Pick<AuditOptions, 'log'>) {
  return (step: ApprovalStep, approval: Approval, by?: Approver): Promise<void> =>
    // On disk, as what follows from it is.
    log.append(entryOf(step, approval, by), { durable: step !== 'shown' });
}

function entryOf(step: ApprovalStep, approval: Approval, by: Approver | undefined): AuditEntry {
  const { id, tenant, issuer, user, clientId, server, tool, args, reason, comment } = approval;
  const verdict = step === 'approved' || step === 'refused';
  return {
    kind: 'approval',
    tenant,
    // Whose step it is: that of the approver, or of whoever asked.
    principal:
      by === undefined ? { issuer, user, clientId } : { issuer: by.issuer, user: by.user, clientId: by.via },
    server,
    tool,
    args,
    approvalId: id,
    outcome: step,
    decision: verdict ? { allow: step === 'approved', reason: comment || step } : { allow: false, reason },
  };
}
