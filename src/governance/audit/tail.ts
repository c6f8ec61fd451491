/** The newest records over all chains, and then, when asked, each new one as it is written. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, now } from '../../wire/clock.js';
import { foldersOf, logFilesOf, type Where } from './names.js';
import { issuerOf, readRecords, type Stored } from './read.js';

export type Tail = {
  tenant?: string | undefined;
  issuer?: string | undefined;
  /** How many of the newest come first; 10 unless told. */
  lines?: number | undefined;
  /** Goes on until the signal, or until nobody asks for more. */
  follow?: boolean | undefined;
  signal?: AbortSignal | undefined;
};

/** How far a series was read, and separately each of its files with a date in the future. */
type Place = { day: string; end: number };

/** A file is read from here before its end, and from ever earlier until there is enough. */
const WINDOW = 64 * 1024;
const POLL_MS = 250;

export async function* tailAudit(
  dir: string,
  { tenant, issuer, lines = 10, follow = false, signal }: Tail = {},
): AsyncGenerator<Stored, void, undefined> {
  const where = { tenant, issuer };
  const isWanted = ({ record }: Stored): boolean => issuer === undefined || issuerOf(record) === issuer;
  const places = new Map<string, Place>();
  const newest: Stored[] = [];
  for (const { series, path, day } of (await filesOf(dir, where)).reverse()) {
    const place = places.get(series);
    const { size } = await stat(path);
    // Of an earlier day only what the later ones leave wanting.
    if (place !== undefined && newest.length >= lines) continue;
    const { stored, end } = await lastOf(path, size, lines, isWanted);
    if (place === undefined) places.set(series, { day, end });
    newest.push(...stored);
  }
  newest.sort(byTime);
  yield* lines === 0 ? [] : newest.slice(-lines);

  while (follow && signal?.aborted !== true) {
    for (const { series, path, day } of await filesOf(dir, where)) {
      const place = places.get(series);
      if (place !== undefined && day < place.day) continue;
      let end = place?.day === day ? place.end : 0;
      const { size } = await stat(path).catch(() => ({ size: 0 })); // put away meanwhile
      if (size > end) {
        for await (const read of readRecords(path, end)) {
          end = Math.max(end, read.end);
          places.set(series, { day, end });
          yield* read.stored.filter(isWanted);
        }
      }
      places.set(series, { day, end });
    }
    await pause(signal);
  }
}

async function filesOf(dir: string, where: Where) {
  const files = [];
  const today = now().toISOString().slice(0, 10);
  for (const folder of await foldersOf(dir, where)) {
    for (const { file, day, replica } of await logFilesOf(join(dir, folder))) {
      // A file with a later date must not count for the whole series: the series' own next records would be skipped.
      const series = day > today ? `${folder}/${file}` : `${folder}/${replica}`;
      files.push({ series, path: join(dir, folder, file), day });
    }
  }
  return files.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

async function lastOf(
  path: string,
  size: number,
  most: number,
  isWanted: (stored: Stored) => boolean,
): Promise<{ stored: Stored[]; end: number }> {
  for (let window = WINDOW; ; window *= 8) {
    const from = Math.max(0, size - window);
    let stored: Stored[] = [];
    let end = 0;
    for await (const read of readRecords(path, from)) {
      stored = [...stored, ...read.stored.filter(isWanted)].slice(-Math.max(most, 1));
      end = Math.max(end, read.end);
    }
    // A reader that starts in the middle of a line drops what it sees of it, for that is no record.
    if (from === 0 || stored.length >= most) return { stored, end };
  }
}

const byTime = (a: Stored, b: Stored) =>
  a.record.time < b.record.time ? -1 : a.record.time > b.record.time ? 1 : 0;

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const cancel = after(POLL_MS, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    const stop = () => {
      cancel();
      resolve();
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
