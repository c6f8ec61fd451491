/**
 * `audit verify`, `audit tail` and `audit query` as functions: they take options as texts, as on a command line, and call `print`
 * once for each line. They throw a RangeError about an option that they cannot read.
 */
import { escapeOf, replaceUnseen } from '../../pages/unseen.js';
import { headLine, readHeadLines } from './head.js';
import type { StoredRecord } from './lines.js';
import { type FolderFilter, isMissing } from './names.js';
import { queryAudit } from './query.js';
import { type AuditRecord, issuerOf, type RefusalSummary } from './record.js';
import type { SignedHead, VerifyHead } from './signed-head.js';
import { tailAudit } from './tail.js';
import { type VerifyOptions, verifyAudit } from './verify.js';

type Print = (line: string) => void;
type Source = FolderFilter & { dir: string };

/**
 * 0 when every chain is whole, 1 when one is broken. `heads` is the output of an earlier run that was kept elsewhere, `anchored`
 * the signed heads that were, one JWS a line; these need `verifyHead`.
 */
export async function auditVerify(
  { dir, tenant, issuer, from, heads = '', anchored = '', verifyHead, log }: Source & Evidence,
  print: Print,
): Promise<0 | 1> {
  if (from !== undefined && !isDay(from)) throw wrong('--from: expected a day like 2026-11-23', from);
  const keptHeads = [...readHeadLines(heads), ...(await readAnchored(anchored, verifyHead, log))];
  const options = { tenant, issuer, from, keptHeads, verifyHead, log };
  const summary = await inLog(dir, () =>
    verifyAudit(dir, options, ({ file, line, what, detail, breach }) => {
      const where = line === 0 ? file : `${file}:${line}`;
      print(printable(`${breach ? 'BROKEN' : 'note'} ${where}: ${what}: ${detail}`));
    }),
  );
  const { records, files, breaches, summarised } = summary;
  // A misspelled name must not pass for a log that is whole.
  if (files === 0 && breaches === 0) {
    for (const [flag, value] of Object.entries({ tenant, issuer }))
      if (value !== undefined)
        throw new RangeError(`--${flag}: there is no log of ${JSON.stringify(value)} in ${dir}`);
  }
  for (const head of summary.heads) print(headLine(head));
  if (summarised > 0)
    print(`note ${summarised} refusals have no record of their own; query --kind summary counts them`);
  const count = `${records} records in ${files} files`;
  print(breaches === 0 ? `${count}: every chain holds` : `${count}: broken in ${breaches} places`);
  return breaches === 0 ? 0 : 1;
}

type Evidence = Pick<VerifyOptions, 'from' | 'verifyHead' | 'log'> & {
  heads?: string | undefined;
  anchored?: string | undefined;
};

/** @throws RangeError for a line whose signature does not count: an anchor with one is no evidence */
async function readAnchored(
  text: string,
  verifyHead: VerifyHead | undefined,
  log: string | undefined,
): Promise<SignedHead[]> {
  const heads: SignedHead[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const head = (await verifyHead?.(line)) ?? { problem: 'no keys were given' };
    if ('problem' in head)
      throw new RangeError(`--anchor: line ${index + 1} is no signed head: ${head.problem}`);
    if (head.log === (log ?? head.log)) heads.push(head);
  }
  return heads;
}

export async function auditTail(
  options: Source & { lines?: string | undefined; follow?: boolean | undefined; json?: boolean | undefined },
  print: Print,
  signal?: AbortSignal,
): Promise<0> {
  const { dir, tenant, issuer, follow, json } = options;
  const lines = options.lines === undefined ? undefined : Number(options.lines);
  if (lines !== undefined && !(Number.isSafeInteger(lines) && lines >= 0 && lines <= 10_000))
    throw wrong('--lines: expected a whole number from 0 to 10000', options.lines);
  await inLog(dir, async () => {
    let found = 0;
    for await (const stored of tailAudit(dir, { tenant, issuer, lines, follow, signal })) {
      found += 1;
      print(lineOf(stored, json));
    }
    if (found === 0 && json !== true) print('there is no record yet');
  });
  return 0;
}

/** 0 when every line could be read, 1 when a line that could not may be among the wanted ones. */
export async function auditQuery(
  options: Source & {
    user?: string | undefined;
    tool?: string | undefined;
    kind?: string | undefined;
    since?: string | undefined;
    until?: string | undefined;
    json?: boolean | undefined;
  },
  print: Print,
  now: () => Date,
): Promise<0 | 1> {
  const { dir, json, since, until, ...rest } = options;
  const query = { ...rest, ...readPeriod({ since, until }, now()) };
  let [found, unreadable] = [0, 0];
  await inLog(dir, async () => {
    const onUnreadable = (_file: string, lines: number) => {
      unreadable += lines;
    };
    for await (const stored of queryAudit(dir, query, onUnreadable)) {
      found += 1;
      print(lineOf(stored, json));
    }
  });
  if (found === 0 && json !== true) print('no record matches');
  if (unreadable > 0) print(`${unreadable} lines are no records; audit verify says where`);
  return unreadable === 0 ? 0 : 1;
}

/** @throws RangeError */
export function readPeriod(
  { since, until }: { since?: string | undefined; until?: string | undefined },
  now: Date,
): { since: Date | undefined; until: Date | undefined } {
  return {
    since: since === undefined ? undefined : readMoment('--since', since, now),
    until: until === undefined ? undefined : readMoment('--until', until, now),
  };
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment in ISO 8601, or how long ago: 30m, 12h, 7d. */
export function readMoment(flag: string, text: string, now: Date): Date {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs !== undefined) return new Date(now.getTime() - Number(count) * unitMs);
  const isMoment = /^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text);
  const moment = new Date(isMoment ? text : Number.NaN);
  if (Number.isNaN(moment.getTime()))
    throw wrong(`${flag}: expected a time like 2026-11-23T09:00Z or 12h`, text);
  return moment;
}

const wrong = (expected: string, text = '') =>
  new RangeError(`${expected}, received ${JSON.stringify(text)}`);

const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(new Date(text).getTime());

const lineOf = ({ text, record }: StoredRecord, json = false) => printable(json ? text : recordLine(record));

/** A record as one line for a person. */
function recordLine(record: AuditRecord): string {
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
    decision && `(${decision.allow ? 'allowed' : 'refused'}: ${decision.reason})`,
    issuer === undefined ? undefined : `issuer=${issuer}`,
    approvalId === undefined ? undefined : `approval=${approvalId}`,
    requestId === undefined ? undefined : `request=${requestId}`,
    summary && summaryText(summary),
    notice && JSON.stringify(notice),
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

function summaryText({ from, to, reasons }: RefusalSummary): string {
  const counts = Object.entries(reasons).map(
    ([reason, { count, recorded }]) => `${reason}=${count} (${recorded} recorded)`,
  );
  return `${from}..${to} ${counts.join(' ')}`;
}

/** The text without anything that would move a terminal's cursor, change its colours or turn the writing direction. */
export function printable(text: string): string {
  return replaceUnseen(text, escapeOf);
}

export async function inLog<T>(dir: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isMissing(error)) throw new RangeError(`there is no audit log in ${dir}`, { cause: error });
    throw error;
  }
}
