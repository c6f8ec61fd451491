/**
 * The rules, in the order in which decide.ts asks them; the first that denies gives the reason. policy.rego has the same rules
 * under the same ids.
 */
import { payloadChars } from './payload.js';
import {
  APPROVAL_WINDOW_S,
  APPROVED_BY_HUMAN,
  PAYLOAD_LIMIT,
  type PolicyTool,
  type Question,
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
  judge(question: Question): Verdict;
};

const pass = (detail: string): Verdict => ({ outcome: 'pass', detail });
const deny = (detail: string): Verdict => ({ outcome: 'deny', detail });
const skip = (detail: string): Verdict => ({ outcome: 'skip', detail });

/** A rule about the called tool; when there is no such tool, `tool-known` has denied. */
function ofTool(judge: (tool: PolicyTool, question: Question) => Verdict): Rule['judge'] {
  return (question) => {
    const tool = question.server.tools.get(question.tool);
    return tool === undefined ? skip('there is no such tool') : judge(tool, question);
  };
}

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
    judge: ofTool(({ required_scope }, { token }) =>
      token.scopes.includes(required_scope)
        ? pass(`the token holds ${required_scope}`)
        : deny(`missing scope: ${required_scope}`),
    ),
  },
  {
    id: 'approval-fresh',
    says: `A destructive call needs a person's approval that is at most ${APPROVAL_WINDOW_S} seconds old.`,
    judge: ofTool(({ destructive }, { token, now }) => {
      if (!destructive) return skip('the tool is not destructive');
      return freshApproval(token.scopes, token.approved_at, now)
        ? pass(`approved ${now - (token.approved_at ?? 0)} s ago, of ${APPROVAL_WINDOW_S} s`)
        : deny('destructive tool requires fresh human approval (Slack card)');
    }),
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
    judge: ofTool(({ payload_cap }, { args, tool }) => {
      if (payload_cap === undefined) return skip('the tool has no cap of its own');
      const chars = payloadChars(args, payload_cap);
      return chars <= payload_cap
        ? pass(`${chars} of ${payload_cap} characters`)
        : deny(`payload too large for ${tool} (> ${payload_cap} characters)`);
    }),
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
