/**
 * Reads a secret from a file, without the line breaks at its end. A file that other users can read only causes a warning, because
 * on some platforms the operator cannot change the mode of a mounted file. Messages are appended to the name of a setting, and
 * never repeat what may be a secret.
 */
import { readFileSync, statSync } from 'node:fs';
import { platform } from 'node:os';

export type SecretFile = { secret: string; warning?: string } | { problem: string };

const MAX_BYTES = 65_536;
const OTHERS_READ = 0o044;

export function readSecretFile(path: string): SecretFile {
  let text: string;
  let mode: number;
  try {
    mode = statSync(path).mode;
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    // No path here, because it may be the secret itself, given by mistake.
    return { problem: code === 'ENOENT' ? ': no such file' : `: cannot be read (${code})` };
  }
  if (Buffer.byteLength(text) > MAX_BYTES)
    return { problem: ` ${path}: expected at most ${MAX_BYTES} bytes` };
  const secret = withoutLineBreaks(text);
  if (secret === '') return { problem: ` ${path}: expected a secret, received an empty file` };
  // Windows has no such mode bits.
  if ((mode & OTHERS_READ) === 0 || platform() === 'win32') return { secret };
  const shown = (mode & 0o777).toString(8);
  return {
    secret,
    warning: ` ${path}: other users of this machine can read this secret (mode ${shown}); chmod 600 restricts it to its owner`,
  };
}

/** Editors put a line break at the end of a file that is not part of the secret. */
function withoutLineBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end -= 1;
  return text.slice(0, end);
}
