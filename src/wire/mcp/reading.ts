/**
 * Who may read a result after its call: a task's result, or the stored stream of a session when a client reconnects. A result is
 * bound to the scopes that the call needed; a later reader needs them as well.
 */
import { type Bound, principalKey, type Reader } from '../principal.js';
import { refuseReader } from './authority.js';
import type { Change } from './changes.js';
import type { Decision } from './decision.js';
import type { Call, McpServer } from './mcp-server.js';
import type { RequestContext } from './request-context.js';

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
export function readerOf({ context, server }: Call): Reader {
  return {
    principal: principalKey(context.caller.principal),
    check(bound) {
      const decision = unreadable(bound, context.caller.principal.scopes, server);
      return decision && refuseReader(decision, context);
    },
  };
}
