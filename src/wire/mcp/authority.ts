/**
 * Everything that a call needs in order to run: the token, the tool and its switches, the policy and its quota. A new request
 * arrives with a verified token. A call that waited (for a person, its client, or its turn) is checked again from the token on,
 * as if it had just arrived, because anything may have changed meanwhile.
 *
 * A call takes at most one unit of its quota: the first check that passes every other rule takes it, later checks do not.
 * A running handler is not cut off when its tool is switched off, because it may be in the middle of a write. It is refused the
 * next time that it waits for its client's answer.
 */
import { Fault } from '../fault.js';
import { principalKey } from '../principal.js';
import { type JsonObject, shorten } from '../value.js';
import type { Decision } from './audit-context.js';
import type { Entry } from './catalog.js';
import type { ApprovalNotice, Call, McpServer, Policy } from './mcp-server.js';
import { didYouMean } from './nearest.js';
import type { RequestContext } from './request-context.js';
import { isThenable } from './run-handler.js';

/** The tool with that name, if it may be called now. @throws Fault when there is none, or it is switched off */
export function findTool(name: string, { catalog }: McpServer): Entry {
  const entry = catalog.get(name);
  if (entry !== undefined) return entry;
  // Suggests only names that tools/list shows to this caller.
  throw new Fault('invalidParams', `no such tool: ${shorten(name, 131)}${didYouMean(name, catalog.names())}`);
}

/** What the policy says of the call now; undefined where there is none. @throws Fault when it cannot be asked */
export function authorize(
  { entry, args, exchange, server }: Call,
  repeated = false,
): Decision | undefined | Promise<Decision> {
  const { audit, caller } = exchange;
  const { policy } = server;
  if (policy === undefined) return undefined;
  audit.needed = policy.needs(entry.tool);
  const again = repeated ? { charged: audit.charged === true } : undefined;
  const decision = policy.call(entry.tool, args, caller.principal, audit.approvedAt, again);
  // Most policies answer synchronously, and awaiting costs a microtask.
  return isThenable(decision) ? decision.then((made) => noted(made, exchange)) : noted(decision, exchange);
}

function noted(decision: Decision, { audit }: RequestContext): Decision {
  audit.decision = decision;
  if (decision.charged === true) audit.charged = true;
  return decision;
}

/** Checks everything again for a call that waited. @throws Fault, the refusal that a new call would get */
export async function reauthorize(call: Call): Promise<void> {
  const { exchange } = call;
  requireWanted(call);
  await verifyAgain(exchange);
  requireSwitchedOn(call);
  const decision = await authorize(call, true);
  if (decision !== undefined && refuses(decision)) throw refusal(decision, exchange);
  // The policy may have taken a while, so the switches are checked again.
  requireSwitchedOn(call);
}

/** @throws Stopped when the call was cancelled: nobody waits for it, and what it would change nobody wants any more */
function requireWanted({ exchange: { stopped }, signal }: Call): void {
  if (stopped !== undefined) throw stopped;
  signal?.throwIfAborted();
}

/**
 * At once, as the last thing before a handler begins.
 *
 * @throws Fault when the tool or its server is switched off, Stopped when the call was cancelled
 */
export function requireSwitchedOn(call: Call): void {
  const { entry, exchange, server } = call;
  requireWanted(call);
  const { name } = entry.tool;
  if (findTool(name, server) !== entry)
    throw new Fault('invalidParams', `${name} was replaced while the call waited; send it again`);
  requireService(exchange, server.policy);
}

/** The same for a prompt or resource, which needs only its scope. @throws Fault */
export async function requireScopeAgain(
  scope: string | undefined,
  exchange: RequestContext,
  { policy }: McpServer,
): Promise<void> {
  await verifyAgain(exchange);
  requireScope(scope, exchange, policy);
}

/** Verifies the same token again: it may have expired, its key may be withdrawn, and its issuer may grant less than before. */
async function verifyAgain({ caller, transport }: RequestContext): Promise<void> {
  const principal = await transport.verifyAgain?.();
  if (principal === undefined) return;
  if (principal instanceof Fault) throw principal;
  if (principalKey(principal) !== principalKey(caller.principal))
    throw new Fault('unauthorized', 'the token belongs to another principal than when the call came');
  caller.principal = principal;
}

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
