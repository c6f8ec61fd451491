/** `audit export`, `audit stats` and `audit query --call` as functions, like those of command.ts. */
import { inLog, readPeriod } from './command.js';
import { type ExportFormat, exportAudit } from './export.js';
import type { FolderFilter } from './names.js';
import { statsLines, statsOf } from './stats.js';
import { storyLines, storyOf } from './story.js';

type Print = (line: string) => void;
type Period = FolderFilter & { dir: string; since?: string | undefined; until?: string | undefined };

/** @throws RangeError */
export function readFormat(text = 'jsonl'): ExportFormat {
  if (text === 'jsonl' || text === 'csv') return text;
  throw new RangeError(`--format: expected jsonl or csv, received ${JSON.stringify(text)}`);
}

/** 1 when a line could not be read. */
export async function auditExport(
  options: Period & { format: ExportFormat },
  print: Print,
  now: () => Date,
): Promise<0 | 1> {
  const { dir, tenant, issuer, format } = options;
  const query = { tenant, issuer, ...readPeriod(options, now()) };
  const unreadable = await inLog(dir, () => exportAudit(dir, query, format, print));
  return unreadable === 0 ? 0 : 1;
}

export async function auditStats(options: Period, print: Print, now: () => Date): Promise<0> {
  const { dir, tenant, issuer } = options;
  const query = { tenant, issuer, ...readPeriod(options, now()) };
  for (const line of statsLines(await inLog(dir, () => statsOf(dir, query)))) print(line);
  return 0;
}

export async function auditStory(
  { dir, tenant, issuer, call, json }: Period & { call: string; json?: boolean | undefined },
  print: Print,
): Promise<0> {
  const records = await inLog(dir, () => storyOf(dir, { tenant, issuer }, call));
  if (json === true) for (const record of records) print(JSON.stringify(record));
  else for (const line of records.length === 0 ? ['no record matches'] : storyLines(records)) print(line);
  return 0;
}
