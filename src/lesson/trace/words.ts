/** The outcome and the timing of an exchange in words, the same in the terminal and on the pages. */
import { clauseOf } from '../annotations/clauses.js';
import type { Note } from '../annotations/note.js';
import type { Finding, Stage, TracedExchange, Verdict } from './exchange.js';

export function noteText({ what, clause, elsewhere }: Note): string {
  const source = clause ?? elsewhere;
  return source === undefined ? what : `${what} · ${source}`;
}

/** What the server decided, one fact per line. */
export function verdictLines(verdict: Verdict): string[] {
  if (verdict.outcome !== undefined) {
    const { clientId, outcome } = verdict;
    return clientId === undefined ? [outcome] : [outcome, `asked by the client ${clientId}`];
  }
  const { method, target, revision, needed, user, clientId, tenant, client, approvalId } = verdict;
  const about = [method, target].filter((one) => one !== undefined).join(' ');
  const lines = [about === '' ? decision(verdict) : `${about}: ${decision(verdict)}`];
  if (verdict.fault !== undefined)
    lines.push(`refused by the row ${verdict.fault} of the table in src/wire/fault.ts, ${verdict.spec}`);
  if (needed !== undefined && needed.length > 0) lines.push(`it needs ${needed.join(' and ')}`);
  if (approvalId !== undefined) lines.push(`approval ${approvalId}`);
  if (user !== undefined) {
    const clientText = client === undefined ? '' : `; the client calls itself ${client}`;
    lines.push(`user ${user}, client ${clientId === '' ? 'none' : clientId}, tenant ${tenant}${clientText}`);
  }
  if (revision !== undefined) lines.push(`answered in revision ${revision}`);
  return lines;
}

function decision({ allow, reason, policy, unenforced, ran, method, user }: Verdict): string {
  if (allow === undefined && method === undefined)
    return user === undefined ? 'no caller' : 'the token is valid';
  if (allow === undefined) return 'there was nothing to decide';
  const by = policy === undefined ? '' : ` (policy ${policy})`;
  const why = reason === undefined || reason === 'ok' ? '' : `, ${reason}`;
  const dry = unenforced === true ? ', but passes anyway (dry run)' : '';
  const never = allow && ran === false && policy !== undefined ? ', but it did not run' : '';
  return `${allow ? 'allowed' : 'refused'}${why}${by}${dry}${never}`;
}

export type Step = Stage & { tookMs: number };

/** Each stage with the time since the one before it. */
export function stepsOf({ stages }: Pick<TracedExchange, 'stages'>): Step[] {
  const sorted = [...stages].sort((one, other) => one.atMs - other.atMs);
  return sorted.map((stage, at) => ({ ...stage, tookMs: stage.atMs - (sorted[at - 1]?.atMs ?? 0) }));
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value < 1_000 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** A violation: whose it is, what was expected, and the clause with its address. */
export function findingLines({ clause, side, where, expected, received }: Finding): string[] {
  const { level = 'requirement', summary, url } = clauseOf(clause) ?? {};
  return [
    `the ${side} violates a ${level.replace(' NOT', '')} (${clause}) in ${where}`,
    `expected ${expected}`,
    `received ${received}`,
    ...(summary === undefined ? [] : [summary]),
    ...(url === undefined ? [] : [url]),
  ];
}
