/**
 * Folder and file names of the log: `<tenant>_i<issuer>/<day>.<replica>.jsonl`, one folder per tenant of an issuer, one file per
 * day and replica. A tenant's name comes from outside, so it is encoded with a few safe characters, and no two names share a
 * folder. The issuer appears as a part of the SHA-256 of its URL. A folder without an issuer was written by an earlier version;
 * continued.ts links the new folders to it.
 */
import { createHash, hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';

/** File systems allow 255 bytes; a file's name also holds the day and an ending. */
const MAX_NAME = 160;
const FILE = /^(\d{4}-\d{2}-\d{2})\.([a-z0-9_-]+)\.jsonl$/;

/** No encoded name contains `_u` or `_i`: an underscore is followed by two hexadecimal digits, another underscore, or nothing. */
const UNKNOWN = '_unknown';
const OF_ISSUER = /^(.*)_i([0-9a-f]{32})$/;

/** The tenant and issuer whose records share a folder. */
export type Owner = {
  /** Undefined for callers that were refused before they were known. */
  tenant: string | undefined;
  /** The issuer of the tenant's name. Undefined without tokens: then the folder is named by the tenant alone. */
  issuer: string | undefined;
};

export const NOBODY: Owner = { tenant: undefined, issuer: undefined };

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
  if (spelled.length <= MAX_NAME && !/\p{Cs}/u.test(name)) return spelled;
  return `${spelled.slice(0, 60)}__${createHash('sha256').update(name, 'utf16le').digest('hex')}`;
}

/** The folder of a tenant of an issuer. No tenant name alone encodes to the same folder. */
export function folderOf({ tenant, issuer }: Owner): string {
  const name = folderName(tenant);
  return tenant === undefined || issuer === undefined ? name : `${name}_i${digestOf(issuer)}`;
}

/** 128 bits, too many for anybody to find a second issuer with the same: `printf %s "$ISSUER" | sha256sum | cut -c1-32`. */
const digestOf = (issuer: string): string => hash('sha256', issuer).slice(0, 32);

/** The tenant's folder in earlier versions; undefined for an owner without an issuer. */
export function formerFolder(folder: string): string | undefined {
  return OF_ISSUER.exec(folder)?.[1];
}

/** Selects folders by tenant, issuer, or both. Old folders may have records of any issuer. */
export type Where = { tenant?: string | undefined; issuer?: string | undefined };

export function isFolderOf(folder: string, { tenant, issuer }: Where): boolean {
  const [, name = folder, digest] = OF_ISSUER.exec(folder) ?? [];
  if (tenant !== undefined && name !== folderName(tenant)) return false;
  if (issuer === undefined) return true;
  return digest === undefined ? name !== UNKNOWN : digest === digestOf(issuer);
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

/** The encoded names of the selected folders. */
export async function foldersOf(dir: string, where: Where = {}): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .filter((name) => isFolderOf(name, where))
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
