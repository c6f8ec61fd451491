/**
 * A secret that a file holds; line breaks at its end are not part of it. A file that others on this machine can read is
 * taken with a warning, for where a platform mounts it there may be no choice. The texts follow the name of a setting, and
 * none repeats what may be a secret.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { platform } from 'node:os';

export type SecretFile = { secret: string; warning?: string } | { problem: string };

const MAX_BYTES = 65_536;
const OTHERS_READ = 0o044;

export function readSecretFile(path: string): SecretFile {
  let bytes: Buffer;
  let mode: number;
  try {
    [bytes, mode] = readBounded(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    // Without the path: somebody may have given the secret in its place.
    return { problem: code === 'ENOENT' ? ': no such file' : `: cannot be read (${code})` };
  }
  if (bytes.length > MAX_BYTES) return { problem: ` ${path}: expected at most ${MAX_BYTES} bytes` };
  const secret = withoutLineBreaks(bytes.toString('utf8'));
  if (secret === '') return { problem: ` ${path}: expected a secret, received an empty file` };
  // Windows has no such modes.
  if ((mode & OTHERS_READ) === 0 || platform() === 'win32') return { secret };
  const shown = (mode & 0o777).toString(8);
  return {
    secret,
    warning: ` ${path}: others on this machine can read this secret (mode ${shown}); chmod 600 leaves it to its owner`,
  };
}

/** At most one byte too many. A pipe, such as `<(…)` of a shell, is read to its end. */
function readBounded(path: string): [bytes: Buffer, mode: number] {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return [bytes.subarray(0, length), fstatSync(file).mode];
  } finally {
    closeSync(file);
  }
}

/** What editors put at the end of a file is no part of it. */
function withoutLineBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end -= 1;
  return text.slice(0, end);
}
