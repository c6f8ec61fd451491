/**
 * The port to approvals: a person's yes to one call, given somewhere else than on the wire that the call came by. What is
 * waited for and used up here is kept, bound and decided by whoever fills the port.
 */
import type { Principal } from '../principal.js';
import type { JsonObject } from '../value.js';

/** What a caller is told of a request that waits: its page gives nobody any right. */
export type ApprovalNotice = {
  id: string;
  url: string;
  /** RFC 3339. */
  expiresAt: string;
  /** Whether Slack shows it to approvers as well; not told to machines. */
  slack?: boolean;
};

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

export type ApprovalPort = {
  /** The approval of this very call, asked for where there is none. @throws Fault while nobody can be asked. */
  ask(tool: string, args: JsonObject, principal: Principal, reason: string): Promise<ApprovalStatus>;
  /** Resolves when the request is decided or expires. Does not request another approval. @throws the signal's reason, Fault */
  decided(notice: ApprovalNotice, signal: AbortSignal): Promise<ApprovalOutcome>;
  /** Counts one more waiting call of this principal until the returned function is called. @throws Fault when there is no room */
  enter(principal: Principal): () => void;
};
