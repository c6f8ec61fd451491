/**
 * An answer of OPA's Data API to one decision, or what is wrong with it. Nothing is taken for granted: only a result
 * that says `allow` and `reason` in so many words is a decision, and whatever else there is must be of its type.
 *
 * @see https://www.openpolicyagent.org/docs/rest-api#get-a-document-with-input
 */
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, kindOf, preview, shorten } from '../../wire/value.js';

export type OpaDecision = {
  allow: boolean;
  reason: string;
  /** The rule that did not pass: one of our ids, or one of the operator's own. */
  rule?: string;
  /** Columns that the caller may not read; absent where the policy does not say. */
  mask?: readonly string[];
  /** Names this decision in OPA's log; absent where OPA keeps none. */
  decisionId?: string;
};

/** `undefined` is a 200 without `result`: the policy is not loaded there, or no rule of it applies. */
export type OpaProblem = 'refused' | 'undefined' | 'malformed';

export type OpaAnswer =
  | { kind: 'decision'; decision: OpaDecision }
  | { kind: 'problem'; problem: OpaProblem; detail: string };

export function readOpaAnswer(status: number, text: string): OpaAnswer {
  if (status !== 200) return problem('refused', `status ${status}: ${shorten(text, 200)}`);
  let answer: unknown;
  try {
    answer = parseJson(text);
  } catch (error) {
    return problem('malformed', `the answer is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isRecord(answer)) return problem('malformed', `expected an object, received ${kindOf(answer)}`);
  if (!Object.hasOwn(answer, 'result')) return problem('undefined', 'the answer has no "result"');
  const { result, decision_id } = answer;
  if (!isRecord(result))
    return problem('malformed', `"result" must be an object, received ${kindOf(result)}`);
  const wrong = wrongMember(result, decision_id);
  return wrong === undefined
    ? { kind: 'decision', decision: decisionOf(result, decision_id) }
    : problem('malformed', wrong);
}

function wrongMember({ allow, reason, rule, mask }: JsonObject, decisionId: unknown): string | undefined {
  const expected = (name: string, what: string, value: unknown) =>
    `"${name}" must be ${what}, received ${preview(value)}`;
  if (typeof allow !== 'boolean') return expected('allow', 'true or false', allow);
  if (typeof reason !== 'string' || reason === '') return expected('reason', 'a text', reason);
  if (rule !== undefined && typeof rule !== 'string') return expected('rule', 'a text', rule);
  if (mask !== undefined && !isTexts(mask)) return expected('mask', 'an array of texts', mask);
  if (decisionId !== undefined && typeof decisionId !== 'string') {
    return expected('decision_id', 'a text', decisionId);
  }
  return undefined;
}

function decisionOf({ allow, reason, rule, mask }: JsonObject, decisionId: unknown): OpaDecision {
  return {
    allow: allow === true,
    reason: String(reason),
    ...(typeof rule === 'string' ? { rule } : {}),
    ...(isTexts(mask) ? { mask } : {}),
    ...(typeof decisionId === 'string' ? { decisionId } : {}),
  };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const problem = (name: OpaProblem, detail: string): OpaAnswer => ({
  kind: 'problem',
  problem: name,
  detail,
});
