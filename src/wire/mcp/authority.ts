/**
 * Everything that a request needs in order to run: the token, the tool and its switches, the scope, the policy and its quota. A new
 * request arrives with a verified token. A call that waited (for a person, its client, or its turn) is checked again from the token
 * on, as if it had just arrived, because anything may have changed meanwhile.
 *
 * A call takes at most one unit of its quota: the first check that passes every other rule takes it, later checks do not.
 * A running handler is not cut off when its tool is switched off, because it may be in the middle of a write. It is refused the
 * next time that it waits for its client's answer.
 *
 * A result is bound to the scopes that its call needed: a later reader, such as a client that fetches a task or reconnects to a
 * stream, needs them as well.
 *
 * Over 200 lines because whatever lets a request run, or a reader read, is checked here and nowhere else.
 */

import type { DenialReason } from '../denial.js';
import { Fault, invalidParams } from '../fault.js';
import { type Bound, principalKey, type Reader } from '../principal.js';
import { isThenable, type JsonObject, shorten } from '../value.js';
import type { Change } from './connection.js';
import type { Authorization, Decision } from './decision.js';
import type { ApprovalNotice, Call, McpServer, ToolCall } from './mcp-server.js';
import { didYouMean } from './nearest.js';
import type { RequestContext } from './request-context.js';

/** The refusal of a call of a tool that does not exist, or is switched off. */
export function noSuchTool(name: string, { catalog }: McpServer): Fault {
  // Suggests only names that tools/list shows to this caller.
  return invalidParams(`no such tool: ${shorten(name, 131)}${didYouMean(name, catalog.names())}`);
}

/** What the policy decides about the call now; undefined where there is none, a Fault while it cannot be asked. */
export async function authorize(
  { entry, args, context, server: { policy } }: ToolCall,
  repeated = false,
): Promise<Decision | Fault | undefined> {
  if (policy === undefined) return undefined;
  const { charged, approvedAt } = context.authorization;
  noteAuthorization(context, { needed: policy.needs(entry.tool) });
  const again = repeated ? { charged: charged === true } : undefined;
  const { principal } = context.caller;
  const ruling = policy.closed?.() ?? policy.call(entry.tool, args, principal, approvedAt, again);
  // The rules here wait for nothing.
  const decision = isThenable(ruling) ? await ruling : ruling;
  if (decision instanceof Fault) return decision;
  noteAuthorization(context, decision.charged === true ? { decision, charged: true } : { decision });
  return decision;
}

/** Replaces parts of what lets the request run: the decision, or the approval that it waits for, got, or did not use. */
export function noteAuthorization(context: RequestContext, parts: Authorization): void {
  // On Node 20, two spreads would take a microsecond of each call.
  context.authorization = Object.assign({}, context.authorization, parts);
}

/** Checks everything again for a call that waited; the refusal that a new call would get. @throws Stopped */
export async function reauthorize(call: ToolCall): Promise<Fault | undefined> {
  requireWanted(call);
  const fault = (await verifyAgain(call.context)) ?? checkSwitchedOn(call);
  if (fault !== undefined) return fault;
  const decision = await authorize(call, true);
  if (decision instanceof Fault) return decision;
  if (decision !== undefined && refuses(decision)) return refusal(decision, call.context);
  // The policy may have taken a while, so the switches are checked again.
  return checkSwitchedOn(call);
}

/** @throws Stopped when the call was cancelled: nobody waits for it, and nobody wants any more what it would change */
function requireWanted({ context: { stopped }, signal }: ToolCall): void {
  if (stopped !== undefined) throw stopped;
  signal?.throwIfAborted();
}

/**
 * The last check before a handler begins: whether its tool and its server are switched on, and what a person approved is unchanged.
 * It takes no time, so nothing changes between it and the handler. @throws Stopped when the call was cancelled */
export function checkSwitchedOn(call: ToolCall): Fault | undefined {
  requireWanted(call);
  const { entry, server } = call;
  const { name } = entry.tool;
  const current = server.catalog.get(name);
  if (current === entry) return checkService(call) ?? call.outdated?.();
  if (current === undefined) return noSuchTool(name, server);
  return invalidParams(`${name} was replaced while the call waited; send it again`);
}

/** The refusal while the server is switched off, or nobody can say whether it is on. */
function checkService({ context, server }: Call): Fault | undefined {
  const closed = server.policy?.closed?.();
  if (closed === undefined || closed instanceof Fault) return closed;
  noteAuthorization(context, { decision: closed });
  return refusal(closed, context);
}

/** The refusal of a caller who lacks the scope of a resource or prompt, or while the server is switched off. */
export function checkScope(scope: string | undefined, call: Call): Fault | undefined {
  const { context, server } = call;
  if (server.policy === undefined) return undefined;
  // What is open to every caller is switched off like the rest.
  if (scope === undefined) return checkService(call);
  const decision = server.policy.closed?.() ?? server.policy.use(scope, context.caller.principal);
  if (decision instanceof Fault) return decision;
  noteAuthorization(context, { decision, needed: [scope] });
  return refuses(decision) ? refusal(decision, context) : undefined;
}

/** The same for a request that waited. */
export async function checkScopeAgain(scope: string | undefined, call: Call): Promise<Fault | undefined> {
  return (await verifyAgain(call.context)) ?? checkScope(scope, call);
}

/** Verifies the same token again: it may have expired, its key may be withdrawn, and its issuer may grant less than before. */
async function verifyAgain({ caller, transport }: RequestContext): Promise<Fault | undefined> {
  const principal = await transport.verifyAgain?.();
  if (principal === undefined) return undefined;
  if (principal instanceof Fault) return principal;
  if (principalKey(principal) !== principalKey(caller.principal))
    return new Fault('unauthorized', 'the token belongs to another principal than when the call came');
  caller.principal = principal;
  return undefined;
}

/** Whether the request ends here: in a dry run it goes on. */
export function refuses({ allow, enforced }: Decision): boolean {
  return !allow && enforced !== false;
}

/** The refusal of a decision: with a challenge where more scopes would help, and a page where a person would. */
export function refusal(decision: Decision, { transport }: RequestContext, approval?: ApprovalNotice): Fault {
  const { scopes, retryAfterS } = decision;
  if (retryAfterS !== undefined) {
    const detail = `too many calls of this tool; try again in ${retryAfterS} s`;
    return new Fault('quotaSpent', detail, { retryAfterS });
  }
  const reason = decision.approvable === true ? approvalNeeded(scopes, approval) : decision.reason;
  const more = approval && { approval: noticeData(approval) };
  const denial: DenialReason | undefined =
    decision.approvable === true && (more !== undefined || scopes === undefined)
      ? 'approval_required'
      : decision.denial;
  const options = denial === undefined ? {} : { reason: denial };
  if (scopes === undefined) return new Fault('forbidden', reason, { ...options, data: more });
  const name = more === undefined ? 'insufficientScope' : 'forbidden';
  return (
    transport.challenge?.(scopes, reason, more?.approval) ??
    new Fault(name, reason, { ...options, data: { scope: scopes.join(' '), ...more } })
  );
}

/** Most clients show their users the message of an error and none of its data, so the message says what to do. */
function approvalNeeded(scopes: readonly string[] | undefined, approval: ApprovalNotice | undefined): string {
  if (approval !== undefined) {
    const elsewhere = approval.slack === true ? ' (or its Slack card)' : '';
    const again = approval.changed === undefined ? '' : ` again, because ${approval.changed} has changed`;
    return `a person must approve this call${again}: ${approval.url}${elsewhere}`;
  }
  const token = scopes === undefined ? '' : `: it needs a token with ${scopes.join(' ')}`;
  return `a person must approve this call${token}`;
}

/** The notice as clients find it in `data`. */
export function noticeData({ id, url, expiresAt }: ApprovalNotice): JsonObject {
  return { id, url, expiresAt };
}

type Rules = Pick<McpServer, 'policy' | 'catalog'>;

/** The scopes that the result of a request is bound to at this moment; none when the request needed none. */
export function boundOf({ authorization, caller }: RequestContext, { policy }: Rules): readonly string[] {
  const { needed } = authorization;
  const { scopes } = caller.principal;
  if (policy === undefined || needed === undefined) return [];
  // A policy that does not say which scopes it used may have used all of the token's.
  return policy.boundTo?.(needed, scopes) ?? scopes;
}

/** The refusal when these scopes are not enough to read the result; undefined when they are. */
export function unreadable(
  bound: Bound,
  heldScopes: readonly string[],
  { policy, catalog }: Rules,
): Decision | undefined {
  if (policy === undefined || policy.enforced === false) return undefined;
  // If no scopes were stored, reading needs all scopes that any tool of the server needs.
  const scopes = bound ?? policy.boundTo?.(catalog.scopes, undefined) ?? catalog.scopes;
  const missing = scopes.filter((scope) => !heldScopes.includes(scope));
  if (missing.length === 0) return undefined;
  return { allow: false, reason: `to read this result the token lacks ${missing.join(' ')}`, scopes };
}

/** Only clients that may read a resource are notified of its change. */
export function boundOfChange(
  change: Change,
  { resources }: Pick<McpServer, 'resources'>,
): readonly string[] {
  const scope = change.kind === 'resource' ? resources?.find(change.uri)?.scope : undefined;
  return scope === undefined ? [] : [scope];
}

/** The caller as a reader, perhaps with another token than the one that made the call. */
export function readerOf({ context, server }: Call): Reader {
  return {
    principal: principalKey(context.caller.principal),
    check(bound) {
      const decision = unreadable(bound, context.caller.principal.scopes, server);
      if (decision === undefined) return undefined;
      noteAuthorization(context, { decision, ...(decision.scopes && { needed: decision.scopes }) });
      return refusal(decision, context);
    },
  };
}
