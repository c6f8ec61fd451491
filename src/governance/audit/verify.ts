/**
 * Verifies every chain under a directory: reads each file once, in the order of days, with constant memory.
 *
 * A valid chain proves that no record was changed, removed, moved or inserted, unless somebody rewrote every later one. The chain
 * alone does not show when somebody who can write the folder computes a whole new chain, cuts off the newest records together
 * with the head file, adds records at the end, or removes a tenant altogether. A copy of the heads in a place where that person
 * cannot write (`keptHeads`) shows all of these, up to the records that it names. Where the log is signed, the public keys
 * (`verifyHead`) show a chain that somebody without the key computed; they do not show that the log was set back to a state
 * whose head was signed once.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Chain, type FindingKind, isBreach, type Report, type Witness } from './chain.js';
import { checkHead, checkTombstone } from './check-signature.js';
import { isCompressed, isWhole } from './compressed.js';
import { type ContinuedChain, continuedIn } from './continued.js';
import { readHead } from './head.js';
import { readLines } from './lines.js';
import {
  type FolderFilter,
  foldersOf,
  isFolderOf,
  type LogFileName,
  logFilesOf,
  replicasOf,
  type SeriesName,
  tornFilesOf,
} from './names.js';
import type { Head } from './record.js';
import { genesis } from './record-line.js';
import type { VerifyHead } from './signed-head.js';
import { readTombstone, removalText, type Tombstone, tombstoneFile } from './tombstone.js';

export type Finding = {
  /** Relative to the directory. */
  file: string;
  /** 0 for a finding about the whole file. */
  line: number;
  what: FindingKind;
  detail: string;
  /** False for what a crash or a full disk explains. */
  breach: boolean;
};

type Verification = {
  records: number;
  files: number;
  breaches: number;
  /** Anonymous refusals that are counted in summaries and have no record of their own. */
  summarised: number;
  /** The newest record of each chain, to be kept elsewhere. */
  heads: (SeriesName & Head)[];
};

export type VerifyOptions = FolderFilter & {
  /** Earlier days were archived: the files that are left may begin anywhere. */
  from?: string | undefined;
  keptHeads?: readonly (SeriesName & Head)[];
  /** Checks signatures: then each chain must have a signed head. */
  verifyHead?: VerifyHead | undefined;
  /** The server whose log it is, as in its signed heads; unknown for a folder that was moved. */
  log?: string | undefined;
};

const KEPT_ELSEWHERE = 'the head kept elsewhere';

export async function verifyAudit(
  dir: string,
  { from, keptHeads = [], verifyHead, log, ...filter }: VerifyOptions,
  onFinding: (finding: Finding) => void,
): Promise<Verification> {
  const summary: Verification = { records: 0, files: 0, breaches: 0, summarised: 0, heads: [] };
  const reportOf =
    (file: string): Report =>
    (what, line, detail) => {
      const breach = isBreach(what);
      if (breach) summary.breaches += 1;
      onFinding({ file, line, what, detail, breach });
    };
  const folders = await foldersOf(dir, filter);
  const continuedChains: ContinuedChain[] = [];
  for (const folder of folders) continuedChains.push(...(await continuedIn(dir, folder)));
  for (const folder of folders) {
    const witnesses = [
      ...keptHeads.map((head) => ({ ...head, origin: KEPT_ELSEWHERE })),
      ...continuedChains.map(({ file, ...head }) => ({ ...head, origin: file })),
    ].filter((witness) => witness.folder === folder);
    const replicas = new Set([
      ...(await replicasOf(join(dir, folder))),
      ...witnesses.map(({ replica }) => replica),
    ]);
    for (const replica of [...replicas].sort()) {
      const ofReplica = witnesses.filter((witness) => witness.replica === replica);
      const series = { folder, replica, from, verifyHead, log };
      await verifySeries(dir, series, ofReplica, summary, reportOf);
    }
    for (const file of await tornFilesOf(join(dir, folder))) {
      const { size } = await stat(join(dir, folder, file));
      reportOf(join(folder, file))('torn', 0, `${size} bytes are set aside`);
    }
  }
  const reportGone = ({ folder, replica, seq }: SeriesName & Head, origin: string): void => {
    if (folders.includes(folder)) return;
    reportOf(folder)('removed', 0, `the log of ${replica} is gone; ${origin} knows record ${seq}`);
  };
  // An operator who archived old days may have archived an old folder with them.
  if (from === undefined) for (const chain of continuedChains) reportGone(chain, chain.file);
  for (const head of keptHeads) if (isFolderOf(head.folder, filter)) reportGone(head, KEPT_ELSEWHERE);
  return summary;
}

async function verifySeries(
  dir: string,
  { from, verifyHead, log, ...series }: SeriesName & Pick<VerifyOptions, 'from' | 'verifyHead' | 'log'>,
  witnesses: readonly Witness[],
  summary: Verification,
  reportOf: (file: string) => Report,
): Promise<void> {
  const { folder, replica } = series;
  const reportOn = (file: string): Report => reportOf(join(folder, file));
  // The head is read first: what is written meanwhile only adds to the chain. What is removed meanwhile has a tombstone.
  const headFile = await readHead(dir, series);
  const heads = headFile === undefined ? witnesses : [{ ...headFile, origin: 'the head file' }, ...witnesses];
  const files = (await logFilesOf(join(dir, folder), replica)).filter(({ day }) => day >= (from ?? ''));
  const chain = new Chain(from === undefined ? { seq: 0, hash: genesis(folder, replica) } : undefined, heads);
  let lastDay = '';
  const passRemoved = async (): Promise<void> => {
    const tombstone = from === undefined ? await readTombstone(dir, series) : undefined;
    if (tombstone === undefined || tombstone.day <= lastDay) return;
    lastDay = tombstone.day;
    const report = reportOn(tombstoneFile(replica));
    report('notice', 0, removalText(tombstone));
    if (tombstone.broken > 0) report('changed', 0, `they were broken in ${tombstone.broken} places`);
    if (verifyHead !== undefined) await checkTombstone({ ...series, log, verifyHead }, tombstone, report);
    chain.resumeAfter(tombstone, report);
    const left = files.filter(({ day }) => day <= lastDay);
    summary.records += await verifyLeft(join(dir, folder), left, tombstone, reportOn);
  };
  await passRemoved();
  let lastLine = 0;
  for (const { file, day } of files) {
    if (day <= lastDay) continue;
    lastLine = await takeFile(chain, join(dir, folder, file), reportOn(file));
    if (lastLine === 0) await passRemoved();
  }
  chain.end(lastLine, reportOn(files.at(-1)?.file ?? `${replica}.head`));
  if (verifyHead !== undefined && chain.head !== undefined)
    await checkHead({ ...series, log, verifyHead }, chain.head.seq, headFile, reportOn(`${replica}.head`));
  summary.files += files.length;
  summary.records += chain.records;
  summary.summarised += chain.summarised;
  if (chain.head !== undefined && chain.head.seq > 0) summary.heads.push({ ...series, ...chain.head });
}

/** Resolves with the number of the last line. */
export async function takeFile(chain: Chain, path: string, report: Report): Promise<number> {
  if (isCompressed(path) && !(await isWhole(path))) {
    report('not gzip', 0, 'the file cannot be decompressed');
    return 0;
  }
  let last = 0;
  for await (const lines of readLines(path)) {
    for (const line of lines) chain.take(line, report);
    last = lines.at(-1)?.number ?? last;
  }
  return last;
}

/**
 * Files that a crash left behind after their tombstone was written. The oldest may be gone already; the records of the others must
 * lead to the one that the tombstone names. Resolves with the number of records.
 */
async function verifyLeft(
  folder: string,
  files: readonly LogFileName[],
  { seq, hash }: Tombstone,
  reportOn: (file: string) => Report,
): Promise<number> {
  const chain = new Chain(undefined, []);
  let lastLine = 0;
  for (const { file } of files) lastLine = await takeFile(chain, join(folder, file), reportOn(file));
  const report = reportOn(files.at(-1)?.file ?? '');
  chain.end(lastLine, report);
  if (chain.head !== undefined && (chain.head.seq !== seq || chain.head.hash !== hash))
    report('changed', lastLine, `the tombstone names another record as the last one of these days`);
  return chain.records;
}
