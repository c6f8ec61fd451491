/**
 * Folder and file names of the log: `<tenant>_i<issuer>/<day>.<replica>.jsonl`, one folder per tenant of an issuer, one file per
 * day and replica, whose name ends in `.gz` once it is compressed. A tenant's name comes from outside, so it is encoded with a few
 * safe characters, and no two names share a folder. The issuer appears as a part of the SHA-256 of its URL. A folder without an
 * issuer was written by an earlier version; continued.ts links the new folders to it.
 */
import { createHash, hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';

/** File systems allow 255 bytes; a file's name also holds the day and an ending. */
const MAX_NAME = 160;
const FILE = /^(\d{4}-\d{2}-\d{2})\.([a-z0-9_-]+)\.jsonl(?:\.gz)?$/;
/** What is known about a chain besides its records. */
const ABOUT_CHAIN = /^([a-z0-9_-]+)\.(?:head|tombstone)$/;

/** No encoded name contains `_u` or `_i`: an underscore is followed by two hexadecimal digits, another underscore, or nothing. */
const UNKNOWN = '_unknown';
const OF_ISSUER = /^(.*)_i([0-9a-f]{32})$/;

/** The tenant and issuer whose records share a folder. */
export type TenantId = {
  /** Undefined for callers that were refused before they were identified. */
  tenant: string | undefined;
  /** Undefined in a server without tokens: then the folder is named after the tenant alone. */
  issuer: string | undefined;
};

export const NOBODY: TenantId = { tenant: undefined, issuer: undefined };

/**
 * Keeps lower-case letters, digits and `-`, and writes every other byte of the UTF-8 as `_` and two hexadecimal digits: no dots,
 * no separators, and no two names that differ by case alone. A name that is too long or not well-formed ends in `__` and its
 * digest. The empty name is `_`; no name at all is `_unknown`.
 */
export function folderName(name: string | undefined): string {
  if (name === undefined) return UNKNOWN;
  if (name === '') return '_';
  const encoded = [...Buffer.from(name)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[a-z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  // In UTF-8 every half of a surrogate pair becomes the same character; in UTF-16 they differ.
  if (encoded.length <= MAX_NAME && !/\p{Cs}/u.test(name)) return encoded;
  return `${encoded.slice(0, 60)}__${createHash('sha256').update(name, 'utf16le').digest('hex')}`;
}

/** The folder of a tenant of an issuer. No tenant name alone encodes to the same folder. */
export function folderOf({ tenant, issuer }: TenantId): string {
  const name = folderName(tenant);
  return tenant === undefined || issuer === undefined ? name : `${name}_i${digestOf(issuer)}`;
}

/** 128 bits, enough that nobody finds a second issuer with the same: `printf %s "$ISSUER" | sha256sum | cut -c1-32`. */
const digestOf = (issuer: string): string => hash('sha256', issuer).slice(0, 32);

/** The tenant's folder in earlier versions; undefined for a folder without an issuer. */
export function formerFolder(folder: string): string | undefined {
  return OF_ISSUER.exec(folder)?.[1];
}

/** Selects folders by tenant, issuer, or both. Old folders may have records of any issuer. */
export type FolderFilter = { tenant?: string | undefined; issuer?: string | undefined };

export function isFolderOf(folder: string, { tenant, issuer }: FolderFilter): boolean {
  const [, name = folder, digest] = OF_ISSUER.exec(folder) ?? [];
  if (tenant !== undefined && name !== folderName(tenant)) return false;
  if (issuer === undefined) return true;
  return digest === undefined ? name !== UNKNOWN : digest === digestOf(issuer);
}

/** All files of one tenant by one replica, which together hold one chain. Both names are as encoded. */
export type SeriesName = { folder: string; replica: string };
export type LogFileName = { file: string; day: string; replica: string };

export const logFile = (replica: string, day: string) => `${day}.${replica}.jsonl`;

export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

/** So many days later, or earlier. */
export const dayAfter = (day: string, days: number): string =>
  dayOf(new Date(Date.parse(day) + days * 86_400_000));

/** The log files of one folder, by day; none when there is no such folder. Of a file and its compressed form, the file counts. */
export async function logFilesOf(folder: string, replica?: string): Promise<LogFileName[]> {
  const names = (await namesIn(folder)).sort();
  const plain = new Set(names);
  return names.flatMap((file) => {
    const [, day, writer] = FILE.exec(file) ?? [];
    if (day === undefined || writer === undefined) return [];
    if (replica !== undefined && replica !== writer) return [];
    if (file.endsWith('.gz') && plain.has(logFile(writer, day))) return [];
    return [{ file, day, replica: writer }];
  });
}

/** The replicas with a chain in the folder, also where none of its records are left. */
export async function replicasOf(folder: string): Promise<string[]> {
  const replicas = (await namesIn(folder)).map((name) => FILE.exec(name)?.[2] ?? ABOUT_CHAIN.exec(name)?.[1]);
  return replicas.filter((replica) => replica !== undefined);
}

/** The files with the torn lines of log files: the same name with another ending. */
export async function tornFilesOf(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => name.endsWith('.torn')).sort();
}

/** The encoded names of the selected folders. */
export async function foldersOf(dir: string, filter: FolderFilter = {}): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && isFolderOf(entry.name, filter))
    .map(({ name }) => name)
    .sort();
}

const namesIn = async (folder: string): Promise<string[]> => (await unlessMissing(readdir(folder))) ?? [];

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

export const isMissing = (error: unknown) => errorCode(error) === 'ENOENT';

/** Undefined when the file or folder does not exist. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
