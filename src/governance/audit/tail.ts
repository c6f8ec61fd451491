/** The newest records over all chains and then, on request, each new record as it is written. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../wire/clock.js';
import { isCompressed } from './compressed.js';
import { readRecords, type StoredRecord } from './lines.js';
import { dayOf, type FolderFilter, foldersOf, logFilesOf, unlessMissing } from './names.js';
import { issuerOf } from './record.js';

type TailOptions = FolderFilter & {
  /** How many of the newest come first; 10 by default. */
  lines?: number | undefined;
  /** Goes on until the signal aborts, or until the caller stops. */
  follow?: boolean | undefined;
  signal?: AbortSignal | undefined;
};

/** How far a series was read, and separately each file with a date in the future. */
type Place = { day: string; path: string; end: number };

/** How much of a file's end is read at first; more when there are not enough records in it. */
const WINDOW = 64 * 1024;
const POLL_MS = 250;

export async function* tailAudit(
  dir: string,
  { tenant, issuer, lines = 10, follow = false, signal }: TailOptions = {},
): AsyncGenerator<StoredRecord, void, undefined> {
  const filter = { tenant, issuer };
  const isWanted = ({ record }: StoredRecord): boolean => issuer === undefined || issuerOf(record) === issuer;
  const places = new Map<string, Place>();
  const newest: StoredRecord[] = [];
  for (const { series, path, day } of (await filesOf(dir, filter)).reverse()) {
    const isFirst = !places.has(series);
    // An earlier day is read only while there are not enough records.
    if (!isFirst && newest.length >= lines) continue;
    const { records, end } = await lastOf(path, lines, isWanted);
    if (isFirst) places.set(series, { day, path, end });
    newest.push(...records);
  }
  newest.sort((a, b) => compare(a.record.time, b.record.time));
  yield* lines === 0 ? [] : newest.slice(-lines);

  while (follow && signal?.aborted !== true) {
    for (const { series, path, day } of await filesOf(dir, filter)) {
      const place = places.get(series);
      if (place !== undefined && day < place.day) continue;
      let end = place?.day === day ? place.end : 0;
      // A compressed file has no new records, except for those that were not read before it was compressed.
      const isNew = isCompressed(path) ? place?.path !== path : (await sizeOf(path)) > end;
      if (isNew) {
        for await (const batch of readRecords(path, end)) {
          end = Math.max(end, batch.end);
          places.set(series, { day, path, end });
          yield* batch.records.filter(isWanted);
        }
      }
      places.set(series, { day, path, end });
    }
    await sleep(POLL_MS, undefined, signal && { signal }).catch(() => {}); // aborted
  }
}

async function filesOf(dir: string, filter: FolderFilter) {
  const files = [];
  const today = dayOf(now());
  for (const folder of await foldersOf(dir, filter)) {
    for (const { file, day, replica } of await logFilesOf(join(dir, folder))) {
      // A file with a later date must not count for the whole series: the next records of the series would be skipped.
      const series = day > today ? `${folder}/${file}` : `${folder}/${replica}`;
      files.push({ series, path: join(dir, folder, file), day });
    }
  }
  return files.sort((a, b) => compare(a.day, b.day));
}

/** 0 for a file that was removed meanwhile. */
const sizeOf = async (path: string): Promise<number> => (await unlessMissing(stat(path)))?.size ?? 0;

async function lastOf(
  path: string,
  count: number,
  isWanted: (stored: StoredRecord) => boolean,
): Promise<{ records: StoredRecord[]; end: number }> {
  // A compressed file can only be read from its start.
  const size = isCompressed(path) ? 0 : await sizeOf(path);
  for (let window = WINDOW; ; window *= 8) {
    const from = Math.max(0, size - window);
    let records: StoredRecord[] = [];
    let end = 0;
    for await (const batch of readRecords(path, from)) {
      records = [...records, ...batch.records.filter(isWanted)].slice(-Math.max(count, 1));
      end = Math.max(end, batch.end);
    }
    // Reading may begin in the middle of a line; that part is no record, so it is skipped.
    if (from === 0 || records.length >= count) return { records, end };
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
