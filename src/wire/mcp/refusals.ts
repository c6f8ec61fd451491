/** The refusals of a decision, and the checks of a scope. */
import { Fault } from '../fault.js';
import type { JsonObject } from '../value.js';
import type { Decision } from './audit-context.js';
import type { ApprovalNotice, Policy } from './mcp-server.js';
import type { RequestContext } from './request-context.js';

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
