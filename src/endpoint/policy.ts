/**
 * The built-in policy of a server that checks tokens: `policy_decide` over the called tool. What a caller is told it
 * needs and what `tools/list` says of a tool come from the same function.
 */
import type { Decision, Policy } from '../mcp/access.js';
import type { Tool } from '../mcp/tool.js';
import { policy_decide } from '../policy/decide.js';
import { neededScopes, type PolicyTool, policyToken } from '../policy/question.js';
import type { RuleId } from '../policy/rules.js';
import type { Principal } from '../principal.js';
import type { JsonObject } from '../value.js';

/** What a token with more scopes could get past; the other rules are no matter of scopes. */
const STEP_UP: readonly RuleId[] = ['scope-held', 'approval-fresh'];

export function createPolicy(name: string, clock: () => Date): Policy {
  const call = (tool: Tool, args: JsonObject, principal: Principal): Decision => {
    // Only the called tool: that there is one of this name was found out by the catalog, which knows what is switched off.
    const server = { name, tools: new Map([[tool.name, policyTool(tool)]]) };
    const seconds = clock().getTime() / 1_000;
    const decision = policy_decide(server, tool.name, policyToken(principal), args, seconds);
    const { allow, reason } = decision;
    const helps = !decision.allow && STEP_UP.includes(decision.rule);
    return helps ? { allow, reason, scopes: neededScopes(policyTool(tool)) } : { allow, reason };
  };
  return {
    access: (tool, principal) => ({
      scopes: neededScopes(policyTool(tool)),
      granted: call(tool, {}, principal).allow,
    }),
    call,
    use: (scope, principal) =>
      principal.scopes.includes(scope)
        ? { allow: true, reason: 'ok' }
        : { allow: false, reason: `missing scope: ${scope}`, scopes: [scope] },
  };
}

function policyTool({ scope, destructive }: Tool): PolicyTool {
  return { required_scope: scope, destructive };
}
