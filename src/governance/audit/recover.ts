/**
 * Opens a series' file of one day and finds where its chain goes on. What follows the last line that is a record was left by a
 * crash: it is moved to a `.torn` file, and the log reports it. A line that is JSON but has another hash is no trace of a crash;
 * it stays where it is for verify.ts to find.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isCompressed } from './compressed.js';
import { unnamedChains } from './continued.js';
import { type AuditFs, type LogFile, makeDirectory, REOPEN, syncDirectory, writeAll } from './disk.js';
import { lastRecord, readHead } from './head.js';
import { dayAfter, type LogFileName, logFile, logFilesOf, type SeriesName, unlessMissing } from './names.js';
import type { Head, Notice } from './record.js';
import { genesis } from './record-line.js';
import { readTombstone, type Tombstone } from './tombstone.js';

/** The newest record of a series. `own` is where it ends, as long as only this process can have written after it. */
export type KnownEnd = { head: Head; own?: { path: string; end: number } };
type OpenedSeries = {
  file: LogFile;
  path: string;
  day: string;
  end: number;
  head: Head;
  notices: Notice[];
};

/**
 * `day` is the earliest day to write to: a series never goes back to a file before its last one, whatever the clock says. A file
 * with a later date is ignored and reported, unless it holds the newest record. `knownEnd` is the last record that this process
 * wrote; the rest of a failed write after it is cut off.
 */
export async function openSeries(
  fs: AuditFs,
  dir: string,
  series: SeriesName,
  day: string,
  knownEnd: KnownEnd | undefined,
): Promise<OpenedSeries> {
  const folder = join(dir, series.folder);
  await makeDirectory(folder);
  await syncDirectory(fs, dir);
  const newestFirst = (await logFilesOf(folder, series.replica)).reverse();
  const tombstone = await readTombstone(dir, series);
  const today = afterClosedDays(
    await dayToWrite(folder, newestFirst, day, knownEnd?.head),
    newestFirst,
    tombstone,
  );
  const earlier = newestFirst.filter((file) => file.day < today);
  const future = newestFirst.filter((file) => file.day > day).reverse();
  const notices: Notice[] = future.map(({ file }) => ({ what: 'future', file }));
  // After a crash before midnight and a start after it, the torn line is in the file of the day before.
  const [before] = earlier;
  const hasToday = newestFirst.some((file) => file.day === today);
  if (before !== undefined && !hasToday && !isCompressed(before.file)) {
    const path = join(folder, before.file);
    // Not created: it may have been compressed meanwhile.
    const file = await unlessMissing(Promise.resolve(fs.open(path, REOPEN)));
    try {
      if (file !== undefined) notices.push(...(await setAside(fs, file, path, (await lastRecord(path)).end)));
    } finally {
      await file?.close();
    }
  }

  const path = join(folder, logFile(series.replica, today));
  const file = await fs.open(path, 'a', 0o600);
  try {
    await syncDirectory(fs, folder);
    const own = knownEnd?.own;
    if (own?.path === path && own.end < (await file.stat()).size) await file.truncate(own.end);
    const last = await lastRecord(path);
    notices.push(...(await setAside(fs, file, path, last.end)));
    let fileHead = last.head;
    for (const { file } of earlier) fileHead ??= (await lastRecord(join(folder, file))).head;
    // Read once more: the last days may have been removed meanwhile.
    fileHead ??= await readTombstone(dir, series);
    const expected = knownEnd?.head ?? (await readHead(dir, series));
    const head = continueFrom(fileHead, expected, notices);
    if (knownEnd === undefined || knownEnd.head.seq === 0)
      notices.push(...(await unnamedChains(dir, series, day)));
    const start = { seq: 0, hash: genesis(series.folder, series.replica) };
    return { file, path, day: today, end: last.end, head: head ?? start, notices };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Later than `day` only when the newest record of the chain is in a file of that later day. */
async function dayToWrite(
  folder: string,
  newestFirst: readonly LogFileName[],
  day: string,
  knownHead: Head | undefined,
): Promise<string> {
  let newest = { day, seq: 0 };
  if ((newestFirst[0]?.day ?? '') <= day) return day;
  for (const { file, day: fileDay } of newestFirst) {
    const { head } = await lastRecord(join(folder, file));
    const isOurs = knownHead === undefined || (knownHead.hash === head?.hash && knownHead.seq === head.seq);
    if (head !== undefined && head.seq > newest.seq && isOurs)
      newest = { day: fileDay > day ? fileDay : day, seq: head.seq };
    // Of the files up to today, the newest one with a record is enough.
    if (fileDay <= day && head !== undefined) break;
  }
  return newest.day;
}

/** The first day from `day` on that is neither compressed nor removed. Only a clock that was turned back leads to such a day. */
function afterClosedDays(
  day: string,
  newestFirst: readonly LogFileName[],
  tombstone: Tombstone | undefined,
): string {
  const compressed = newestFirst.find(({ file }) => isCompressed(file))?.day ?? '';
  const lastClosedDay = [compressed, tombstone?.day ?? ''].sort().at(-1) ?? '';
  return day > lastClosedDay ? day : dayAfter(lastClosedDay, 1);
}

/** When the expected head is newer than the files, records are missing: going on from it leaves the gap for all to see. */
function continueFrom(
  fileHead: Head | undefined,
  expected: Head | undefined,
  notices: Notice[],
): Head | undefined {
  if (expected === undefined || expected.seq === 0 || (fileHead?.seq ?? 0) > expected.seq) return fileHead;
  if (fileHead?.hash === expected.hash) return fileHead;
  const from = fileHead?.seq === expected.seq ? fileHead.seq : (fileHead?.seq ?? 0) + 1;
  notices.push({ what: 'missing', from, to: expected.seq });
  return expected;
}

/** Moves what follows the last record to the `.torn` file. */
async function setAside(fs: AuditFs, file: LogFile, path: string, end: number): Promise<Notice[]> {
  const { size } = await file.stat();
  if (size <= end) return [];
  const digest = createHash('sha256');
  const torn = await fs.open(path.replace(/\.jsonl$/, '.torn'), 'a', 0o600);
  try {
    for await (const chunk of createReadStream(path, { start: end, end: size - 1 })) {
      digest.update(chunk);
      await writeAll(torn, chunk);
    }
    await writeAll(torn, Buffer.from('\n'));
    // Copied before it is cut off: a second crash in between leaves it twice instead of losing it.
    await torn.datasync();
  } finally {
    await torn.close();
  }
  await file.truncate(end);
  return [{ what: 'torn', file: basename(path), bytes: size - end, sha256: digest.digest('hex') }];
}

/** Whether the path no longer leads to this file, so that nobody would find what is written to it. */
export async function wasMoved(file: LogFile, path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  return (await unlessMissing(stat(path)))?.ino !== (await file.stat()).ino;
}
