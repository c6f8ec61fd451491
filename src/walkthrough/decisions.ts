/** Describes what was decided about an exchange, from its audit records: one line for the decision, one for the records. */
import { isRecord, type JsonObject } from '../wire/value.js';

export function decisionLines(records: readonly unknown[]): string[] {
  const objects = records.filter(isRecord);
  const decision = objects.find((record) => isRecord(record.decision));
  const lines = decision === undefined ? [] : [`decided: ${decisionOf(decision)}`];
  const kinds = objects.map(recordOf).join('; ');
  return kinds === '' ? [] : [...lines, `recorded: ${kinds}`];
}

function decisionOf({ decision, scopes, tool, method }: JsonObject): string {
  if (!isRecord(decision)) return '';
  const { allow, reason, policy, id, enforced } = decision;
  const about = textOf(tool) ?? textOf(method);
  const { needed, held } = isRecord(scopes) ? scopes : {};
  // A malformed call was refused before its scopes were checked.
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

/** A record of kind `log` is about the log itself; its notice says what happened. */
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
