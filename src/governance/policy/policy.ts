/**
 * The policy of a server that checks tokens: `policy_decide` over the called tool, or a real OPA that is asked the same
 * question. What a caller is told it needs and what `tools/list` says of a tool come from the same function. A quota is
 * taken for calls that every other rule lets through, and then the same judge is told what came out of it.
 */

import { type SharedState, StateUnavailable } from '../../cluster/shared-state.js';
import { Fault } from '../../wire/fault.js';
import type { Decision } from '../../wire/mcp/decision.js';
import type { Tool } from '../../wire/mcp/definitions.js';
import type { Policy } from '../../wire/mcp/mcp-server.js';
import { isThenable } from '../../wire/mcp/run-handler.js';
import type { Principal } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import { maskedColumns, READ_PERSONAL_DATA } from './columns.js';
import { asked, checkAlive, embedded, type Judged, tokenOf, toMask } from './judge.js';
import { callsOf, type Limits, policyTool, takeCall } from './limits.js';
import { createOpaReadiness, type Opa, OpaFailed } from './opa/ask.js';
import { APPROVED_BY_HUMAN, neededScopes, type PolicyServer, type Question } from './question.js';
import { POLICY_VERSION } from './rules.js';

export type PolicyOptions = {
  /** Of the server, as a rule knows it. */
  name: string;
  clock: () => Date;
  limits?: Limits;
  /** Where buckets are kept, so that replicas share them; needed where there are quotas. */
  state?: SharedState;
  /** Decides instead of the rules here. */
  opa?: Opa;
  /** Whether an approval in the token counts, which is good for any call; true unless given. */
  tokenApprovals?: boolean;
  /** A tool of the server, about which `opa` is asked to find out whether it decides. */
  probe?: Tool | undefined;
  /** Decides and lets everything pass. */
  dryRun?: boolean;
  /** Told why nobody could decide. */
  onError?: (error: unknown, about: string) => void;
};

/** Readiness asks for nobody: the answer is a refusal, which is a decision. */
const NOBODY: Principal = {
  ...{ issuer: '', user: 'readiness', tenant: '', clientId: '', scopes: [] },
  ...{ approvedAt: undefined, expiresAt: undefined },
};

/** When a caller may try again while nobody can decide, seconds. */
const RETRY_AFTER_S = 1;

export function createPolicy(options: PolicyOptions): Policy {
  const { name, clock, limits = {}, state, opa, dryRun = false, onError } = options;
  const { tokenApprovals = true, probe } = options;
  const judge = opa === undefined ? embedded : (question: Question) => asked(opa, question);

  // What the rules know of a tool is the same at each call.
  const known = new WeakMap<Tool, { server: PolicyServer; needs: readonly string[] }>();
  const knownOf = (tool: Tool): { server: PolicyServer; needs: readonly string[] } => {
    const before = known.get(tool);
    if (before !== undefined) return before;
    const asked = policyTool(tool, limits);
    const made = {
      // Only the called tool is looked up. mcp/authority.ts checks separately whether it is switched off.
      server: { name, tools: new Map([[tool.name, asked]]) },
      // Where no token can bring an approval, none is asked for: a client would come back with it, and in vain.
      needs: tokenApprovals ? neededScopes(asked) : [tool.scope],
    };
    known.set(tool, made);
    return made;
  };
  const needs = (tool: Tool): readonly string[] => knownOf(tool).needs;
  const question = (tool: Tool, args: JsonObject, principal: Principal, approvedAt?: number): Question => ({
    server: knownOf(tool).server,
    tool: tool.name,
    token: tokenOf(principal, tokenApprovals, approvedAt),
    args,
    now: clock().getTime() / 1_000,
  });

  const decided = (judged: Judged, tool: Tool, principal: Principal, retryAfterS = 0): Decision => {
    const { allow, reason, rule, policy, id, mask = maskedColumns(principal.scopes) } = judged;
    const made: Decision = { allow, reason };
    if (policy !== undefined) made.policy = policy;
    if (id !== undefined) made.id = id;
    if (dryRun) return { ...made, enforced: false };
    if (allow && mask.length > 0) made.mask = toMask(mask);
    if (!allow && (rule === 'scope-held' || (rule === 'approval-fresh' && tokenApprovals)))
      made.scopes = needs(tool);
    if (!allow && rule === 'approval-fresh') made.approvable = true;
    if (!allow && rule === 'quota') made.retryAfterS = Math.max(1, retryAfterS);
    return made;
  };

  async function withQuota(
    first: Judged,
    asking: Question,
    tool: Tool,
    principal: Principal,
  ): Promise<Decision> {
    const quota = await takeCall(
      limits,
      state,
      { server: name, tool: tool.name, caller: principal },
      clock(),
    );
    if (quota === undefined) return decided(first, tool, principal);
    if (quota.allow) return { ...decided(first, tool, principal), charged: true };
    const judged = await judge({ ...asking, quota });
    return decided(judged, tool, principal, quota.retryAfterS);
  }

  function call(
    asking: Question,
    tool: Tool,
    principal: Principal,
    charged: boolean,
  ): Decision | Promise<Decision> {
    const next = (first: Judged): Decision | Promise<Decision> =>
      first.allow && !charged && callsOf(limits, tool.name) > 0
        ? withQuota(first, asking, tool, principal)
        : decided(first, tool, principal);
    const first = judge(asking);
    // The rules here know at once, and a promise costs a turn of the event loop.
    return isThenable(first) ? first.then(next) : next(first);
  }

  // Fails closed: a policy that cannot be asked has not agreed.
  const failed = (error: unknown): Decision | Fault => {
    if (!(error instanceof OpaFailed || error instanceof StateUnavailable)) throw error;
    onError?.(error, 'policy');
    if (dryRun) return { allow: false, reason: `nobody can decide: ${error.message}`, enforced: false };
    return new Fault('unavailable', 'the policy cannot be asked just now; try again', {
      cause: error,
      headers: { 'retry-after': String(RETRY_AFTER_S) },
    });
  };

  const ready =
    opa === undefined || probe === undefined || dryRun
      ? undefined
      : createOpaReadiness(() => asked(opa, question(probe, {}, NOBODY)));

  return {
    ...(ready === undefined ? {} : { ready }),
    ...(dryRun ? { enforced: false } : {}),
    boundTo(needed, held) {
      // An external engine sees every scope, and only it knows which ones mattered. A dry run masks nothing.
      const known = held !== undefined && !dryRun;
      const shaping = known ? held.filter((scope) => scope === READ_PERSONAL_DATA) : [READ_PERSONAL_DATA];
      const all = known && opa !== undefined ? held : [...needed, ...shaping];
      // The call uses the approval up; reading its result needs none.
      return [...new Set(all)].filter((scope) => scope !== APPROVED_BY_HUMAN);
    },
    needs,
    access(tool, principal) {
      const scopes = needs(tool);
      if (opa !== undefined) return { scopes };
      return { scopes, granted: embedded(question(tool, {}, principal)).allow };
    },
    call(tool, args, principal, approvedAt, again) {
      const waited = again !== undefined || approvedAt !== undefined;
      const expired = waited ? checkAlive(principal, clock()) : undefined;
      if (expired !== undefined) return expired;
      const asking = question(tool, args, principal, approvedAt);
      const decision = call(asking, tool, principal, again?.charged === true);
      return isThenable(decision) ? decision.catch(failed) : decision;
    },
    use(scope, principal) {
      const held = principal.scopes.includes(scope);
      const mask = maskedColumns(principal.scopes);
      const made: Decision = {
        allow: held,
        reason: held ? 'ok' : `missing scope: ${scope}`,
        policy: POLICY_VERSION,
      };
      if (dryRun) return { ...made, enforced: false };
      if (!held) return { ...made, scopes: [scope] };
      return mask.length === 0 ? made : { ...made, mask: toMask(mask) };
    },
  };
}
