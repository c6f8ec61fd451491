/**
 * Who may read a result later than its call: that of a task, and what a stream of a session has kept for a client that comes
 * back. The same principal may hold several tokens. A result is bound to the scopes that its request needed or was shaped by,
 * and a token without them is refused with a challenge that names them. Nothing is masked once more: a result that differs
 * from one reading to the next surprises, and a tool's own words may repeat what a mask would hide.
 */
import { principalKey } from '../principal.js';
import { refusal } from './access.js';
import type { Decision } from './account.js';
import type { Bound, Reader } from './bound.js';
import type { Change } from './changes.js';
import type { Exchange } from './exchange.js';
import type { McpServer } from './server.js';

type Rules = Pick<McpServer, 'policy' | 'catalog'>;

/** The scopes that the result of a request is bound to, as things stand now; none where the request needed none. */
export function boundOf({ account, caller }: Exchange, { policy }: Rules): readonly string[] {
  const { needed } = account;
  const { scopes } = caller.principal;
  if (policy === undefined || needed === undefined) return [];
  // A policy that does not say may have looked at every scope of the token.
  return policy.boundTo?.(needed, scopes) ?? scopes;
}

/** Why these scopes do not suffice to read what is bound; undefined where they do. */
export function unreadable(
  bound: Bound,
  held: readonly string[],
  { policy, catalog }: Rules,
): Decision | undefined {
  if (policy === undefined || policy.enforced === false) return undefined;
  // Whatever nobody noted takes all that any tool of the server needs.
  const scopes = bound ?? policy.boundTo?.(catalog.scopes, undefined) ?? catalog.scopes;
  const missing = scopes.filter((scope) => !held.includes(scope));
  if (missing.length === 0) return undefined;
  return { allow: false, reason: `to read this result the token lacks ${missing.join(' ')}`, scopes };
}

/** Whether who holds these scopes may read what is bound. */
export function readableBy(held: readonly string[], server: Rules): (bound: Bound) => boolean {
  return (bound) => unreadable(bound, held, server) === undefined;
}

/** Of a changed resource only those are told who may read it. */
export function boundOfChange(
  change: Change,
  { resources }: Pick<McpServer, 'resources'>,
): readonly string[] {
  const scope = change.kind === 'resource' ? resources?.find(change.uri)?.scope : undefined;
  return scope === undefined ? [] : [scope];
}

/** The caller, who may hold another token than the one of the call that the result is of. */
export function readerOf(exchange: Exchange, server: Rules): Reader {
  const principal = principalKey(exchange.caller.principal);
  return { principal, check: (bound) => requireReadable(bound, exchange, server) };
}

/** @throws Fault with a challenge when the caller's token lacks a scope that the result is bound to */
export function requireReadable(bound: Bound, exchange: Exchange, server: Rules): void {
  const decision = unreadable(bound, exchange.caller.principal.scopes, server);
  if (decision === undefined) return;
  Object.assign(exchange.account, { decision, needed: decision.scopes });
  throw refusal(decision, exchange);
}
