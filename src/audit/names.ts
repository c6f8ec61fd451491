/**
 * Folder and file names of the log: `<tenant>/<day>.<replica>.jsonl`, one folder a tenant, one file a day and replica.
 * A tenant's name comes from outside, so its folder is spelled with a few safe characters and no two share one.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';

/** File systems allow 255 bytes; a file's name also holds the day and an ending. */
const MOST_NAME = 160;
const FILE = /^(\d{4}-\d{2}-\d{2})\.([a-z0-9_-]+)\.jsonl$/;

/** No encoded name is `_u…`: after an underscore come two hexadecimal digits, another underscore, or nothing. */
const UNKNOWN = '_unknown';

/**
 * Lower-case letters, digits and `-` stand for themselves, every other byte of the UTF-8 is `_` and two hexadecimal
 * digits: no dots, no separators, nothing that differs by case alone. What is too long or not well-formed ends in `__`
 * and its digest. The empty name is `_`; no name at all is `_unknown`.
 */
export function folderName(name: string | undefined): string {
  if (name === undefined) return UNKNOWN;
  if (name === '') return '_';
  const spelled = [...Buffer.from(name)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[a-z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  // UTF-8 makes one and the same character of every half of a surrogate pair; their UTF-16 differs.
  if (spelled.length <= MOST_NAME && !/\p{Cs}/u.test(name)) return spelled;
  return `${spelled.slice(0, 60)}__${createHash('sha256').update(name, 'utf16le').digest('hex')}`;
}

/** All files of one tenant by one replica, which together hold one chain. Both names are as encoded. */
export type SeriesName = { folder: string; replica: string };

export const logFile = (replica: string, day: string) => `${day}.${replica}.jsonl`;
export const headFile = (replica: string) => `${replica}.head`;

export type LogFileName = { file: string; day: string; replica: string };

/** The log files of one folder, by day; none when there is no such folder. */
export async function logFilesOf(folder: string, replica?: string): Promise<LogFileName[]> {
  const found = (await namesIn(folder)).flatMap((file) => {
    const [, day, by] = FILE.exec(file) ?? [];
    return day === undefined || by === undefined ? [] : [{ file, day, replica: by }];
  });
  return found
    .filter((one) => replica === undefined || one.replica === replica)
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** What was set aside from log files: the same name, but for the ending. */
export async function tornFilesOf(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => name.endsWith('.torn')).sort();
}

/** The tenants' folders, as encoded; only the one of `tenant` when it is given. */
export async function foldersOf(dir: string, tenant?: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const wanted = tenant === undefined ? undefined : folderName(tenant);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .filter((name) => wanted === undefined || name === wanted)
    .sort();
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
export const isMissing = (error: unknown) => errorCode(error) === 'ENOENT';
