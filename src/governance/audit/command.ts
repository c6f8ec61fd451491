/**
 * `audit verify`, `audit tail` and `audit query` as functions: options as a command line gives them, in texts, and one
 * call of `print` for each line. They throw a RangeError about an option that cannot be read, and know no process.
 */
import { headLine, readHeadLines } from './head.js';
import { type Where as Folders, isMissing } from './names.js';
import { printable, recordLine } from './print.js';
import { queryAudit } from './query.js';
import type { Stored } from './read.js';
import { tailAudit } from './tail.js';
import { verifyAudit } from './verify.js';

type Print = (line: string) => void;
type Where = Folders & { dir: string };

/** 0 when every chain holds, 1 when one is broken. `heads` is what an earlier run has printed, and was kept elsewhere. */
export async function auditVerify(
  { dir, tenant, issuer, from, heads }: Where & { from?: string | undefined; heads?: string | undefined },
  print: Print,
): Promise<0 | 1> {
  if (from !== undefined && !isDay(from)) throw new RangeError('--from: expected a day like 2026-11-23');
  const kept = heads === undefined ? [] : readHeadLines(heads);
  const { records, files, breaches, summarised, ...rest } = await inLog(dir, () =>
    verifyAudit(dir, { tenant, issuer, from, kept }, ({ file, line, what, detail, breach }) => {
      const where = line === 0 ? file : `${file}:${line}`;
      print(printable(`${breach ? 'BROKEN' : 'note'} ${where}: ${what}: ${detail}`));
    }),
  );
  // A name that was mistyped must not pass for a log that holds.
  if (files === 0 && breaches === 0) {
    if (tenant !== undefined)
      throw new RangeError(`--tenant: there is no log of ${JSON.stringify(tenant)} in ${dir}`);
    if (issuer !== undefined)
      throw new RangeError(`--issuer: there is no log of ${JSON.stringify(issuer)} in ${dir}`);
  }
  for (const head of rest.heads) print(headLine(head, head));
  if (summarised > 0)
    print(`note ${summarised} refusals have no record of their own; query --kind summary counts them`);
  const count = `${records} records in ${files} files`;
  print(breaches === 0 ? `${count}: every chain holds` : `${count}: broken in ${breaches} places`);
  return breaches === 0 ? 0 : 1;
}

export async function auditTail(
  options: Where & { lines?: string | undefined; follow?: boolean | undefined; json?: boolean | undefined },
  print: Print,
  signal?: AbortSignal,
): Promise<0> {
  const { dir, tenant, issuer, follow, json } = options;
  const lines = options.lines === undefined ? undefined : Number(options.lines);
  if (lines !== undefined && !(Number.isSafeInteger(lines) && lines >= 0 && lines <= 10_000)) {
    throw new RangeError('--lines: expected a whole number from 0 to 10000');
  }
  await inLog(dir, async () => {
    for await (const stored of tailAudit(dir, { tenant, issuer, lines, follow, signal }))
      print(shown(stored, json));
  });
  return 0;
}

/** 0 when every line could be read, 1 when some could not: what was asked for may be among them. */
export async function auditQuery(
  options: Where & {
    user?: string | undefined;
    tool?: string | undefined;
    kind?: string | undefined;
    since?: string | undefined;
    json?: boolean | undefined;
  },
  print: Print,
  now: () => Date,
): Promise<0 | 1> {
  const { dir, json, since, ...rest } = options;
  const query = { ...rest, since: since === undefined ? undefined : readSince(since, now()) };
  let unreadable = 0;
  await inLog(dir, async () => {
    const count = (_file: string, lines: number) => {
      unreadable += lines;
    };
    for await (const stored of queryAudit(dir, query, count)) print(shown(stored, json));
  });
  if (unreadable > 0) print(`${unreadable} lines are no records; audit verify says where`);
  return unreadable === 0 ? 0 : 1;
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A moment as ISO 8601 writes it, or how long ago: 30m, 12h, 7d. */
export function readSince(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') {
    return new Date(now.getTime() - Number(count) * UNITS[unit]);
  }
  const moment = new Date(
    /^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text) ? text : Number.NaN,
  );
  if (Number.isNaN(moment.getTime()))
    throw new RangeError('--since: expected a time like 2026-11-23T09:00Z or 12h');
  return moment;
}

const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(new Date(text).getTime());

const shown = ({ text, record }: Stored, json = false) => printable(json ? text : recordLine(record));

async function inLog<T>(dir: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isMissing(error)) throw new RangeError(`there is no audit log in ${dir}`, { cause: error });
    throw error;
  }
}
