/**
 * The decision over one call. `policy_decide` is a translation of the Python reference and keeps its name, so that the two can be
 * read side by side; `explain` reports the same steps rule by rule.
 *
 * A quota counts only the calls that every other rule allows: the caller decides without one, takes a call from the bucket, and only
 * when the bucket is empty decides again with that outcome. So a refused call costs nothing, and an unknown name fills no store.
 */
import type { PolicyServer, PolicyToken, Question, QuotaOutcome } from './question.js';
import { RULES, type RuleId, type Verdict } from './rules.js';

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
  const question: Question = { server, tool, token, args, now, quota };
  for (const { id, judge } of RULES) {
    const { outcome, detail } = judge(question);
    if (outcome === 'deny') return { allow: false, reason: detail, rule: id };
  }
  return { allow: true, reason: 'ok' };
}

/** Every rule in its order. A rule is judged when its step is read, and no rule is judged after the one that denies. */
export function* explain(question: Question): Generator<Step, void, undefined> {
  let denied: RuleId | undefined;
  for (const { id, judge } of RULES) {
    const verdict: Verdict =
      denied === undefined
        ? judge(question)
        : { outcome: 'skip', detail: `not reached, because ${denied} denied` };
    if (verdict.outcome === 'deny') denied = id;
    yield { rule: id, ...verdict };
  }
}
