/**
 * Old days of a log: what is older than `keepDays` is removed, and what is closed is compressed. Only days that ended at least a
 * day ago are touched, so no clock that is a little off writes to them any more. The chains of replicas that are gone are treated
 * like the others. One process at a time does this in a log (log.ts holds a lock).
 *
 * The order makes a crash harmless: the tombstone is on disk before the first file is removed, and a compressed file before the
 * one that it replaces. The next round finishes what is left.
 */
import { join } from 'node:path';
import { Chain, isBreach, type Report } from './chain.js';
import { checkTombstone } from './check-signature.js';
import { compress, isCompressed, removeFile } from './compressed.js';
import { type AuditFs, syncDirectory } from './disk.js';
import { dayAfter, dayOf, foldersOf, type LogFileName, logFilesOf, type SeriesName } from './names.js';
import { genesis } from './record-line.js';
import type { SignHead, VerifyHead } from './signed-head.js';
import { readTombstone, type StoredTombstone, type Tombstone, writeTombstone } from './tombstone.js';
import { takeFile } from './verify.js';

export type Retention = {
  fs: AuditFs;
  dir: string;
  now: Date;
  /** Without it, nothing is removed. */
  keepDays: number | undefined;
  /** Signs tombstones, and verifies the earlier one before it is replaced. */
  signing: { sign: SignHead; verify: VerifyHead } | undefined;
  /** Called for each chain whose records turn out broken when they are removed. */
  onBroken(series: SeriesName, places: number): void;
  signal: AbortSignal;
};

/** One round over all chains. @throws the first error, after the chains without one are done */
export async function closeDays(retention: Retention): Promise<void> {
  const { dir, signal } = retention;
  const errors: unknown[] = [];
  for (const folder of await foldersOf(dir)) {
    const files = await logFilesOf(join(dir, folder));
    for (const replica of new Set(files.map((file) => file.replica))) {
      const ofReplica = files.filter((file) => file.replica === replica);
      await closeSeries(retention, { folder, replica }, ofReplica).catch((error) => errors.push(error));
      if (signal.aborted) return;
    }
  }
  if (errors.length > 0) throw errors[0];
}

async function closeSeries(retention: Retention, series: SeriesName, files: LogFileName[]): Promise<void> {
  const { fs, dir, now, keepDays, signal } = retention;
  const folder = join(dir, series.folder);
  const today = dayOf(now);
  // Every record of the last day that is removed is at least `keepDays` old.
  const lastDay = keepDays === undefined ? '' : dayAfter(today, -keepDays - 1);
  const tombstone = await readTombstone(dir, series);
  const old = files.filter(({ day }) => day <= lastDay && day > (tombstone?.day ?? ''));
  const removed = (old.length === 0 ? undefined : await bury(retention, series, old, tombstone)) ?? tombstone;
  const lastRemovedDay = old.at(-1)?.day ?? removed?.day ?? '';
  for (const { file, day } of files) if (day <= lastRemovedDay) await removeFile(join(folder, file));
  if (lastRemovedDay !== '') await syncDirectory(fs, folder);
  for (const { file, day } of files) {
    if (signal.aborted) return;
    if (day > lastRemovedDay && day < dayAfter(today, -1) && !isCompressed(file))
      await compress(fs, join(folder, file), signal);
  }
}

/**
 * Reads the days once more, and writes a tombstone for them and all earlier ones. Undefined when no record is in them. An earlier
 * tombstone without a trusted signature counts as a broken place: otherwise our signature would make a forged one genuine.
 */
async function bury(
  { fs, dir, now, signing, onBroken }: Retention,
  series: SeriesName,
  old: readonly LogFileName[],
  earlier: StoredTombstone | undefined,
): Promise<Tombstone | undefined> {
  const { folder, replica } = series;
  const chain = new Chain(earlier ?? { seq: 0, hash: genesis(folder, replica) }, []);
  let places = 0;
  const report: Report = (what) => {
    if (isBreach(what)) places += 1;
  };
  if (earlier !== undefined && signing !== undefined)
    await checkTombstone({ ...series, log: undefined, verifyHead: signing.verify }, earlier, report);
  for (const { file } of old) await takeFile(chain, join(dir, folder, file), report);
  chain.end(0, report);
  if (places > 0) onBroken(series, places);
  const { seq, hash } = chain.head ?? { seq: 0, hash: '' };
  if (seq === 0) return undefined;
  const day = old.at(-1)?.day ?? '';
  const tombstone = { seq, hash, day, broken: places + (earlier?.broken ?? 0), time: now.toISOString() };
  const signed = await signing?.sign({ ...series, ...tombstone });
  await writeTombstone(dir, series, signed === undefined ? tombstone : { ...tombstone, signed });
  await syncDirectory(fs, join(dir, folder));
  return tombstone;
}
