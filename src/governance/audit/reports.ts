/** `audit export`, `audit stats`, `audit replay` and `audit query --call` as functions, like those of command.ts. */
import { inLog, printable, readPeriod } from './command.js';
import { type ExportFormat, exportAudit } from './export.js';
import type { FolderFilter } from './names.js';
import { type ReplayedCall, type ReplayOptions, replayAudit } from './replay.js';
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

/** 1 when a call would be decided otherwise. */
export async function auditReplay(
  options: Period & { user?: string | undefined; tool?: string | undefined; json?: boolean | undefined },
  replay: ReplayOptions,
  print: Print,
  now: () => Date,
): Promise<0 | 1> {
  const { dir, tenant, issuer, user, tool, json } = options;
  const query = { tenant, issuer, user, tool, ...readPeriod(options, now()) };
  const rules = new Map<string, number>();
  let allowedCount = 0;
  const onChanged = (call: ReplayedCall): void => {
    const { allow, rule = 'a rule without a name' } = call.now;
    if (allow) allowedCount += 1;
    else rules.set(rule, (rules.get(rule) ?? 0) + 1);
    print(printable(json === true ? JSON.stringify(changeOf(call)) : changeLine(call)));
  };
  const { decidedCount, undecidedCounts } = await inLog(dir, () =>
    replayAudit(dir, query, replay, onChanged),
  );
  const refusedCount = [...rules.values()].reduce((sum, count) => sum + count, 0);
  if (json !== true) {
    for (const [why, count] of undecidedCounts)
      print(printable(`${count} calls cannot be decided again: ${why}`));
    const byRule = [...rules].map(([rule, count]) => `${rule} ${count}`).join(', ');
    const counts = [
      `${decidedCount} calls decided again: ${decidedCount - allowedCount - refusedCount} as before`,
      ...(refusedCount > 0 ? [`${refusedCount} now refused (${byRule})`] : []),
      ...(allowedCount > 0 ? [`${allowedCount} now allowed`] : []),
    ];
    print(printable(decidedCount + undecidedCounts.size === 0 ? 'no call matches' : counts.join(', ')));
  }
  return allowedCount + refusedCount > 0 ? 1 : 0;
}

const changeOf = ({ record, now }: ReplayedCall): object => {
  const { time, server, tenant, principal, tool, callId, decision } = record;
  return { time, server, tenant, user: principal?.user, tool, callId, was: decision, now };
};

function changeLine({ record, now }: ReplayedCall): string {
  const { time, tenant, principal, tool, callId, decision } = record;
  const was = decision?.allow === true ? 'was allowed' : `was refused (${decision?.reason})`;
  const is = now.allow
    ? 'is now allowed'
    : `is now refused by ${now.rule ?? 'a rule without a name'}: ${now.reason}`;
  return `${time} ${tenant} ${tool} by ${principal?.user}: ${was}, ${is} (call ${callId})`;
}
