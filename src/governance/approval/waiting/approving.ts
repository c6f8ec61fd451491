/**
 * What a waiting call needs of approvals: to request one, to wait for its decision, and a limit on how many calls wait. Where
 * nobody can be asked, nobody has approved.
 */
import { StateUnavailable } from '../../../cluster/shared-state.js';
import { Fault } from '../../../wire/fault.js';
import { type Share, shareOf, shareTaken } from '../../../wire/mcp/budget.js';
import type { ApprovalNotice } from '../../../wire/mcp/mcp-server.js';
import { type Principal, tenantKey } from '../../../wire/principal.js';
import { AuditUnavailable } from '../../audit/disk.js';
import type { Approval, Call } from '../approval.js';
import type { Approvals } from '../approvals.js';
import type { Basis } from '../basis.js';

export type ApprovedCall = {
  kind: 'approved';
  notice: ApprovalNotice;
  /** Seconds since 1970, as policy reads it. */
  approvedAt: number;
  basis: Basis | undefined;
  /**
   * True for one caller, whose call rests on `basis` as the approval does. It counts only after `record` has brought the call to
   * disk. @throws Fault; then it is not used up
   */
  consume(record: () => Promise<void>, basis: Basis): Promise<boolean>;
};
export type RefusedCall = { kind: 'refused'; notice: ApprovalNotice; comment: string };
export type ApprovalStatus =
  | { kind: 'waiting'; notice: ApprovalNotice }
  | ApprovedCall
  | RefusedCall
  | { kind: 'too-many' };

/** How a wait ends: `over` when nobody decided in time, another call used the approval, or the request is gone. */
export type ApprovalOutcome = ApprovedCall | RefusedCall | { kind: 'over'; why: 'expired' | 'used' | 'gone' };

export type ApprovalRequests = {
  /** The approval of exactly this call; requests one if there is none. @throws Fault while nobody can be asked */
  ask(call: Call): Promise<ApprovalStatus>;
  /** Resolves when the request is decided or expires. Does not request another approval. @throws the signal's reason, Fault */
  waitForDecision(notice: ApprovalNotice, signal: AbortSignal): Promise<ApprovalOutcome>;
  /** Counts one more waiting call of this principal until the returned function is called. @throws Fault when there is no room */
  enter(principal: Principal): () => void;
};

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
  const verdictOf = (approval: Approval): ApprovedCall | RefusedCall | undefined => {
    const notice = noticeOf(approval);
    const { state, decidedAt = 0, comment = '' } = approval;
    if (state === 'refused') return { kind: 'refused', notice, comment };
    if (state !== 'approved') return undefined;
    const { basis } = approval;
    const consume: ApprovedCall['consume'] = (record, ownBasis) =>
      orUnavailable(approvals.consume(approval, record, ownBasis));
    return { kind: 'approved', notice, approvedAt: decidedAt / 1_000, basis, consume };
  };
  const room = new WaitingRoom(waitingCallsPerPrincipal);
  return {
    async ask(call) {
      const outcome = await orUnavailable(approvals.ask(call));
      if (outcome.kind === 'too-many') return outcome;
      const { kind, approval, changed } = outcome;
      if (kind === 'asked') onAsked(approval);
      return (
        verdictOf(approval) ?? {
          kind: 'waiting',
          notice: { ...noticeOf(approval), ...(changed && { changed }) },
        }
      );
    },
    async waitForDecision({ id }, signal) {
      const approval = await orUnavailable(approvals.waitForDecision(id, signal));
      if (approval === undefined) return { kind: 'over', why: 'gone' };
      const why = approval.state === 'consumed' ? 'used' : 'expired';
      return verdictOf(approval) ?? { kind: 'over', why };
    },
    enter: (principal) => room.enter(principal),
  };
}

/** @throws Fault in place of an error of the shared state or of the audit log */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StateUnavailable || error instanceof AuditUnavailable)) throw error;
    throw new Fault('unavailable', 'nobody can be asked for an approval just now; try again', {
      cause: error,
    });
  }
}

const MAX_WAITING = 10_000;
/** So that no tenant takes all. */
const MAX_PER_TENANT = MAX_WAITING / 2;
const WAITING_PER_PRINCIPAL = 100;

/**
 * How many calls wait for a person at the same time: of one caller, of one tenant, and of all, counted in each process. A waiting
 * call takes memory and a task or a connection for as long as a person needs, so identical calls count one by one, even if they
 * share a request. A caller here is a user with all of their clients, because a user may register thousands of clients.
 */
export class WaitingRoom {
  readonly #share: Share;
  readonly #users = new Map<string, number>();
  readonly #tenants = new Map<string, number>();
  #all = 0;

  constructor(perPrincipal = WAITING_PER_PRINCIPAL) {
    this.#share = shareOf('waiting calls', 'waiting-calls-per-principal', MAX_WAITING, perPrincipal);
  }

  /** Counts one more waiting call of this principal until the returned function is called. @throws Fault when there is no room */
  enter(principal: Principal): () => void {
    const tenant = tenantKey(principal);
    const user = JSON.stringify([tenant, principal.user]);
    if ((this.#users.get(user) ?? 0) >= this.#share.max) throw shareTaken(this.#share);
    if ((this.#tenants.get(tenant) ?? 0) >= MAX_PER_TENANT)
      throw new Fault('quotaSpent', `${MAX_PER_TENANT} calls of your tenant wait for a person`);
    if (this.#all >= MAX_WAITING)
      throw new Fault('busy', `${MAX_WAITING} calls wait for a person; try again later`);
    add(this.#users, user, 1);
    add(this.#tenants, tenant, 1);
    this.#all += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#all -= 1;
      add(this.#users, user, -1);
      add(this.#tenants, tenant, -1);
    };
  }
}

function add(counts: Map<string, number>, key: string, more: number): void {
  const count = (counts.get(key) ?? 0) + more;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
