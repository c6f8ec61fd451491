/**
 * The writes that the log makes, as a parameter: a test can count them and let them fail. Reading goes to the real
 * files. Also the one error that a caller sees when they fail.
 */
import { writeSync } from 'node:fs';
import * as real from 'node:fs/promises';
import { errorCode, isMissing } from './names.js';

type Written = { bytesWritten: number };

export type LogFile = {
  write(bytes: Uint8Array, offset: number, length: number): Written | Promise<Written>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(): Promise<{ ino: number; size: number }>;
  close(): Promise<void>;
};

export type AuditFs = {
  open(path: string, flags: string, mode?: number): Promise<LogFile>;
  mkdir(path: string, options: { recursive: boolean; mode: number }): Promise<string | undefined>;
  rename(from: string, to: string): Promise<void>;
};

export const realFs: AuditFs = { open: openLog, mkdir: real.mkdir, rename: real.rename };

/** A write that took longer, milliseconds, was not into memory alone: then the next ones are left to another thread. */
const SLOW_MS = 20;
const WARY_MS = 10_000;

/**
 * Writes go into the system's memory at once: that takes one microsecond or two, where the way through a thread takes
 * thirty and lets all callers wait. A disk that makes the system wait is met once, and then left to a thread for a while.
 */
async function openLog(path: string, flags: string, mode?: number): Promise<LogFile> {
  const handle = await real.open(path, flags, mode);
  let waryUntil = 0;
  return {
    write(bytes, offset, length) {
      const began = performance.now();
      if (began < waryUntil) return handle.write(bytes, offset, length);
      const bytesWritten = writeSync(handle.fd, bytes, offset, length);
      const ended = performance.now();
      if (ended - began > SLOW_MS) waryUntil = ended + WARY_MS;
      return { bytesWritten };
    },
    datasync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    stat: () => handle.stat(),
    close: () => handle.close(),
  };
}

/**
 * The record may not be in the log: whoever must not act unrecorded does not act. A record that was refused so can
 * still be found in the log when only the disk's confirmation failed.
 */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
  /** As the operating system has it: ENOSPC, EROFS, EACCES, EIO. */
  readonly code: string | undefined;

  constructor(detail: string, options?: ErrorOptions) {
    const code = errorCode(options?.cause);
    super(code === undefined ? detail : `${detail} (${code})`, options);
    this.code = code;
  }
}

/** All of it, for one write may take a part: a disk that is nearly full does. */
export async function writeAll(file: LogFile, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

/** For nobody but this user. With `recursive` alone Node reports a read-only file system as one that is not there. */
export async function makeDirectory(fs: AuditFs, path: string): Promise<void> {
  try {
    await fs.mkdir(path, { recursive: false, mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (!isMissing(error)) throw error;
    await fs.mkdir(path, { recursive: true, mode: 0o700 });
  }
}

/** A new name is on disk only when its directory is. */
export async function syncDirectory(fs: AuditFs, path: string): Promise<void> {
  const directory = await fs.open(path, 'r');
  try {
    await directory.datasync();
  } catch (error) {
    // Some file systems have nothing to sync here and say so.
    if (errorCode(error) !== 'EINVAL' && errorCode(error) !== 'EPERM') throw error;
  } finally {
    await directory.close();
  }
}
