/**
 * The writes of the log, as a parameter: a test can count them and make them fail. Reading goes to the real files. Also the one
 * error that a caller gets when writing fails.
 */
import fs from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode, isMissing } from './names.js';

type WriteResult = { bytesWritten: number };

/** A file whose stamp is the same has not been changed. */
export type Stamp = { ino: number; size: number; ctimeMs: number };

export type LogFile = {
  write(bytes: Uint8Array, offset: number, length: number): WriteResult | Promise<WriteResult>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(): Stamp | Promise<Stamp>;
  close(): void | Promise<void>;
};

export type AuditFs = {
  open(path: string, flags: string | number, mode?: number): LogFile | Promise<LogFile>;
};

export const realFs: AuditFs = { open: openLog };

/** Opens an existing file for appending. Does not create it, and does not wait when there is a pipe in its place. */
export const REOPEN = fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_NONBLOCK;

/** A call that took longer, milliseconds, waited for the disk; the next calls go to another thread. */
const SLOW_MS = 20;
/** So many calls in a row have to be quick in a thread before one is made directly again. */
const QUICK_CALLS = 10;

/** The quick calls still needed, for all files: the disk causes the wait, and a file may be open for one write only. */
let callsInThread = 0;

const inThread = {
  open: promisify(fs.open),
  write: promisify(fs.write),
  fstat: promisify(fs.fstat),
  fdatasync: promisify(fs.fdatasync),
  ftruncate: promisify(fs.ftruncate),
  close: promisify(fs.close),
};

/**
 * Makes a call directly while it only touches memory: a write then takes 1 to 3 µs instead of 30 through a thread, and
 * open, stat and close of an earlier file 8 instead of 28. When one call was slow, the next ones go through a thread for a while.
 */
function quickly<T>(direct: () => T, threaded: () => Promise<T>): T | Promise<T> {
  const began = performance.now();
  const judge = (): void => {
    if (performance.now() - began > SLOW_MS) callsInThread = QUICK_CALLS;
    else if (callsInThread > 0) callsInThread -= 1;
  };
  if (callsInThread > 0) return threaded().finally(judge);
  try {
    return direct();
  } finally {
    judge();
  }
}

function openLog(path: string, flags: string | number, mode?: number): LogFile | Promise<LogFile> {
  const threaded = async () => new OpenFile(await inThread.open(path, flags, mode));
  return flags === REOPEN ? quickly(() => new OpenFile(fs.openSync(path, flags)), threaded) : threaded();
}

/** Only a descriptor: a FileHandle of Node can only be opened in a thread. */
class OpenFile implements LogFile {
  constructor(private readonly fd: number) {}

  write(bytes: Uint8Array, offset: number, length: number): WriteResult | Promise<WriteResult> {
    return quickly(
      () => ({ bytesWritten: fs.writeSync(this.fd, bytes, offset, length) }),
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
    return quickly(
      () => fs.fstatSync(this.fd),
      () => inThread.fstat(this.fd),
    );
  }

  close(): void | Promise<void> {
    return quickly(
      () => fs.closeSync(this.fd),
      () => inThread.close(this.fd),
    );
  }
}

/**
 * The record may not be in the log, so an action that needs its record must not happen. The record can still be in the file when
 * only the sync failed.
 */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
  /** The code of the operating system: ENOSPC, EROFS, EACCES, EIO. */
  readonly code: string | undefined;

  constructor(detail: string, options?: ErrorOptions) {
    const code = errorCode(options?.cause);
    super(code === undefined ? detail : `${detail} (${code})`, options);
    this.code = code;
  }
}

/** Repeats the write until all bytes are written: a disk that is nearly full takes only a part. */
export async function writeAll(file: LogFile, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

/** Private to this user. With `recursive` alone Node reports a read-only file system as a missing one. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (!isMissing(error)) throw error;
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
}

/** A new file name is on disk only after its directory is synced. */
export async function syncDirectory({ open }: AuditFs, path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.datasync();
  } catch (error) {
    // File systems without this operation report one of these.
    if (errorCode(error) !== 'EINVAL' && errorCode(error) !== 'EPERM') throw error;
  } finally {
    await directory.close();
  }
}

/**
 * Few syncs run at a time over all tenants, because each occupies one of Node's four threads for as long as the disk takes, and
 * everything else needs them too.
 */
export class SyncLimit {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  async run(sync: () => Promise<void>): Promise<void> {
    if (this.#running >= 2) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running += 1;
    try {
      await sync();
    } finally {
      // A free place goes straight to the next in the queue.
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
