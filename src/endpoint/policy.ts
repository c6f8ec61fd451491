/**
 * The policy of a server that checks tokens: a call needs its tool's scope, and a destructive one a person's fresh
 * approval beside it. Scopes that follow from others are in the principal already.
 */
import type { Decision, Policy } from '../mcp/access.js';
import type { Tool } from '../mcp/tool.js';
import type { Principal } from '../principal.js';

/** Granted by a person's click and by nothing else; worth something for a quarter of an hour. */
export const APPROVED = 'approved:by:human';
const FRESH_S = 900;

export function scopePolicy(clock: () => Date): Policy {
  const call = (tool: Tool, principal: Principal): Decision => {
    const scopes = neededBy(tool);
    if (!principal.scopes.includes(tool.scope))
      return { allow: false, reason: `missing scope: ${tool.scope}`, scopes };
    if (tool.destructive && !freshlyApproved(principal, clock().getTime() / 1_000))
      return { allow: false, reason: 'destructive tool requires fresh human approval', scopes };
    return { allow: true, reason: 'ok' };
  };
  return {
    access: (tool, principal) => ({ scopes: neededBy(tool), granted: call(tool, principal).allow }),
    call: (tool, _args, principal) => call(tool, principal),
    use: (scope, principal) =>
      principal.scopes.includes(scope)
        ? { allow: true, reason: 'ok' }
        : { allow: false, reason: `missing scope: ${scope}`, scopes: [scope] },
  };
}

function neededBy({ scope, destructive }: Tool): readonly string[] {
  return destructive ? [scope, APPROVED] : [scope];
}

function freshlyApproved({ scopes, approvedAt }: Principal, now: number): boolean {
  return scopes.includes(APPROVED) && approvedAt !== undefined && now - approvedAt <= FRESH_S;
}
