/**
 * Checks everything that a request needs to run: the token, the tool and its switches, the scope, the policy and its quota. A new request
 * arrives with a verified token. A call that waited (for a person, its client, or its turn) is checked again from the token on, as if
 * it had just arrived, because anything may have changed meanwhile.
 *
 * A call takes at most one unit of its quota, at the first check that passes every other rule. When a tool is switched off, a running
 * handler goes on, because it may be in the middle of a write; it is refused the next time that it waits.
 *
 * A result is bound to the scopes that its call needed: a later reader, such as a client that fetches a task or reconnects to a
 * stream, needs them as well.
 *
 * Over 200 lines because no other file decides whether a request may run or a reader may read.
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

/** The refusal of a call to a tool that does not exist or is switched off. */
export function noSuchTool(name: string, { catalog }: McpServer): Fault {
  // Suggests only names that tools/list shows to this caller.
  return invalidParams(`no such tool: ${shorten(name, 131)}${didYouMean(name, [...catalog.entries.keys()])}`);
}

/** What the policy decides about the call now; undefined without a policy, a Fault while it cannot decide. */
export async function authorize(
  { entry, args, context, server: { policy } }: ToolCall,
  isRecheck = false,
): Promise<Decision | Fault | undefined> {
  if (policy === undefined) return undefined;
  const { charged, approvedAt } = context.authorization;
  noteAuthorization(context, { needed: policy.needs(entry.tool) });
  const recheck = isRecheck ? { charged: charged === true } : undefined;
  const { principal } = context.caller;
  const ruling = policy.closed?.() ?? policy.call(entry.tool, args, principal, approvedAt, recheck);
  // The embedded rules decide synchronously.
  const decision = isThenable(ruling) ? await ruling : ruling;
  if (decision instanceof Fault) return decision;
  noteAuthorization(context, decision.charged === true ? { decision, charged: true } : { decision });
  return decision;
}

/** Updates what lets the request run: the decision, or its approval. */
export function noteAuthorization(context: RequestContext, parts: Authorization): void {
  // On Node 20, two spreads would take a microsecond of each call.
  context.authorization = Object.assign({}, context.authorization, parts);
}

/** Checks a call that waited; returns the refusal that a new call would get. @throws Stopped */
export async function reauthorize(call: ToolCall): Promise<Fault | undefined> {
  throwIfCancelled(call);
  const fault = (await verifyAgain(call.context)) ?? checkSwitchedOn(call);
  if (fault !== undefined) return fault;
  const decision = await authorize(call, true);
  if (decision instanceof Fault) return decision;
  if (decision !== undefined && refuses(decision)) return refusal(decision, call.context);
  // The policy may have taken a while, so the switches are checked again.
  return checkSwitchedOn(call);
}

/** @throws Stopped if the call was cancelled, because nobody wants its changes any more. */
function throwIfCancelled({ context: { stopped }, signal }: ToolCall): void {
  if (stopped !== undefined) throw stopped;
  signal?.throwIfAborted();
}

/**
 * The last check before a handler begins: whether its tool and its server are on, and whether what a person approved is unchanged. It
 * is synchronous, so nothing can change between it and the handler. @throws Stopped if the call was cancelled
 */
export function checkSwitchedOn(call: ToolCall): Fault | undefined {
  throwIfCancelled(call);
  const { entry, server } = call;
  const { name } = entry.tool;
  const current = server.catalog.entries.get(name);
  if (current === entry) return checkService(call) ?? call.outdated?.();
  if (current === undefined) return noSuchTool(name, server);
  return invalidParams(`${name} was replaced while the call waited; send it again`);
}

/** The refusal while the server is switched off, or while nobody knows whether it is on. */
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
  // A switched-off server also refuses what is open to every caller.
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

/** Verifies the token again: it may have expired, its key may be withdrawn, or its issuer may grant less than before. */
async function verifyAgain({ caller, transport }: RequestContext): Promise<Fault | undefined> {
  const principal = await transport.verifyAgain?.();
  if (principal === undefined) return undefined;
  if (principal instanceof Fault) return principal;
  if (principalKey(principal) !== principalKey(caller.principal))
    return new Fault('unauthorized', 'the token no longer belongs to the principal that made the call');
  caller.principal = principal;
  return undefined;
}

/** Whether the decision ends the request; in a dry run it does not. */
export function refuses({ allow, enforced }: Decision): boolean {
  return !allow && enforced !== false;
}

/** The refusal of a decision, with a challenge if more scopes would help, and the approval page if a person would. */
export function refusal(decision: Decision, { transport }: RequestContext, approval?: ApprovalNotice): Fault {
  const { scopes, retryAfterS } = decision;
  if (retryAfterS !== undefined) {
    const detail = `too many calls of this tool; try again in ${retryAfterS} s`;
    return new Fault('quotaSpent', detail, { retryAfterS });
  }
  const reason = decision.approvable === true ? approvalNeeded(scopes, approval) : decision.reason;
  const approvalData = approval && { approval: noticeData(approval) };
  const denial: DenialReason | undefined =
    decision.approvable === true && (approvalData !== undefined || scopes === undefined)
      ? 'approval_required'
      : decision.denial;
  const options = denial === undefined ? {} : { reason: denial };
  if (scopes === undefined) return new Fault('forbidden', reason, { ...options, data: approvalData });
  const name = approvalData === undefined ? 'insufficientScope' : 'forbidden';
  return (
    transport.challenge?.(scopes, reason, approvalData?.approval) ??
    new Fault(name, reason, { ...options, data: { scope: scopes.join(' '), ...approvalData } })
  );
}

/** Most clients show their users the message of an error and none of its data, so the message says what to do. */
function approvalNeeded(scopes: readonly string[] | undefined, approval: ApprovalNotice | undefined): string {
  if (approval !== undefined) {
    const slackNote = approval.slack === true ? ' (or its Slack card)' : '';
    const againNote = approval.changed === undefined ? '' : ` again, because ${approval.changed} has changed`;
    return `a person must approve this call${againNote}: ${approval.url}${slackNote}`;
  }
  const tokenNote = scopes === undefined ? '' : `: it needs a token with ${scopes.join(' ')}`;
  return `a person must approve this call${tokenNote}`;
}

/** The notice as it appears in `data`. */
export function noticeData({ id, url, expiresAt }: ApprovalNotice): JsonObject {
  return { id, url, expiresAt };
}

type Rules = Pick<McpServer, 'policy' | 'catalog' | 'onError'>;

/** The scopes that a reader of the result needs, as of now; none if the request needed none. */
export function boundOf({ authorization, caller }: RequestContext, rules: Rules): readonly string[] {
  const { needed } = authorization;
  const { scopes } = caller.principal;
  if (rules.policy === undefined || needed === undefined) return [];
  // A policy that does not say which scopes it used may have used all scopes of the token.
  return boundTo(rules, needed, scopes) ?? scopes;
}

/** What the policy binds a result to. Undefined if it does not say or throws, because a task must end and a stream must go on. */
function boundTo(
  { policy, onError }: Rules,
  needed: readonly string[],
  heldScopes: readonly string[] | undefined,
): readonly string[] | undefined {
  try {
    return policy?.boundTo?.(needed, heldScopes);
  } catch (error) {
    onError(error);
    return undefined;
  }
}

/** The refusal of a reader whose scopes are not enough for the result; undefined if they are. */
export function unreadable(bound: Bound, heldScopes: readonly string[], rules: Rules): Decision | undefined {
  const { policy, catalog } = rules;
  if (policy === undefined || policy.enforced === false) return undefined;
  // Without stored scopes, a reader needs the scopes of all tools.
  const scopes = bound ?? boundTo(rules, catalog.scopes, undefined) ?? catalog.scopes;
  const missing = scopes.filter((scope) => !heldScopes.includes(scope));
  if (missing.length === 0) return undefined;
  return { allow: false, reason: `to read this result the token lacks ${missing.join(' ')}`, scopes };
}

/** A change of a resource is bound to its scope, so that only its readers are notified. */
export function boundOfChange(
  change: Change,
  { resources }: Pick<McpServer, 'resources'>,
): readonly string[] {
  const scope = change.kind === 'resource' ? resources?.find(change.uri)?.scope : undefined;
  return scope === undefined ? [] : [scope];
}

/** The caller as a reader of earlier results. Its token may differ from the one that made the call. */
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
