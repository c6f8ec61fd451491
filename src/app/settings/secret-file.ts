/**
 * Reads a secret from a file, without the line breaks at its end. A file that other users can read only causes a warning, because
 * on some platforms the operator cannot change the mode of a mounted file. Messages are appended to the name of a setting, and
 * never repeat what may be a secret.
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
    // No path here, because it may be the secret itself, given by mistake.
    return { problem: code === 'ENOENT' ? ': no such file' : `: cannot be read (${code})` };
  }
  if (bytes.length > MAX_BYTES) return { problem: ` ${path}: expected at most ${MAX_BYTES} bytes` };
  const secret = withoutLineBreaks(bytes.toString('utf8'));
  if (secret === '') return { problem: ` ${path}: expected a secret, received an empty file` };
  // Windows has no such mode bits.
  if ((mode & OTHERS_READ) === 0 || platform() === 'win32') return { secret };
  const shown = (mode & 0o777).toString(8);
  return {
    secret,
    warning: ` ${path}: other users of this machine can read this secret (mode ${shown}); chmod 600 restricts it to its owner`,
  };
}

/** Reads at most one byte beyond the limit. A pipe, such as `<(…)` in a shell, is read to its end. */
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

/** Editors put a line break at the end of a file that is not part of the secret. */
function withoutLineBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end -= 1;
  return text.slice(0, end);
}
