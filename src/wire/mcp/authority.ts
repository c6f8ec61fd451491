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
import { shorten } from '../value.js';
import type { Decision } from './audit-context.js';
import type { Entry } from './catalog.js';
import type { Call, McpServer } from './mcp-server.js';
import { didYouMean } from './nearest.js';
import { refusal, refuses, requireScope, requireService } from './refusals.js';
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
