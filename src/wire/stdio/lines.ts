/** Splits chunks of bytes into lines of a bounded length. Client and server both use it on stdio. */

export type Line = { kind: 'line'; bytes: Uint8Array } | { kind: 'too long' };

const NEWLINE = 0x0a;

export async function* readLines(input: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let isSkipping = false;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      length += end - start;
      if (length > maxBytes && !isSkipping) yield { kind: 'too long' };
      else if (!isSkipping) yield { kind: 'line', bytes: Buffer.concat(parts) };
      parts = [];
      length = 0;
      isSkipping = false;
      start = end + 1;
    }
    if (isSkipping) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxBytes) {
      yield { kind: 'too long' };
      parts = [];
      isSkipping = true;
    }
  }
  if (length > 0 && !isSkipping) yield { kind: 'line', bytes: Buffer.concat(parts) };
}
