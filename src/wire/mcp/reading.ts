/** The scopes that a later reader of a result needs, as they are stored with it. The rules are in reading.ts. */
import { type Bound, principalKey, type Reader } from '../principal.js';
import type { Decision } from './audit-context.js';
import { refusal } from './authority.js';
import type { Change } from './changes.js';
import type { McpServer } from './mcp-server.js';
import type { RequestContext } from './request-context.js';

type Rules = Pick<McpServer, 'policy' | 'catalog'>;

/** The scopes that the result of a request is bound to at this moment; none when the request needed none. */
export function boundOf({ audit, caller }: RequestContext, { policy }: Rules): readonly string[] {
  const { needed } = audit;
  const { scopes } = caller.principal;
  if (policy === undefined || needed === undefined) return [];
  // A policy that does not say which scopes it used may have used all of the token's.
  return policy.boundTo?.(needed, scopes) ?? scopes;
}

/** The refusal when these scopes are not enough to read the result; undefined when they are. */
export function unreadable(
  bound: Bound,
  held: readonly string[],
  { policy, catalog }: Rules,
): Decision | undefined {
  if (policy === undefined || policy.enforced === false) return undefined;
  // If no scopes were stored, reading needs all scopes that any tool of the server needs.
  const scopes = bound ?? policy.boundTo?.(catalog.scopes, undefined) ?? catalog.scopes;
  const missing = scopes.filter((scope) => !held.includes(scope));
  if (missing.length === 0) return undefined;
  return { allow: false, reason: `to read this result the token lacks ${missing.join(' ')}`, scopes };
}

/** Whether a reader with these scopes may read the result. */
export function readableBy(held: readonly string[], server: Rules): (bound: Bound) => boolean {
  return (bound) => unreadable(bound, held, server) === undefined;
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
export function readerOf(exchange: RequestContext, server: Rules): Reader {
  const principal = principalKey(exchange.caller.principal);
  return { principal, check: (bound) => requireReadable(bound, exchange, server) };
}

/** @throws Fault with a challenge when the caller's token lacks a scope that the result is bound to */
export function requireReadable(bound: Bound, exchange: RequestContext, server: Rules): void {
  const decision = unreadable(bound, exchange.caller.principal.scopes, server);
  if (decision === undefined) return;
  Object.assign(exchange.audit, { decision, needed: decision.scopes });
  throw refusal(decision, exchange);
}
