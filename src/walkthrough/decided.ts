/**
 * What was decided about an exchange, told by the audit records that it left: in one line the policy's decision, in
 * another what was written down.
 */
import { isRecord, type JsonObject } from '../wire/value.js';

export function decisionLines(records: readonly unknown[]): string[] {
  const known = records.filter(isRecord);
  const decided = known.find(({ decision }) => isRecord(decision));
  const lines = decided === undefined ? [] : [`decided: ${decisionOf(decided)}`];
  const kinds = known.map(recordOf).join('; ');
  return kinds === '' ? [] : [...lines, `recorded: ${kinds}`];
}

function decisionOf({ decision, scopes, tool, method }: JsonObject): string {
  if (!isRecord(decision)) return '';
  const { allow, reason, policy, id, enforced } = decision;
  const about = textOf(tool) ?? textOf(method);
  const { needed, held } = isRecord(scopes) ? scopes : {};
  // What is refused for its form was never held against a scope.
  const scoped = Array.isArray(needed) && needed.length > 0;
  const details = [
    policy === undefined ? undefined : `policy ${String(policy)}`,
    id === undefined ? undefined : `decision ${String(id)}`,
    enforced === false ? 'not enforced' : undefined,
    scoped ? listed('needs', needed) : undefined,
    scoped && allow !== true ? listed('holds', held) : undefined,
  ].filter((part) => part !== undefined);
  const verdict = allow === true ? 'allowed' : 'refused';
  const why = reason === undefined || reason === '' ? '' : `, ${String(reason)}`;
  const what = about === undefined ? '' : `${about} `;
  return `${what}${verdict}${why}${details.length === 0 ? '' : ` (${details.join('; ')})`}`;
}

/** A record of kind `log` speaks of the log itself: its notice says what. */
function recordOf({ kind, outcome, status, durationMs, approvalId, notice, principal }: JsonObject): string {
  const who = isRecord(principal) ? textOf(principal.user) : undefined;
  return [
    String(kind),
    outcome === kind ? undefined : textOf(outcome),
    status === undefined ? undefined : `status ${String(status)}`,
    typeof durationMs === 'number' ? `in ${Number(durationMs.toFixed(1))} ms` : undefined,
    approvalId === undefined ? undefined : `approval ${String(approvalId)}`,
    isRecord(notice) ? textOf(notice.what) : undefined,
    who === undefined ? undefined : `for ${who}`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

function listed(name: string, value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return `${name} ${value.length === 0 ? 'no scope' : value.join(' ')}`;
}
