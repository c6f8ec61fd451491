/**
 * The writes that the log makes, as a parameter: a test can count them and let them fail. Reading goes to the real
 * files. Also the one error that a caller sees when they fail.
 */
import {
  close,
  closeSync,
  constants,
  fdatasync,
  fstat,
  fstatSync,
  ftruncate,
  open,
  openSync,
  write,
  writeSync,
} from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode, isMissing } from './names.js';

type Written = { bytesWritten: number };

/** Nobody has touched a file since when all three are the same. */
export type Stamp = { ino: number; size: number; ctimeMs: number };

export type LogFile = {
  write(bytes: Uint8Array, offset: number, length: number): Written | Promise<Written>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(): Stamp | Promise<Stamp>;
  close(): void | Promise<void>;
};

export type AuditFs = {
  open(path: string, flags: string | number, mode?: number): LogFile | Promise<LogFile>;
  mkdir(path: string, options: { recursive: boolean; mode: number }): Promise<string | undefined>;
  rename(from: string, to: string): Promise<void>;
};

export const realFs: AuditFs = { open: openLog, mkdir, rename };

/** For writing at the end of a file that is there: it is not made, and a pipe in its place is not waited for. */
export const REOPEN = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;

/** What took longer, milliseconds, was not memory alone: then the next ones are left to another thread. */
const SLOW_MS = 20;
/** So many have to be quick there, one after the other, before one is done at once again. */
const PROOFS = 10;

/**
 * How many proofs are lacking, for all files: what makes the system wait is the disk, and a file may be open for one
 * write only. A process that was not given its processor takes a quick write for a slow one, so it must not cost much.
 */
let lacking = 0;

const inThread = {
  open: promisify(open),
  write: promisify(write),
  fstat: promisify(fstat),
  fdatasync: promisify(fdatasync),
  ftruncate: promisify(ftruncate),
  close: promisify(close),
};

/**
 * What the system has in memory is done at once: that takes one microsecond to three, where the way through a thread
 * takes thirty and lets all callers wait. So are writes, and opening a file again that was open before: open, stat and
 * close take 8 µs instead of 28 in a thread, and 10,000 tenants in turn 30 µs a record instead of 75. A disk that makes
 * the system wait is met once, and then left to a thread for a while.
 */
function atOnce<T>(quick: () => T, slow: () => Promise<T>): T | Promise<T> {
  const began = performance.now();
  if (lacking > 0) return slow().finally(() => judge(performance.now() - began));
  try {
    return quick();
  } finally {
    judge(performance.now() - began);
  }
}

function judge(ms: number): void {
  if (ms > SLOW_MS) lacking = PROOFS;
  else if (lacking > 0) lacking -= 1;
}

function openLog(path: string, flags: string | number, mode?: number): LogFile | Promise<LogFile> {
  const slow = async () => new OpenFile(await inThread.open(path, flags, mode));
  return flags === REOPEN ? atOnce(() => new OpenFile(openSync(path, flags)), slow) : slow();
}

/** A descriptor alone: Node's FileHandle is made in a thread only. */
class OpenFile implements LogFile {
  constructor(private readonly fd: number) {}

  write(bytes: Uint8Array, offset: number, length: number): Written | Promise<Written> {
    return atOnce(
      () => ({ bytesWritten: writeSync(this.fd, bytes, offset, length) }),
      () => inThread.write(this.fd, bytes, offset, length),
    );
  }

  datasync(): Promise<void> {
    return inThread.fdatasync(this.fd);
  }

  truncate(length: number): Promise<void> {
    return inThread.ftruncate(this.fd, length);
  }

  stat(): Stamp | Promise<Stamp> {
    return atOnce(
      () => fstatSync(this.fd),
      () => inThread.fstat(this.fd),
    );
  }

  close(): void | Promise<void> {
    return atOnce(
      () => closeSync(this.fd),
      () => inThread.close(this.fd),
    );
  }
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
