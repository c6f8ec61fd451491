/** Recognizes errors that come from the limit on open files, and says what the operator can do about it. */
import { isRecord } from '../wire/value.js';

const LIMITED =
  'too many files are open for the limit of this process; raise it, for instance with "ulimit -n 1024"';
/** With a lower limit almost anything may fail: connections are reset, and names cannot be resolved. */
const MIN_FILES = 64;

/** The line to print, or undefined for another error. `limit` is how many files this process may open. */
export function fileLimitProblem(error: unknown, limit = fileLimit()): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  // Errors from a worker thread have the code only in their message.
  if (code === 'EMFILE' || /\bEMFILE\b/.test(error.message)) return LIMITED;
  if (code === 'ENFILE') return 'too many files are open on this machine (ENFILE)';
  if (limit < MIN_FILES && (code === 'ECONNRESET' || code === 'EBUSY')) return LIMITED;
  return fileLimitProblem(error.cause, limit);
}

function fileLimit(): number {
  const report: unknown = process.report?.getReport();
  const limits = isRecord(report) && isRecord(report.userLimits) ? report.userLimits : {};
  const soft = isRecord(limits.open_files) ? limits.open_files.soft : undefined;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}
