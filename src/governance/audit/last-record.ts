/** Finds where a log file ends: its last line that is a record. Nothing is checked here; verify.ts does that. */
import { stat } from 'node:fs/promises';
import type { Head } from './head.js';
import { readLines } from './lines.js';
import { isMissing } from './names.js';
import { readLink } from './record.js';

/** A first look at the end of a file; the rest is read only when no record is there. */
const WINDOW = 64 * 1024;

/** The last line that is a record, and where it ends. */
export async function lastRecord(path: string): Promise<{ head: Head | undefined; end: number }> {
  const { size } = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return { size: 0 };
    throw error;
  });
  if (size === 0) return { head: undefined, end: 0 };
  for (const from of size > WINDOW ? [size - WINDOW, 0] : [0]) {
    let found: { head: Head; end: number } | undefined;
    for await (const lines of readLines(path, from)) {
      for (const { text, end, ended } of lines) {
        const link = ended && text !== undefined ? readLink(text) : undefined;
        if (link !== undefined) found = { head: { seq: link.seq, hash: link.hash }, end };
      }
    }
    if (found !== undefined) return found;
  }
  return { head: undefined, end: 0 };
}
