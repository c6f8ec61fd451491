/**
 * `audit query --call ID`: everything that the log knows about one call, as a timeline. A call that waited for approval is two
 * requests and several steps of a person; the ids that they share lead from one to the next.
 */
import { printable } from './command.js';
import type { FolderFilter } from './names.js';
import { idsOf, queryAudit } from './query.js';
import type { AuditRecord } from './record.js';

/** A call has an id, its approval has one, and so has each request: more rounds find nothing new. */
const MAX_ROUNDS = 4;
const MAX_RECORDS = 10_000;

/** The records in the order of time. `id` is that of the call, its approval, its request or its trace. */
export async function storyOf(dir: string, filter: FolderFilter, id: string): Promise<AuditRecord[]> {
  const ids = new Set([id]);
  for (let round = 1; ; round += 1) {
    const before = ids.size;
    const records: AuditRecord[] = [];
    for await (const { record } of queryAudit(dir, { ...filter, ids })) {
      records.push(record);
      // A client may use a request id again, so only the ids that we gave lead on.
      const { callId, approvalId } = record;
      for (const relatedId of [callId, approvalId]) if (relatedId !== undefined) ids.add(relatedId);
      if (records.length > MAX_RECORDS)
        throw new RangeError(`--call: more than ${MAX_RECORDS} records have this id`);
    }
    if (ids.size === before || round === MAX_ROUNDS)
      return records.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.seq - b.seq));
  }
}

/** As lines for a person; the times are from the first record on. */
export function storyLines(records: readonly AuditRecord[]): string[] {
  const [first] = records;
  if (first === undefined) return [];
  const { time, tenant, principal, tool, method, server } =
    records.find((record) => record.kind !== 'approval') ?? first;
  const start = Date.parse(first.time);
  const title = `${tool ?? method ?? 'a request'} on ${server ?? '-'}, by ${principal?.user ?? 'nobody known'} of ${tenant ?? 'no tenant'}`;
  const steps = records.map((record) => {
    const after = ((Date.parse(record.time) - start) / 1000).toFixed(3);
    return `${`+${after} s`.padStart(14)}  ${stepOf(record)}`;
  });
  return [`${title}, ${first.time ?? time}`, ...steps, idLine(records)].map(printable);
}

function stepOf(record: AuditRecord): string {
  const { kind, outcome, status, durationMs, decision, principal, approver } = record;
  const reason = decision === undefined ? '' : `: ${decision.reason}`;
  if (kind === 'intent') return 'is about to run, and this is on disk';
  if (kind === 'refused') return `was refused${status === undefined ? '' : ` (${status})`}${reason}`;
  if (kind === 'approval') {
    const by = `${principal?.user ?? '-'} via ${principal?.clientId ?? '-'}`;
    if (outcome === 'asked') return `a person was asked${reason}`;
    if (outcome === 'shown') return `was shown to ${by}`;
    if (outcome === 'approved' || outcome === 'refused') return `${outcome} by ${by}${reason}`;
    const approved = approver === undefined ? '' : `, which ${approver.user} gave via ${approver.via}`;
    return outcome === 'consumed' ? `the approval was used${approved}` : `the approval: ${outcome ?? '-'}`;
  }
  const took = durationMs === undefined ? '' : ` in ${durationMs} ms`;
  return `ended: ${outcome ?? kind}${status === undefined ? '' : ` (${status})`}${took}`;
}

function idLine(records: readonly AuditRecord[]): string {
  return `ids: ${[...new Set(records.flatMap(idsOf))].join(' ')}`;
}
