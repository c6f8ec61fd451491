/**
 * `audit replay`: decides the recorded calls once more, with other settings or another policy, and finds those that would now end
 * otherwise. A record holds what the policy was asked, except for the arguments, of which it has the size: no rule reads more.
 */
import { isRecord } from '../../wire/value.js';
import { SWITCHED_OFF } from '../policy/gate.js';
import { callsOf, type Limits, policyTool } from '../policy/limits.js';
import { APPROVED_BY_HUMAN, PAYLOAD_LIMIT, type Question } from '../policy/question.js';
import { type Bucket, takeFrom } from '../policy/quota.js';
import { type Query, queryAudit } from './query.js';
import { type AuditRecord, issuerOf } from './record.js';

export type Ruling = { allow: boolean; reason: string; rule?: string | undefined };
/** Rejects a single question with an Error in its place. */
export type Judge = (questions: readonly Question[]) => Promise<(Ruling | Error)[]>;

export type ReplayOptions = {
  judge: Judge;
  limits: Limits;
  /** Whether quotas are counted again; otherwise a call is out of quota if its record says so. */
  countQuotas: boolean;
  /** Whether an approval in the token counts. */
  tokenApprovals: boolean;
  /** The scopes and those that they imply. */
  withImplied(scopes: readonly string[]): readonly string[];
};

export type ReplayedCall = { record: AuditRecord; now: Ruling };
export type Replay = { decidedCount: number; undecidedCounts: ReadonlyMap<string, number> };

/** How many questions are judged at once. */
const BATCH = 1000;
/** A record of more scopes has a note in the last place (record-line.ts). */
const MAX_SCOPES = 200;

type RecordedQuestion = { record: AuditRecord; question: Question };

/** Calls `onChanged` for each call that would now end otherwise. */
export async function replayAudit(
  dir: string,
  query: Query,
  options: ReplayOptions,
  onChanged: (call: ReplayedCall) => void,
): Promise<Replay> {
  const undecidedCounts = new Map<string, number>();
  const leaveOut = (why: string): void => void undecidedCounts.set(why, (undecidedCounts.get(why) ?? 0) + 1);
  const buckets = new Map<string, Bucket>();
  let decidedCount = 0;
  let batch: RecordedQuestion[] = [];
  const decide = async (): Promise<void> => {
    const rulings = await judgeAll(batch, options, buckets);
    for (const [at, { record }] of batch.entries()) {
      const now = rulings[at] ?? new Error('nobody decided');
      if (now instanceof Error) leaveOut(now.message);
      else {
        decidedCount += 1;
        if (now.allow !== record.decision?.allow) onChanged({ record, now });
      }
    }
    batch = [];
  };
  for await (const { record } of queryAudit(dir, query)) {
    if (!isDecidedCall(record)) continue;
    const question = questionOf(record, options);
    if (typeof question === 'string') leaveOut(question);
    else batch.push({ record, question });
    if (batch.length === BATCH) await decide();
  }
  await decide();
  return { decidedCount, undecidedCounts };
}

/**
 * One record for each call of a tool about which a policy decided. A task, or a call that asked its client something, ends with
 * another record. Where no scope is needed, no policy was asked: a refused token, or headers that differ from the body.
 */
function isDecidedCall({ kind, method, outcome, decision, scopes }: AuditRecord): boolean {
  const isEnd =
    (kind === 'outcome' && outcome !== 'task' && outcome !== 'input_required') || kind === 'refused';
  const wasAsked = decision !== undefined && decision.reason !== SWITCHED_OFF && scopes?.needed.length !== 0;
  return isEnd && method === 'tools/call' && wasAsked;
}

/** The question that the policy was asked, under other settings; or why it cannot be asked again. */
function questionOf(
  record: AuditRecord,
  { limits, tokenApprovals, withImplied }: ReplayOptions,
): Question | string {
  const { principal, scopes, policyInput, tool: name, time, durationMs = 0, server = '' } = record;
  if (!isRecord(policyInput)) return 'an earlier version recorded them, without what the policy was asked';
  const { destructive, payloadChars, callApprovedAt, tokenApprovedAt } = policyInput;
  const scope = scopes?.needed.find((needed) => needed !== APPROVED_BY_HUMAN);
  if (principal === undefined || name === undefined || scopes === undefined || scope === undefined)
    return 'their records lack the caller, the tool or its scope';
  if (typeof destructive !== 'boolean' || typeof payloadChars !== 'number')
    return 'their records say something else about what the policy was asked';
  if (scopes.held.length > MAX_SCOPES) return 'not all of their scopes were recorded';
  const tool = policyTool({ name, scope, destructive }, limits);
  const heldScopes = withImplied(scopes.held);
  const { issuer, user } = principal;
  return {
    server: { name: server, tools: new Map([[name, tool]]) },
    tool: name,
    token: {
      ...{ user, issuer, tenant: record.tenant ?? '' },
      scopes: callApprovedAt === undefined ? heldScopes : [...heldScopes, APPROVED_BY_HUMAN],
      approved_at: callApprovedAt ?? (tokenApprovals ? tokenApprovedAt : undefined),
    },
    // A text of that size stands for the arguments; `{}` is as short as they get.
    args: 'x'.repeat(Math.max(0, Math.min(payloadChars, PAYLOAD_LIMIT + 1) - 2)),
    now: (Date.parse(time) - durationMs) / 1000,
    quota: policyInput.quotaSpent === true ? { allow: false, retryAfterS: 1 } : undefined,
  };
}

/** As policy.ts does it: a quota is taken for a call that everything else allows, and then it is decided once more. */
async function judgeAll(
  batch: readonly RecordedQuestion[],
  { judge, limits, countQuotas }: ReplayOptions,
  buckets: Map<string, Bucket>,
): Promise<(Ruling | Error)[]> {
  if (batch.length === 0) return [];
  if (!countQuotas) return judge(batch.map(({ question }) => question));
  const questions = batch.map(({ question }) => ({ ...question, quota: undefined }));
  const rulings = await judge(questions);
  const spent: { at: number; question: Question }[] = [];
  for (const [at, { record, question }] of batch.entries()) {
    const calls = callsOf(limits, question.tool);
    const first = rulings[at];
    if (calls === 0 || first === undefined || first instanceof Error || !first.allow) continue;
    const key = JSON.stringify([question.server.name, issuerOf(record), record.tenant, question.tool]);
    const withdrawal = takeFrom(buckets.get(key), question.now, { perSecond: calls / 60, burst: calls });
    buckets.set(key, withdrawal.bucket);
    const quota = { allow: false, retryAfterS: withdrawal.retryAfterS };
    if (withdrawal.granted === 0) spent.push({ at, question: { ...question, quota } });
  }
  const again = spent.length === 0 ? [] : await judge(spent.map(({ question }) => question));
  for (const [index, { at }] of spent.entries()) rulings[at] = again[index] ?? new Error('nobody decided');
  return rulings;
}
