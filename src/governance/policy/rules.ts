/**
 * The rules, in the order in which they are asked, and the decision over one call: the first rule that denies gives the reason.
 * policy.rego has the same rules under the same ids. `policy_decide` is a translation of the Python reference and keeps its name,
 * so that the two can be read side by side; `explain` reports the same steps rule by rule.
 *
 * A quota counts only the calls that every other rule allows: the caller decides without one, takes a call from the bucket, and only
 * when the bucket is empty decides again with that outcome. So a refused call costs nothing, and an unknown name fills no store.
 */
import { payloadChars } from './payload.js';
import {
  APPROVAL_WINDOW_S,
  APPROVED_BY_HUMAN,
  PAYLOAD_LIMIT,
  type PolicyServer,
  type PolicyToken,
  type PolicyTool,
  type Question,
  type QuotaOutcome,
} from './question.js';

export type RuleId =
  | 'tool-known'
  | 'scope-held'
  | 'approval-fresh'
  | 'payload-size'
  | 'payload-cap'
  | 'quota';

/** Raised with every change of a rule or of the order, because audit records name it. */
export const POLICY_VERSION = '1';

/** The detail of a denial is its reason, as the caller reads it. */
export type Verdict = { outcome: 'pass' | 'deny' | 'skip'; detail: string };

export type Rule = {
  id: RuleId;
  /** One sentence for people, for the table of all rules. */
  says: string;
  judge(question: Question, tool: PolicyTool): Verdict;
};

const pass = (detail: string): Verdict => ({ outcome: 'pass', detail });
const deny = (detail: string): Verdict => ({ outcome: 'deny', detail });
const skip = (detail: string): Verdict => ({ outcome: 'skip', detail });

/** Stands for a tool that the server does not have; `tool-known` denies before another rule sees it. */
const NO_TOOL: PolicyTool = { required_scope: '', destructive: true };

export const RULES: readonly Rule[] = [
  {
    id: 'tool-known',
    says: 'The server has a tool of exactly this name.',
    judge: ({ server, tool }) =>
      server.tools.has(tool) ? pass(`${server.name} has ${tool}`) : deny(`no such tool: ${tool}`),
  },
  {
    id: 'scope-held',
    says: "The token holds the tool's scope, character by character.",
    judge: ({ token }, { required_scope }) =>
      token.scopes.includes(required_scope)
        ? pass(`the token holds ${required_scope}`)
        : deny(`missing scope: ${required_scope}`),
  },
  {
    id: 'approval-fresh',
    says: `A destructive call needs a person's approval that is at most ${APPROVAL_WINDOW_S} seconds old.`,
    judge: ({ token, now }, { destructive }) => {
      if (!destructive) return skip('the tool is not destructive');
      return freshApproval(token.scopes, token.approved_at, now)
        ? pass(`approved ${now - (token.approved_at ?? 0)} s ago, of ${APPROVAL_WINDOW_S} s`)
        : deny('destructive tool requires fresh human approval (Slack card)');
    },
  },
  {
    id: 'payload-size',
    says: `The arguments have at most ${PAYLOAD_LIMIT} characters as JSON text.`,
    judge: ({ args }) => {
      const chars = payloadChars(args, PAYLOAD_LIMIT);
      return chars <= PAYLOAD_LIMIT
        ? pass(`${chars} of ${PAYLOAD_LIMIT} characters`)
        : deny('payload too large (> 8 KB)');
    },
  },
  {
    id: 'payload-cap',
    says: "The arguments have at most as many characters as the tool's own cap.",
    judge: ({ args, tool }, { payload_cap }) => {
      if (payload_cap === undefined) return skip('the tool has no cap of its own');
      const chars = payloadChars(args, payload_cap);
      return chars <= payload_cap
        ? pass(`${chars} of ${payload_cap} characters`)
        : deny(`payload too large for ${tool} (> ${payload_cap} characters)`);
    },
  },
  {
    id: 'quota',
    says: "The tenant's bucket of calls of this tool is not empty.",
    judge: ({ quota }) => {
      if (quota === undefined) return skip('no quota was taken');
      return quota.allow ? pass('a call was left') : deny('quota spent');
    },
  },
];

/** In doubles, like the reference. An approval in the future counts as fresh here; its token is refused. */
export function freshApproval(
  scopes: readonly string[],
  approvedAt: number | undefined,
  now: number,
  windowS = APPROVAL_WINDOW_S,
): boolean {
  return scopes.includes(APPROVED_BY_HUMAN) && approvedAt !== undefined && now - approvedAt <= windowS;
}

export type Decision = { allow: true; reason: string } | { allow: false; reason: string; rule: RuleId };

export type Step = Verdict & { rule: RuleId };

export function policy_decide(
  server: PolicyServer,
  tool: string,
  token: PolicyToken,
  args: unknown,
  now: number,
  quota?: QuotaOutcome,
): Decision {
  return decide({ server, tool, token, args, now, quota });
}

/** The same decision over a question. */
export function decide(question: Question): Decision {
  const calledTool = question.server.tools.get(question.tool) ?? NO_TOOL;
  for (const { id, judge } of RULES) {
    const { outcome, detail } = judge(question, calledTool);
    if (outcome === 'deny') return { allow: false, reason: detail, rule: id };
  }
  return { allow: true, reason: 'ok' };
}

/** Every rule in its order. A rule is judged when its step is read, and no rule is judged after the one that denies. */
export function* explain(question: Question): Generator<Step, void, undefined> {
  const calledTool = question.server.tools.get(question.tool) ?? NO_TOOL;
  let denied: RuleId | undefined;
  for (const { id, judge } of RULES) {
    const verdict: Verdict =
      denied === undefined
        ? judge(question, calledTool)
        : { outcome: 'skip', detail: `not reached, because ${denied} denied` };
    if (verdict.outcome === 'deny') denied = id;
    yield { rule: id, ...verdict };
  }
}
