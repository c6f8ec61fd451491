/** Records as they are read back, for people and not as proof: hashes are verify.ts's, and other lines are counted. */
import { isRecord, type JsonObject } from '../../wire/value.js';
import { readLines } from './lines.js';
import { type AuditRecord, readLink } from './record.js';
import { isSummary } from './summary.js';

/** `text` is the line as it stands there. */
export type Stored = { text: string; record: AuditRecord };

/** What is read of a file: records of those lines that `wanted` lets through, and where the last whole line ends. */
export type Read = { stored: Stored[]; unreadable: number; end: number };

export async function* readRecords(
  path: string,
  from = 0,
  wanted: (text: string) => boolean = () => true,
): AsyncGenerator<Read, void, undefined> {
  for await (const lines of readLines(path, from)) {
    const read: Read = { stored: [], unreadable: 0, end: from };
    for (const { text, end, ended } of lines) {
      if (!ended) continue; // it may be on its way
      read.end = end;
      if (text !== undefined && !wanted(text)) continue;
      const record = text === undefined ? undefined : readLink(text);
      if (text !== undefined && isAuditRecord(record)) read.stored.push({ text, record });
      else read.unreadable += 1;
    }
    yield read;
  }
}

const TEXTS = [
  'approvalId',
  'callId',
  'client',
  'method',
  'outcome',
  'requestId',
  'revision',
  'server',
  'tool',
  'traceId',
];
const NUMBERS = ['durationMs', 'status'];

/** Whether a line that is JSON has the shape of a record. Members of a later version do no harm. */
function isAuditRecord(value: JsonObject | undefined): value is JsonObject & AuditRecord {
  if (value === undefined) return false;
  const { principal, decision, scopes, summary, notice, tenant, issuer } = value;
  return (
    hasTexts(value, ['time', 'kind', 'replica', 'prev', 'hash']) &&
    (tenant === null || typeof tenant === 'string') &&
    (issuer === undefined || typeof issuer === 'string') &&
    TEXTS.every((name) => value[name] === undefined || typeof value[name] === 'string') &&
    NUMBERS.every((name) => value[name] === undefined || typeof value[name] === 'number') &&
    (principal === undefined || hasTexts(principal, ['issuer', 'user', 'clientId'])) &&
    (decision === undefined || (hasTexts(decision, ['reason']) && typeof decision.allow === 'boolean')) &&
    (scopes === undefined ||
      (isRecord(scopes) && Array.isArray(scopes.held) && Array.isArray(scopes.needed))) &&
    (summary === undefined || isSummary(summary)) &&
    (notice === undefined || hasTexts(notice, ['what']))
  );
}

function hasTexts(value: unknown, names: string[]): value is JsonObject {
  return isRecord(value) && names.every((name) => typeof value[name] === 'string');
}

/** The issuer of a record's tenant. */
export function issuerOf({ issuer, principal }: AuditRecord): string | undefined {
  return issuer ?? principal?.issuer;
}
