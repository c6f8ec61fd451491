/** `audit export`: the records of a period as JSON lines, unchanged, or as CSV for a spreadsheet. */
import { printable } from './command.js';
import { type Query, queryAudit } from './query.js';
import { type AuditRecord, issuerOf } from './record.js';

export type ExportFormat = 'jsonl' | 'csv';

const COLUMNS: readonly [
  name: string,
  of: (record: AuditRecord) => string | number | boolean | null | undefined,
][] = [
  ['time', ({ time }) => time],
  ['tenant', ({ tenant }) => tenant],
  ['issuer', issuerOf],
  ['user', ({ principal }) => principal?.user],
  ['client', ({ principal }) => principal?.clientId],
  ['server', ({ server }) => server],
  ['method', ({ method }) => method],
  ['tool', ({ tool }) => tool],
  ['kind', ({ kind }) => kind],
  ['outcome', ({ outcome }) => outcome],
  ['status', ({ status }) => status],
  ['durationMs', ({ durationMs }) => durationMs],
  ['allow', ({ decision }) => decision?.allow],
  ['reason', ({ decision }) => decision?.reason],
  ['callId', ({ callId }) => callId],
  ['approvalId', ({ approvalId }) => approvalId],
  ['requestId', ({ requestId }) => requestId],
  ['traceId', ({ traceId }) => traceId],
  ['replica', ({ replica }) => replica],
  ['seq', ({ seq }) => seq],
  ['hash', ({ hash }) => hash],
];

/** The first line of a table. */
export const CSV_HEAD = COLUMNS.map(([name]) => name).join(',');

/** Resolves with the number of lines that are no records. */
export async function exportAudit(
  dir: string,
  query: Query,
  format: ExportFormat,
  print: (line: string) => void,
): Promise<number> {
  let unreadable = 0;
  const onUnreadable = (_file: string, lines: number): void => {
    unreadable += lines;
  };
  for await (const { text, record } of queryAudit(dir, query, onUnreadable))
    print(format === 'csv' ? COLUMNS.map(([, of]) => cell(of(record))).join(',') : text);
  return unreadable;
}

/** RFC 4180. A spreadsheet runs a text that begins like a formula, so such a text gets a quote in front. */
function cell(value: string | number | boolean | null | undefined): string {
  if (typeof value !== 'string') return String(value ?? '');
  const safe = printable(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
