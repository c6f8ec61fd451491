/**
 * The policy of a server that checks tokens: `policy_decide` over the called tool, or an Open Policy Agent that gets the same
 * question. What a caller needs and what `tools/list` says about a tool come from the same function. A quota is taken for calls
 * that every other rule allows; when it is spent, the same judge decides again with that outcome.
 */
import { type SharedState, StateUnavailable } from '../../cluster/shared-state.js';
import { Fault } from '../../wire/fault.js';
import { canonicalJson } from '../../wire/jsonrpc/json.js';
import type { OnError } from '../../wire/log.js';
import type { Decision } from '../../wire/mcp/decision.js';
import type { Tool } from '../../wire/mcp/definitions.js';
import type { Policy } from '../../wire/mcp/mcp-server.js';
import type { Principal } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import { maskColumns, maskedColumns, READ_PERSONAL_DATA } from './columns.js';
import { callsOf, type Limits, policyTool } from './limits.js';
import { createOpaReadiness, type Opa, OpaFailed, opaInput } from './opa/ask.js';
import { APPROVED_BY_HUMAN, neededScopes, type PolicyServer, type Question } from './question.js';
import { QuotaLeases } from './quota.js';
import { decide, POLICY_VERSION } from './rules.js';

export type PolicyOptions = {
  /** Of the server, as a rule knows it. */
  name: string;
  clock: () => Date;
  limits?: Limits;
  /** Where buckets are kept, so that replicas share them; needed where there are quotas. */
  state?: SharedState;
  /** Decides instead of the rules here. */
  opa?: Opa;
  /** Whether an approval in the token counts, which is good for any call; true by default. */
  tokenApprovals?: boolean;
  /** A tool of the server, about which `opa` is asked to find out whether it decides. */
  probe?: Tool | undefined;
  /** Decides and lets everything pass. */
  dryRun?: boolean;
  /** Called with the reason when nobody could decide. */
  onError?: OnError;
};

/** What the judge says, in the same form from the embedded rules and from OPA. `rule` is the rule that denied. */
type Ruling = Omit<Decision, 'mask'> & { rule?: string; mask?: readonly string[] };

/** Readiness asks for nobody: the answer is a refusal, which is a decision. */
const NOBODY: Principal = {
  ...{ issuer: '', user: 'readiness', tenant: '', clientId: '', scopes: [] },
  ...{ approvedAt: undefined, expiresAt: undefined },
};

type CountedCall = { question: Question; tool: Tool; principal: Principal; perMinute: number };

/** When a caller may try again while nobody can decide, seconds. */
const RETRY_AFTER_S = 1;

/** What the rules know of a tool. */
type ToolFacts = { server: PolicyServer; needs: readonly string[]; callsPerMinute: number };

export function createPolicy(options: PolicyOptions): Policy {
  const { name, clock, limits = {}, state, opa, dryRun = false, onError } = options;
  const { tokenApprovals = true, probe } = options;
  const leases = new QuotaLeases(state, clock);

  // It is the same at each call.
  const toolFacts = new WeakMap<Tool, ToolFacts>();
  const factsOf = (tool: Tool): ToolFacts => {
    const cached = toolFacts.get(tool);
    if (cached !== undefined) return cached;
    const definition = policyTool(tool, limits);
    const facts = {
      // Only the called tool is looked up. mcp/authority.ts checks separately whether it is switched off.
      server: { name, tools: new Map([[tool.name, definition]]) },
      // Where no token can bring an approval, none is requested: a client would return with one in vain.
      needs: tokenApprovals ? neededScopes(definition) : [tool.scope],
      callsPerMinute: callsOf(limits, tool.name),
    };
    toolFacts.set(tool, facts);
    return facts;
  };

  function questionOf(tool: Tool, args: JsonObject, principal: Principal, callApprovedAt?: number): Question {
    const { user, issuer, tenant, scopes, approvedAt } = principal;
    return {
      server: factsOf(tool).server,
      tool: tool.name,
      // An approval of exactly this call counts like one in the token.
      token:
        callApprovedAt === undefined
          ? { user, issuer, tenant, scopes, approved_at: tokenApprovals ? approvedAt : undefined }
          : { user, issuer, tenant, scopes: [...scopes, APPROVED_BY_HUMAN], approved_at: callApprovedAt },
      args,
      now: clock().getTime() / 1_000,
    };
  }

  const judge = (question: Question): Ruling | Promise<Ruling> =>
    opa === undefined ? decide(question) : askOpa(opa, question);

  function toDecision(ruling: Ruling, tool: Tool, principal: Principal, retryAfterS = 0): Decision {
    const { allow, reason, rule, id, mask = maskedColumns(principal.scopes) } = ruling;
    const decision: Decision = { allow, reason };
    const policy = opa === undefined ? POLICY_VERSION : ruling.policy;
    if (policy !== undefined) decision.policy = policy;
    if (id !== undefined) decision.id = id;
    if (dryRun) return { ...decision, enforced: false };
    if (allow && mask.length > 0) decision.mask = (text) => maskColumns(text, mask);
    if (!allow && (rule === 'scope-held' || (rule === 'approval-fresh' && tokenApprovals)))
      decision.scopes = factsOf(tool).needs;
    if (!allow && rule === 'approval-fresh') decision.approvable = true;
    if (!allow && rule === 'quota') decision.retryAfterS = Math.max(1, retryAfterS);
    return decision;
  }

  // Fails closed: a policy that cannot be asked has not agreed.
  const toFailure = (error: unknown): Decision | Fault => {
    if (!(error instanceof OpaFailed || error instanceof StateUnavailable)) throw error;
    onError?.(error, 'policy.unavailable', { server: name });
    if (dryRun) return { allow: false, reason: `nobody can decide: ${error.message}`, enforced: false };
    return new Fault('unavailable', 'the policy cannot be asked just now; try again', {
      cause: error,
      retryAfterS: RETRY_AFTER_S,
    });
  };

  /** Asks OPA, or takes a call from the bucket. */
  async function decideLater({
    question,
    tool,
    principal,
    perMinute,
  }: CountedCall): Promise<Decision | Fault> {
    try {
      const ruling = await judge(question);
      const decision = toDecision(ruling, tool, principal);
      if (!ruling.allow || perMinute === 0) return decision;
      const quota = await leases.take({ server: name, tool: tool.name, caller: principal, perMinute });
      if (quota.allow) return { ...decision, charged: true };
      return toDecision(await judge({ ...question, quota }), tool, principal, quota.retryAfterS);
    } catch (error) {
      return toFailure(error);
    }
  }

  const ready =
    opa === undefined || probe === undefined || dryRun
      ? undefined
      : createOpaReadiness(() => askOpa(opa, questionOf(probe, {}, NOBODY)));

  const own = canonicalJson([POLICY_VERSION, limits, tokenApprovals, dryRun]);

  return {
    revision: () => (opa === undefined ? own : `${own} ${opa.revision?.() ?? ''}`),
    ...(ready === undefined ? {} : { ready }),
    ...(dryRun ? { enforced: false } : {}),
    boundTo(needed, held) {
      // An external engine sees every scope, and only it knows which ones mattered. A dry run masks nothing.
      const isShaped = held !== undefined && !dryRun;
      const shaping = isShaped ? held.filter((scope) => scope === READ_PERSONAL_DATA) : [READ_PERSONAL_DATA];
      const all = isShaped && opa !== undefined ? held : [...needed, ...shaping];
      // The call uses the approval up; reading its result needs none.
      return [...new Set(all)].filter((scope) => scope !== APPROVED_BY_HUMAN);
    },
    needs: (tool) => factsOf(tool).needs,
    access(tool, principal) {
      const scopes = factsOf(tool).needs;
      if (opa !== undefined) return { scopes };
      return { scopes, granted: decide(questionOf(tool, {}, principal)).allow };
    },
    call(tool, args, principal, approvedAt, again) {
      const { expiresAt } = principal;
      const waited = again !== undefined || approvedAt !== undefined;
      // An approval stays valid for the same call with a new token.
      if (waited && expiresAt !== undefined && expiresAt * 1_000 <= clock().getTime()) {
        const detail = 'the token expired while the call waited; send the call again with a new token';
        return new Fault('unauthorized', detail);
      }
      const question = questionOf(tool, args, principal, approvedAt);
      const perMinute = again?.charged === true ? 0 : factsOf(tool).callsPerMinute;
      // The rules here wait for nothing.
      if (opa === undefined && perMinute === 0) return toDecision(decide(question), tool, principal);
      return decideLater({ question, tool, principal, perMinute });
    },
    use(scope, principal) {
      const allow = principal.scopes.includes(scope);
      const mask = maskedColumns(principal.scopes);
      const reason = allow ? 'ok' : `missing scope: ${scope}`;
      const decision: Decision = { allow, reason, policy: POLICY_VERSION };
      if (dryRun) return { ...decision, enforced: false };
      if (!allow) return { ...decision, scopes: [scope] };
      return mask.length === 0 ? decision : { ...decision, mask: (text) => maskColumns(text, mask) };
    },
  };
}

async function askOpa(opa: Opa, question: Question): Promise<Ruling> {
  const { decisionId, revision: _, ...ruling } = await opa.decide(opaInput(question));
  return decisionId === undefined ? ruling : { ...ruling, id: decisionId };
}
