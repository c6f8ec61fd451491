/** The two judges of a call, the embedded rules and an Open Policy Agent. Both get the same question and answer in the same form. */
import { Fault } from '../../wire/fault.js';
import type { Decision, Mask } from '../../wire/mcp/decision.js';
import type { Principal } from '../../wire/principal.js';
import { maskColumns } from './columns.js';
import { policy_decide } from './decide.js';
import { type Opa, opaInput } from './opa/ask.js';
import { APPROVED_BY_HUMAN, type PolicyToken, policyToken, type Question } from './question.js';
import { POLICY_VERSION } from './rules.js';

/** `rule` is the rule that denied. */
export type Judged = Omit<Decision, 'mask'> & { rule?: string; mask?: readonly string[] };

export function toMask(columns: readonly string[]): Mask {
  return (text) => maskColumns(text, columns);
}

export function embedded({ server, tool, token, args, now, quota }: Question): Judged {
  return { ...policy_decide(server, tool, token, args, now, quota), policy: POLICY_VERSION };
}

export async function asked(opa: Opa, question: Question): Promise<Judged> {
  const { decisionId, ...judged } = await opa.decide(opaInput(question));
  return decisionId === undefined ? judged : { ...judged, id: decisionId };
}

/** The token may have expired while the call waited. An approval stays valid for the same call with a new token. */
export function checkAlive({ expiresAt }: Principal, now: Date): Fault | undefined {
  if (expiresAt === undefined || expiresAt * 1_000 > now.getTime()) return undefined;
  const detail = 'the token expired while the call waited; send the call again with a new token';
  return new Fault('unauthorized', detail);
}

/** The token as rules see it: an approval of exactly this call counts like one in the token. */
export function tokenOf(
  principal: Principal,
  tokenApprovals: boolean,
  approvedAt: number | undefined,
): PolicyToken {
  const token = policyToken(principal);
  if (approvedAt !== undefined)
    return { ...token, scopes: [...token.scopes, APPROVED_BY_HUMAN], approved_at: approvedAt };
  return tokenApprovals ? token : { ...token, approved_at: undefined };
}
