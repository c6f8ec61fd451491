/**
 * The head of a chain: the place and hash of its newest record. One is kept beside each chain, so that records cut off
 * its end are missed (how soon, see log.ts); another that an operator keeps elsewhere holds against whoever can write both.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../wire/value.js';
import type { AuditFs } from './disk.js';
import { headFile, isMissing, type SeriesName } from './names.js';
import { HASH } from './record.js';

export type Head = { seq: number; hash: string };

/** Undefined when there is none, or none that can be read: a head is one more witness and no part of the chain. */
export async function readHead(dir: string, { folder, replica }: SeriesName): Promise<Head | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dir, folder, headFile(replica)), 'utf8'));
    if (!isRecord(value) || typeof value.seq !== 'number' || typeof value.hash !== 'string') return undefined;
    return HASH.test(value.hash) ? { seq: value.seq, hash: value.hash } : undefined;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whole or not at all: a reader never sees half of it. */
export async function writeHead(fs: AuditFs, dir: string, series: SeriesName, head: Head): Promise<void> {
  const path = join(dir, series.folder, headFile(series.replica));
  await writeFile(`${path}.new`, `${JSON.stringify(head)}\n`, { mode: 0o600 });
  await fs.rename(`${path}.new`, path);
}

/** How a head is printed and read back, one a line; `audit verify` prints them and takes a file of them. */
export const headLine = ({ folder, replica }: SeriesName, { seq, hash }: Head) =>
  `head ${folder} ${replica} ${seq} ${hash}`;

export function readHeadLines(text: string): (SeriesName & Head)[] {
  return [...text.matchAll(/^head ([a-z0-9_-]+) ([a-z0-9_-]+) (\d+) ([0-9a-f]{64})\r?$/gm)].map(
    ([, folder = '', replica = '', seq, hash = '']) => ({ folder, replica, seq: Number(seq), hash }),
  );
}
