/** What a waiting call needs of approvals. approval-steps.ts fills it. */
import type { ApprovalNotice } from '../../../wire/mcp/mcp-server.js';
import type { Principal } from '../../../wire/principal.js';
import type { JsonObject } from '../../../wire/value.js';

export type ApprovalStatus =
  | { kind: 'waiting'; notice: ApprovalNotice }
  | ApprovedCall
  | RefusedCall
  | { kind: 'too-many' };

/** How a wait ends: `over` when nobody decided in time, another call used the approval, or the request is gone. */
export type ApprovalOutcome = ApprovedCall | RefusedCall | { kind: 'over'; why: 'expired' | 'used' | 'gone' };

export type ApprovedCall = {
  kind: 'approved';
  notice: ApprovalNotice;
  /** Seconds since 1970, as policy reads it. */
  approvedAt: number;
  /** True for one caller. It counts only after `record` has brought the call to disk. @throws Fault; then it is not used up */
  consume(record: () => Promise<void>): Promise<boolean>;
};

export type RefusedCall = { kind: 'refused'; notice: ApprovalNotice; comment: string };

/** Requests to people, and their decisions. */
export type ApprovalRequests = {
  /** The approval of this very call, asked for where there is none. @throws Fault while nobody can be asked. */
  ask(tool: string, args: JsonObject, principal: Principal, reason: string): Promise<ApprovalStatus>;
  /** Resolves when the request is decided or expires. Does not request another approval. @throws the signal's reason, Fault */
  decided(notice: ApprovalNotice, signal: AbortSignal): Promise<ApprovalOutcome>;
  /** Counts one more waiting call of this principal until the returned function is called. @throws Fault when there is no room */
  enter(principal: Principal): () => void;
};
