/** The lines of the registry's file: where each stands, and what is in it. */
import type { FileHandle } from 'node:fs/promises';
import { isRecord } from '../../../wire/value.js';
import type { Change, Entry } from '../entry.js';

export type Line = {
  address: string;
  offset: number;
  /** With its line break. */
  length: number;
  /** Whether it says what became of the entry; a thinned line has only changes. */
  hasEntry: boolean;
  /** Of its changes; 0 when there are none. */
  lastSeq: number;
};

export type LineRecord = { address: string; changes: readonly Change[]; entry?: Entry | null };

const CHUNK = 1024 * 1024;
const BREAK = 0x0a;

/** `size` is where the last whole line ends. @throws Error that names the line which cannot be read */
export async function indexLines(
  file: FileHandle,
  path: string,
  each: (record: LineRecord) => void,
): Promise<{ lines: Line[]; size: number }> {
  const lines: Line[] = [];
  let size = 0;
  let rest: Buffer[] = [];
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    let chunk = buffer.subarray(0, bytesRead);
    for (let end = chunk.indexOf(BREAK); end >= 0; end = chunk.indexOf(BREAK)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(0, end)]);
      rest = [];
      chunk = chunk.subarray(end + 1);
      const record = parse(bytes, `${path}:${lines.length + 1}`);
      const { address, changes, entry } = record;
      const length = bytes.length + 1;
      lines.push({
        address,
        offset: size,
        length,
        hasEntry: entry !== undefined,
        lastSeq: changes.at(-1)?.seq ?? 0,
      });
      size += length;
      each(record);
    }
    rest.push(chunk);
  }
  return { lines, size };
}

export async function readLine(file: FileHandle, { offset, length }: Line): Promise<LineRecord> {
  const { buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
  return parse(buffer.subarray(0, length - 1), `byte ${offset}`);
}

function parse(bytes: Buffer, where: string): LineRecord {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new Error(
      `${where}: this line of the registry cannot be read; restore the file, or take the line out`,
      { cause },
    );
  }
  // Written by this program: nobody else's file is read here.
  if (isRecord(value) && typeof value.address === 'string' && Array.isArray(value.changes))
    return value as LineRecord;
  throw new Error(`${where}: expected {"address", "changes", "entry"}`);
}
