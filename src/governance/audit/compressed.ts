/**
 * Compressed days: `<day>.<replica>.jsonl.gz` holds the bytes of the file of the same name without `.gz`. While both exist,
 * compressing has not ended, and the file without `.gz` counts.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type AuditFs, syncDirectory } from './disk.js';
import { errorCode, unlessMissing } from './names.js';

const GZ = '.gz';
/** Of the decompressed bytes. Chunks of a quarter of this size take twice the time. */
const CHUNK = 256 * 1024;

export const isCompressed = (path: string): boolean => path.endsWith(GZ);

/** The file is no gzip file, or not whole. */
export const isDamage = (error: unknown): boolean => errorCode(error)?.startsWith('Z_') === true;

/**
 * The bytes of a log file from `from` on, decompressed. A file that was compressed since its folder was listed is read under its
 * new name; one that was removed has no bytes.
 */
export async function* readBytes(path: string, from = 0): AsyncGenerator<Buffer, void, undefined> {
  const file = await unlessMissing(open(path));
  if (file === undefined) {
    if (!isCompressed(path)) yield* readBytes(`${path}${GZ}`, from);
    return;
  }
  if (!isCompressed(path)) {
    yield* file.createReadStream({ start: from });
    return;
  }
  let skip = from;
  const bytes = createGunzip({ chunkSize: CHUNK });
  // The reader of the last stream gets the error of either.
  pipeline(file.createReadStream(), bytes, () => {});
  for await (const chunk of bytes) {
    if (skip < chunk.length) yield skip === 0 ? chunk : chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}

/** Whether a compressed file can be decompressed to its end, with nothing behind it. */
export async function isWhole(path: string): Promise<boolean> {
  const size = (await unlessMissing(stat(path)))?.size;
  if (size === undefined) return true;
  const bytes = createGunzip({ chunkSize: CHUNK });
  pipeline(createReadStream(path), bytes, () => {});
  try {
    for await (const _ of bytes);
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
  // Node stops at a zero byte behind the last member, and reports nothing.
  return bytes.bytesWritten === size;
}

/** Replaces a file by its compressed form. At every moment one of the two is on disk and whole. */
export async function compress(fs: AuditFs, path: string, signal: AbortSignal): Promise<void> {
  const folder = dirname(path);
  const partial = partialOf(path);
  try {
    await piped(
      createReadStream(path),
      createGzip(),
      createWriteStream(partial, { mode: 0o600, flush: true }),
      {
        signal,
      },
    );
    await rename(partial, `${path}${GZ}`);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await syncDirectory(fs, folder);
  await rm(path, { force: true });
}

/** A file in every form that it can have. */
export async function removeFile(path: string): Promise<void> {
  const plain = isCompressed(path) ? path.slice(0, -GZ.length) : path;
  for (const each of [plain, `${plain}${GZ}`, partialOf(plain), plain.replace(/\.jsonl$/, '.torn')])
    await rm(each, { force: true });
}

/** Its name begins with a dot, so nobody takes it for a part of the log. */
const partialOf = (path: string): string => join(dirname(path), `.${basename(path)}${GZ}`);
