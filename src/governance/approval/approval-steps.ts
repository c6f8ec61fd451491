/**
 * Approvals as the methods of MCP see them, and each of their steps as an audit record: asked, shown, approved, refused,
 * expired, consumed, a second use that was refused, a recorded step that did not happen, and a row that somebody else changed. A
 * step that cannot be written down does not count.
 */

import { StateUnavailable } from '../../cluster/shared-state.js';
import { Fault } from '../../wire/fault.js';
import type { ApprovalNotice } from '../../wire/mcp/mcp-server.js';
import { AuditUnavailable } from '../audit/disk.js';
import type { AuditEntry } from '../audit/record.js';
import type { AuditOptions } from '../audit/recorder.js';
import type { Approval, Approver } from './approval.js';
import type { ApprovalStep, Approvals } from './approvals.js';
import type { ApprovalRequests, ApprovedCall, RefusedCall } from './waiting/approval-requests.js';
import { WaitingRoom } from './waiting/waiting-room.js';

export type ApprovingOptions = {
  /** Whether a card of this request is posted to Slack; callers read that in the refusal. */
  hasCard?: (approval: Approval) => boolean;
  /** Calls of one principal that may wait at the same time; 100 by default. */
  waitingCallsPerPrincipal?: number;
};

/** `pageOf` is the address where an approval is decided; `onAsked` is called with each new one. */
export function createApproving(
  approvals: Approvals,
  pageOf: (id: string) => string,
  onAsked: (approval: Approval) => void,
  { hasCard = () => false, waitingCallsPerPrincipal }: ApprovingOptions = {},
): ApprovalRequests {
  const noticeOf = (approval: Approval): ApprovalNotice => ({
    id: approval.id,
    // As a URL is written: ASCII without quotes, fit for a header as it is.
    url: new URL(pageOf(approval.id)).href,
    expiresAt: new Date(approval.expiresAt).toISOString(),
    slack: hasCard(approval),
  });
  const decidedCall = (approval: Approval): ApprovedCall | RefusedCall | undefined => {
    const notice = noticeOf(approval);
    const { state, decidedAt = 0, comment = '' } = approval;
    if (state === 'refused') return { kind: 'refused', notice, comment };
    if (state !== 'approved') return undefined;
    const consume = (record: () => Promise<void>): Promise<boolean> =>
      reached(approvals.consume(approval, record));
    return { kind: 'approved', notice, approvedAt: decidedAt / 1_000, consume };
  };
  const room = new WaitingRoom(waitingCallsPerPrincipal);
  return {
    async ask(tool, args, principal, reason) {
      const asked = await reached(approvals.ask({ tool, principal, args, reason }));
      if (asked.kind === 'too-many') return asked;
      const { kind, approval } = asked;
      if (kind === 'asked') onAsked(approval);
      return decidedCall(approval) ?? { kind: 'waiting', notice: noticeOf(approval) };
    },
    async decided({ id }, signal) {
      const approval = await reached(approvals.decided(id, signal));
      if (approval === undefined) return { kind: 'over', why: 'gone' };
      const why = approval.state === 'consumed' ? 'used' : 'expired';
      return decidedCall(approval) ?? { kind: 'over', why };
    },
    enter: (principal) => room.enter(principal),
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
  const { decidedBy, decidedVia = '' } = approval;
  const verdict = step === 'approved' || step === 'refused';
  return {
    kind: 'approval',
    tenant,
    issuer,
    // Whose step it is: that of the approver, or of whoever asked.
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
    decision: verdict ? { allow: step === 'approved', reason: comment || step } : { allow: false, reason },
  };
}
