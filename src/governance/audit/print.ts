/** A record as one line for a person, and any text so that a terminal only shows it. */
import { escapeOf, replaceUnseen } from '../../pages/unseen.js';
import { issuerOf } from './read.js';
import type { AuditRecord } from './record.js';
import { summaryText } from './summary.js';

export function recordLine(record: AuditRecord): string {
  const { time, tenant, replica, seq, kind, principal, tool, method, outcome, status, durationMs } = record;
  const { decision, requestId, summary, notice, approvalId } = record;
  const issuer = issuerOf(record);
  return [
    time,
    `${tenant ?? '(unknown)'}/${replica}#${seq}`,
    kind,
    principal?.user ?? '-',
    tool ?? method ?? '-',
    outcome,
    status,
    durationMs === undefined ? undefined : `${durationMs} ms`,
    decision === undefined ? undefined : `(${decision.allow ? 'allowed' : 'refused'}: ${decision.reason})`,
    issuer === undefined ? undefined : `issuer=${issuer}`,
    approvalId === undefined ? undefined : `approval=${approvalId}`,
    requestId === undefined ? undefined : `request=${requestId}`,
    summary === undefined ? undefined : summaryText(summary),
    notice === undefined ? undefined : JSON.stringify(notice),
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** Names come from outside: none of them moves the cursor, colours the screen or turns the writing around. */
export function printable(text: string): string {
  return replaceUnseen(text, escapeOf);
}
