/**
 * The head of a chain: the place and hash of its newest record. The log keeps one in a file beside each chain, which shows when
 * records were cut off its end (how soon, see log.ts). Against somebody who can write both, an operator keeps a copy elsewhere.
 */
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../wire/value.js';
import { isCompressed } from './compressed.js';
import { readLines } from './lines.js';
import { type SeriesName, unlessMissing } from './names.js';
import type { Head } from './record.js';
import { isHash, readLink } from './record-line.js';

const headPath = (dir: string, { folder, replica }: SeriesName) => join(dir, folder, `${replica}.head`);

/** `signed` is the JWS of signed-head.ts, if the log is signed. */
export type StoredHead = Head & { signed?: string };

/** Undefined when there is no head file, or an unreadable one: it is an additional witness and not part of the chain. */
export async function readHead(dir: string, series: SeriesName): Promise<StoredHead | undefined> {
  const text = await unlessMissing(readFile(headPath(dir, series), 'utf8'));
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (!isRecord(value)) return undefined;
    const { seq, hash, signed } = value;
    if (typeof seq !== 'number' || !isHash(hash)) return undefined;
    return typeof signed === 'string' ? { seq, hash, signed } : { seq, hash };
  } catch {
    return undefined;
  }
}

export const writeHead = (dir: string, series: SeriesName, head: StoredHead): Promise<void> =>
  replaceFile(headPath(dir, series), head);

/** A reader never sees half of it. */
export async function replaceFile(path: string, value: object, { flush = false } = {}): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600, flush });
  await rename(`${path}.new`, path);
}

/** A head as `audit verify` prints it, one a line. */
export const headLine = ({ folder, replica, seq, hash }: SeriesName & Head) =>
  `head ${folder} ${replica} ${seq} ${hash}`;

/** The first two are names of files, which have at most 255 characters. */
const HEAD_LINE = /^head ([a-z0-9_-]{1,255}) ([a-z0-9_-]{1,255}) (\d{1,16}) ([0-9a-f]{64})\r?$/gm;

export function readHeadLines(text: string): (SeriesName & Head)[] {
  return [...text.matchAll(HEAD_LINE)].map(([, folder = '', replica = '', seq, hash = '']) => ({
    folder,
    replica,
    seq: Number(seq),
    hash,
  }));
}

/** The end of a file is read first; the rest only when no record is there. A compressed file can only be read from its start. */
const WINDOW = 64 * 1024;

/** The last line of a log file that is a record, and where it ends. Its hash is not checked. */
export async function lastRecord(path: string): Promise<{ head: Head | undefined; end: number }> {
  const size = (await unlessMissing(stat(path)))?.size ?? 0;
  for (const from of size > WINDOW && !isCompressed(path) ? [size - WINDOW, 0] : [0]) {
    let last: { head: Head; end: number } | undefined;
    for await (const lines of readLines(path, from)) {
      for (const { text, end, hasLineBreak } of lines) {
        const link = hasLineBreak ? readLink(text) : undefined;
        if (link !== undefined) last = { head: { seq: link.seq, hash: link.hash }, end };
      }
    }
    if (last !== undefined) return last;
  }
  return { head: undefined, end: 0 };
}
