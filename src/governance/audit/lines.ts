/** Reads a log file line by line, chunk by chunk: memory holds one chunk and one line, whatever the size of the file. */
import { isUtf8 } from 'node:buffer';
import { isDamage, readBytes } from './compressed.js';
import { type AuditRecord, isAuditRecord } from './record.js';
import { readLink } from './record-line.js';

export type Line = {
  /** Undefined when the bytes are not UTF-8, or more than any record has. */
  text: string | undefined;
  /** From 1, counted from where reading began. */
  number: number;
  /** Where the next line begins, in bytes. */
  end: number;
  /** False for what follows the last line break of the file. */
  hasLineBreak: boolean;
};

/** A record with every member at its bound is shorter. */
const MAX_LINE = 4 * 1024 * 1024;
const LINE_BREAK = 0x0a;

/**
 * Yields arrays, because a generator step for each line would cost more than the line. Stops at the present end of the file. What
 * cannot be decompressed counts as one line.
 */
export async function* readLines(path: string, from = 0): AsyncGenerator<Line[], void, undefined> {
  let rest: Buffer[] = [];
  let restLength = 0;
  let at = from;
  let number = 0;
  const take = (last: Buffer, end: number, hasLineBreak: boolean): Line => {
    const tooLong = restLength + last.length > MAX_LINE;
    const bytes = tooLong || rest.length === 0 ? last : Buffer.concat([...rest, last]);
    rest = [];
    restLength = 0;
    number += 1;
    return { text: tooLong || !isUtf8(bytes) ? undefined : bytes.toString(), number, end, hasLineBreak };
  };
  try {
    for await (const chunk of readBytes(path, from)) {
      const lines: Line[] = [];
      let start = 0;
      for (let stop = chunk.indexOf(LINE_BREAK); stop >= 0; stop = chunk.indexOf(LINE_BREAK, start)) {
        lines.push(take(chunk.subarray(start, stop), at + stop + 1, true));
        start = stop + 1;
      }
      // A line that is already too long is counted and not stored.
      restLength += chunk.length - start;
      if (restLength <= MAX_LINE) rest.push(chunk.subarray(start));
      else rest = [];
      at += chunk.length;
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    yield [{ text: undefined, number: number + 1, end: at, hasLineBreak: true }];
    return;
  }
  if (restLength > 0) yield [take(Buffer.alloc(0), at, false)];
}

/** A record and its line as it is in the file. */
export type StoredRecord = { text: string; record: AuditRecord };
/** `unreadable` counts the lines that are no records; `end` is the end of the last whole line. */
type RecordBatch = { records: StoredRecord[]; unreadable: number; end: number };

/** The records of the lines that `filter` accepts. Hashes are not checked. */
export async function* readRecords(
  path: string,
  from = 0,
  filter: (text: string) => boolean = () => true,
): AsyncGenerator<RecordBatch, void, undefined> {
  for await (const lines of readLines(path, from)) {
    const batch: RecordBatch = { records: [], unreadable: 0, end: from };
    for (const { text, end, hasLineBreak } of lines) {
      if (!hasLineBreak) continue; // it may still be written
      batch.end = end;
      if (text !== undefined && !filter(text)) continue;
      const record = readLink(text);
      if (text !== undefined && record !== undefined && isAuditRecord(record))
        batch.records.push({ text, record });
      else batch.unreadable += 1;
    }
    yield batch;
  }
}
