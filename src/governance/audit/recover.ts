/**
 * Opens one day's file of a series and finds where its chain goes on. Everything after the last line that is a record
 * is what a crash left of one: it is set aside in a `.torn` file, and the log itself says so. A line that is JSON but
 * not what its hash says is no crash and stays where it is, for verify.ts to find.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { continuedBy } from './continued.js';
import {
  type AuditFs,
  type LogFile,
  makeDirectory,
  REOPEN,
  type Stamp,
  syncDirectory,
  writeAll,
} from './disk.js';
import { type Head, readHead } from './head.js';
import { lastRecord } from './last-record.js';
import { isMissing, type LogFileName, logFile, logFilesOf, type SeriesName } from './names.js';
import { genesis, type Notice } from './record.js';

/** The newest record of a series, and where it ends while nobody but this process can have written behind it. */
export type Known = { head: Head; own?: { path: string; end: number } };
export type Opened = { file: LogFile; path: string; day: string; end: number; head: Head; notices: Notice[] };

/**
 * `day` is the earliest possible day: a series never goes back to an earlier file than its last one, whatever the clock says. A
 * file with a later date is ignored, and reported in the log, unless it has the newest record. `known` is the last record that
 * this process wrote, if any; the rest of a failed write after it is cut off.
 */
export async function openSeries(
  fs: AuditFs,
  dir: string,
  series: SeriesName,
  day: string,
  known?: Known,
): Promise<Opened> {
  const folder = join(dir, series.folder);
  await makeDirectory(fs, folder);
  await syncDirectory(fs, dir);
  const all = (await logFilesOf(folder, series.replica)).reverse();
  const today = await dayToWrite(folder, all, day, known?.head);
  const files = all.filter((one) => one.day <= today);
  const [latest] = files;
  const path = join(folder, logFile(series.replica, today));
  const future = all.filter((one) => one.day > day).reverse();
  const notices: Notice[] = future.map(({ file }) => ({ what: 'future', file }));
  // A crash before midnight and a start after it leave the torn line in the file of the day before.
  if (latest !== undefined && latest.day < today) {
    const path = join(folder, latest.file);
    const before = await fs.open(path, 'a');
    try {
      notices.push(...(await setAside(fs, before, path, (await lastRecord(path)).end)));
    } finally {
      await before.close();
    }
  }

  const file = await fs.open(path, 'a', 0o600);
  try {
    await syncDirectory(fs, folder);
    const own = known?.own;
    if (own?.path === path && own.end < (await file.stat()).size) await file.truncate(own.end);
    const here = await lastRecord(path);
    notices.push(...(await setAside(fs, file, path, here.end)));
    let written = here.head;
    for (const earlier of files.filter((one) => one.day < today)) {
      written ??= (await lastRecord(join(folder, earlier.file))).head;
    }
    const expected = known?.head ?? (await readHead(dir, series));
    const head = goOnFrom(written, expected, notices);
    if (known?.head === undefined || known.head.seq === 0)
      notices.push(...(await continuedBy(dir, series, day)));
    const start = { seq: 0, hash: genesis(series.folder, series.replica) };
    return { file, path, day: today, end: here.end, head: head ?? start, notices };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Later than `day` only when the newest record of the chain is in a file of that later day. */
async function dayToWrite(
  folder: string,
  files: readonly LogFileName[],
  day: string,
  known: Head | undefined,
): Promise<string> {
  const [latest] = files;
  if (latest === undefined || latest.day <= day) return day;
  let newest: { day: string; seq: number } = { day, seq: 0 };
  let isPast = false;
  for (const { file, day: dated } of files) {
    // Of the files up to today, the newest one with a record is enough.
    if (isPast) break;
    const { head } = await lastRecord(join(folder, file));
    isPast = dated <= day && head !== undefined;
    const isOurs = known === undefined || (known.hash === head?.hash && known.seq === head.seq);
    if (head !== undefined && head.seq > newest.seq && isOurs)
      newest = { day: dated > day ? dated : day, seq: head.seq };
  }
  return newest.day;
}

/** The file that was let go of, when it is still there and nobody has touched it since. */
export async function reopen(fs: AuditFs, path: string, left: Stamp): Promise<LogFile | undefined> {
  let file: LogFile | undefined;
  try {
    file = await fs.open(path, REOPEN);
    const { ino, size, ctimeMs } = await file.stat();
    if (ino === left.ino && size === left.size && ctimeMs === left.ctimeMs) return file;
  } catch {
    // Opening it as if for the first time says what is wrong.
  }
  await file?.close();
  return undefined;
}

/** When the head knows more than the files, records are gone: going on from the head leaves the gap to be seen. */
function goOnFrom(
  written: Head | undefined,
  expected: Head | undefined,
  notices: Notice[],
): Head | undefined {
  if (expected === undefined || expected.seq === 0 || (written?.seq ?? 0) > expected.seq) return written;
  if (written?.hash === expected.hash) return written;
  const from = written?.seq === expected.seq ? written.seq : (written?.seq ?? 0) + 1;
  notices.push({ what: 'missing', from, to: expected.seq });
  return expected;
}

/** Moves what follows the last record into the file's `.torn`. */
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
    // First there, then no longer here: a second crash in between leaves it twice, never lost.
    await torn.datasync();
  } finally {
    await torn.close();
  }
  await file.truncate(end);
  return [{ what: 'torn', file: basename(path), bytes: size - end, sha256: digest.digest('hex') }];
}

/** Whether the name stands for another file by now, or for none: what is written would go where nobody looks. */
export async function wasMoved(file: LogFile, path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  const there = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return there?.ino !== (await file.stat()).ino;
}
