/**
 * Who may use what. The server is given a policy and asks it before anything runs; what it needs to decide is in the
 * principal. A server without one is open to whoever reaches it: a library in somebody's own hands, or a test.
 */
import { Fault } from '../fault.js';
import type { Principal } from '../principal.js';
import type { JsonObject } from '../value.js';
import type { ApprovalNotice } from './approval-port.js';
import type { Decision } from './audit-context.js';
import type { RequestContext } from './request-context.js';
import type { Tool } from './tool.js';

export type Policy = {
  /** Every scope that a call of the tool needs. */
  needs(tool: Tool): readonly string[];
  /** The same, and whether this principal has them all: for `tools/list`. */
  access(tool: Tool, principal: Principal): Access;
  /** @throws Fault when nobody can decide just now: the call is then refused. */
  call(
    tool: Tool,
    args: JsonObject,
    principal: Principal,
    /** When a person approved this very call, seconds since 1970. */
    approvedAt?: number,
    /** For a call that waited and is checked again: whether it already took its share of the quota. */
    again?: { charged: boolean },
  ): Decision | Promise<Decision>;
  /** Rejects when nobody can decide just now, so that every call is refused; absent where that cannot happen. */
  ready?(): Promise<void>;
  /** The refusal that applies to every call right now, returned synchronously; undefined while the server accepts calls. */
  closed?(): Decision | undefined;
  /**
   * The scopes that a result is bound to: those of the token's scopes that the request needed or that shaped the result. A later
   * reader needs them as well. Without `held` the token's scopes are no longer known.
   */
  boundTo?(needed: readonly string[], held: readonly string[] | undefined): readonly string[];
  /** False in a dry run, which refuses nothing. */
  readonly enforced?: false;
  /** Resources and prompts need their scope and nothing else. */
  use(scope: string, principal: Principal): Decision;
};

/** `granted` is absent where it takes an engine elsewhere to know. */
export type Access = { scopes: readonly string[]; granted?: boolean };

/** Whether the request ends here: in a dry run it goes on. */
export function refuses({ allow, enforced }: Decision): boolean {
  return !allow && enforced !== false;
}

/** The refusal of a decision that does not allow, with a challenge where more scopes would help, and a page where a person would. */
export function refusal(decision: Decision, { transport }: RequestContext, approval?: ApprovalNotice): Fault {
  const { scopes, retryAfterS } = decision;
  if (retryAfterS !== undefined) {
    const detail = `too many calls of this tool; try again in ${retryAfterS} s`;
    return new Fault('quotaSpent', detail, { headers: { 'retry-after': String(retryAfterS) } });
  }
  const reason = decision.approvable === true ? approvalNeeded(scopes, approval) : decision.reason;
  const more = approval && { approval: noticeData(approval) };
  if (scopes === undefined) return new Fault('forbidden', reason, more && { data: more });
  const name = more === undefined ? 'insufficientScope' : 'forbidden';
  return (
    transport.challenge?.(scopes, reason, more?.approval) ??
    new Fault(name, reason, { data: { scope: scopes.join(' '), ...more } })
  );
}

/** Most clients show their users the message of an error and none of its data, so the way on stands in it. */
function approvalNeeded(scopes: readonly string[] | undefined, approval: ApprovalNotice | undefined): string {
  if (approval !== undefined) {
    const elsewhere = approval.slack === true ? ' (or its Slack card)' : '';
    return `a person must approve this call: ${approval.url}${elsewhere}`;
  }
  const token = scopes === undefined ? '' : `: it needs a token with ${scopes.join(' ')}`;
  return `a person must approve this call${token}`;
}

/** The notice as clients find it in `data`. */
export function noticeData({ id, url, expiresAt }: ApprovalNotice): JsonObject {
  return { id, url, expiresAt };
}

/** @throws Fault while the server is switched off, or nobody can say whether it is on. */
export function requireService(exchange: RequestContext, policy: Policy | undefined): void {
  const closed = policy?.closed?.();
  if (closed === undefined) return;
  exchange.audit.decision = closed;
  throw refusal(closed, exchange);
}

/** @throws Fault when the caller lacks the scope of a resource or prompt, or the server is switched off. */
export function requireScope(
  scope: string | undefined,
  exchange: RequestContext,
  policy: Policy | undefined,
): void {
  if (policy === undefined) return;
  if (scope === undefined) {
    // What is open to every caller is switched off like the rest.
    requireService(exchange, policy);
    return;
  }
  const decision = policy.use(scope, exchange.caller.principal);
  exchange.audit.decision = decision;
  exchange.audit.needed = [scope];
  if (refuses(decision)) throw refusal(decision, exchange);
}
