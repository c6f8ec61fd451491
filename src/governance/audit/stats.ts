/** `audit stats`: how many calls there were in a period, of which tools, and how they ended. Memory holds a count for each name. */
import { printable } from './command.js';
import { type Query, queryAudit } from './query.js';
import { issuerOf, unrecordedIn } from './record.js';

/** Names come from outside. Further ones are counted together. */
const MAX_NAMES = 1000;
const OTHERS = '(others)';

export type AuditStats = {
  records: number;
  from: string | undefined;
  to: string | undefined;
  tenants: number;
  users: number;
  tools: ReadonlyMap<string, ReadonlyMap<string, number>>;
  refusals: ReadonlyMap<string, number>;
  approvals: ReadonlyMap<string, number>;
  /** Refusals that have no record of their own. */
  summarised: number;
};

export async function statsOf(dir: string, query: Query): Promise<AuditStats> {
  const [tenants, users] = [new Set<string>(), new Set<string>()];
  const tools = new Map<string, Map<string, number>>();
  const [refusals, approvals] = [new Map<string, number>(), new Map<string, number>()];
  let [records, summarised] = [0, 0];
  let [from, to]: (string | undefined)[] = [];
  for await (const { record } of queryAudit(dir, query)) {
    records += 1;
    const { time, tenant, principal, kind, tool, method, outcome = kind, decision, summary } = record;
    if (from === undefined || time < from) from = time;
    if (to === undefined || time > to) to = time;
    const issuer = issuerOf(record) ?? '';
    if (tenant !== null && tenants.size < MAX_NAMES) tenants.add(`${issuer} ${tenant}`);
    if (principal !== undefined && users.size < MAX_NAMES) users.add(`${principal.issuer} ${principal.user}`);
    if (summary !== undefined) summarised += unrecordedIn(summary);
    if (kind === 'approval') add(approvals, outcome);
    if (kind === 'outcome' || kind === 'refused') {
      const name = boundedName(tools, tool ?? method ?? '-');
      const outcomes = tools.get(name) ?? new Map<string, number>();
      tools.set(name, outcomes);
      add(outcomes, outcome);
    }
    if (kind === 'refused') add(refusals, decision?.reason ?? outcome);
  }
  return {
    records,
    from,
    to,
    tenants: tenants.size,
    users: users.size,
    tools,
    refusals,
    approvals,
    summarised,
  };
}

function add(counts: Map<string, number>, key: string): void {
  const name = boundedName(counts, key);
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const boundedName = (map: ReadonlyMap<string, unknown>, name: string): string =>
  map.has(name) || map.size < MAX_NAMES ? name : OTHERS;

export function statsLines(stats: AuditStats): string[] {
  const { records, from, to, tenants, users, tools, refusals, approvals, summarised } = stats;
  if (records === 0) return ['no record matches'];
  const sum = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((a, b) => a + b, 0);
  const list = (counts: ReadonlyMap<string, number>): string =>
    largestFirst(counts, (count) => count)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    `${records} records of ${tenants} tenants and ${users} users, from ${from} to ${to}`,
    ...largestFirst(tools, sum).map(([name, outcomes]) => `  ${name}: ${sum(outcomes)} (${list(outcomes)})`),
    ...(approvals.size > 0 ? [`approvals: ${list(approvals)}`] : []),
    ...(refusals.size > 0 ? ['refusals by reason:'] : []),
    ...largestFirst(refusals, (count) => count).map(([reason, count]) => `  ${count} ${reason}`),
    ...(summarised > 0 ? [`${summarised} further refusals of callers without a token`] : []),
  ].map(printable);
}

/** The largest first. */
function largestFirst<T>(map: ReadonlyMap<string, T>, size: (value: T) => number): [string, T][] {
  return [...map].sort((a, b) => size(b[1]) - size(a[1]) || (a[0] < b[0] ? -1 : 1));
}
