/**
 * Verifies every chain under a directory: reads each file once, in the order of days, with constant memory.
 *
 * What the chains prove: no record was changed, removed, moved or added in between by anybody who did not write every
 * later one anew. What they cannot prove by themselves: whoever can write the folder can compute a whole new chain, cut
 * the newest records together with the head beside them, add records after the newest, or remove a tenant altogether.
 * Against that holds a copy of the heads that is kept where that person cannot write (`kept`): from then on everything
 * up to those records is fixed.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Chain, type KeptHead, type Report, type What } from './chain.js';
import { type Continued, continuedIn } from './continued.js';
import { type Head, readHead } from './head.js';
import { readLines } from './lines.js';
import { foldersOf, isFolderOf, logFilesOf, type SeriesName, tornFilesOf, type Where } from './names.js';
import { genesis } from './record.js';

export type Finding = {
  /** Relative to the directory. */
  file: string;
  /** 0 where it is not about a line. */
  line: number;
  what: What;
  detail: string;
  /** False for what a crash or a full disk explains. */
  breach: boolean;
};

export type Verified = {
  records: number;
  files: number;
  breaches: number;
  /** Refusals of callers without a token that are counted in summaries and have no record of their own. */
  summarised: number;
  /** The newest record of each chain, to be kept elsewhere. */
  heads: (SeriesName & Head)[];
};

export type VerifyOptions = Where & {
  /** Days before have been put away: what is left may begin anywhere. */
  from?: string | undefined;
  kept?: readonly (SeriesName & Head)[];
};

export async function verifyAudit(
  dir: string,
  { from, kept = [], ...where }: VerifyOptions,
  found: (finding: Finding) => void,
): Promise<Verified> {
  const verified: Verified = { records: 0, files: 0, breaches: 0, summarised: 0, heads: [] };
  const reportOf =
    (file: string): Report =>
    (what, line, detail) => {
      const breach = what !== 'torn' && what !== 'notice';
      if (breach) verified.breaches += 1;
      found({ file, line, what, detail, breach });
    };
  const folders = await foldersOf(dir, where);
  const continued = new Map<string, Continued[]>();
  for (const folder of folders) {
    for (const one of await continuedIn(dir, folder))
      continued.set(one.folder, [...(continued.get(one.folder) ?? []), one]);
  }
  for (const folder of folders) {
    const heads = [
      ...kept
        .filter((head) => head.folder === folder)
        .map((head) => ({ ...head, origin: 'the head kept elsewhere' })),
      ...(continued.get(folder) ?? []).map(({ file, ...head }) => ({ ...head, origin: file })),
    ];
    const replicas = new Set((await logFilesOf(join(dir, folder))).map(({ replica }) => replica));
    for (const { replica } of heads) replicas.add(replica);
    for (const replica of [...replicas].sort()) {
      await verifySeries(dir, { folder, replica }, { from, kept: heads }, verified, reportOf);
    }
    for (const file of await tornFilesOf(join(dir, folder))) {
      const { size } = await stat(join(dir, folder, file));
      reportOf(join(folder, file))('torn', 0, `${size} bytes are set aside`);
    }
  }
  // An operator who archived old days may have archived an old folder with them.
  if (from === undefined) {
    for (const { folder, replica, seq, file } of [...continued.values()].flat()) {
      if (folders.includes(folder)) continue;
      reportOf(folder)('removed', 0, `the log of ${replica} is gone; ${file} knows record ${seq}`);
    }
  }
  for (const { folder, replica, seq } of kept) {
    if (folders.includes(folder) || !isFolderOf(folder, where)) continue;
    reportOf(folder)(
      'removed',
      0,
      `the log of ${replica} is gone; the head kept elsewhere knows record ${seq}`,
    );
  }
  return verified;
}

type Origin = SeriesName & KeptHead;

async function verifySeries(
  dir: string,
  series: SeriesName,
  { from, kept }: { from: string | undefined; kept: readonly Origin[] },
  verified: Verified,
  reportOf: (file: string) => Report,
): Promise<void> {
  const { folder, replica } = series;
  // Read first: what is written meanwhile only adds to it.
  const beside = await readHead(dir, series);
  const heads = [
    ...(beside === undefined ? [] : [{ ...beside, origin: 'the head file' }]),
    ...kept.filter((head) => head.replica === replica),
  ];
  const start = from === undefined ? { seq: 0, hash: genesis(folder, replica) } : undefined;
  const chain = new Chain(start, heads);
  const files = (await logFilesOf(join(dir, folder), replica)).filter(({ day }) => day >= (from ?? ''));
  let report = reportOf(join(folder, files.at(-1)?.file ?? `${replica}.head`));
  let last = 0;
  for (const { file } of files) {
    report = reportOf(join(folder, file));
    last = 0;
    for await (const lines of readLines(join(dir, folder, file))) {
      for (const line of lines) chain.take(line, report);
      last = lines.at(-1)?.number ?? last;
    }
  }
  chain.end(last, report);
  verified.files += files.length;
  verified.records += chain.records;
  verified.summarised += chain.summarised;
  if (chain.head !== undefined && chain.head.seq > 0) verified.heads.push({ ...series, ...chain.head });
}
