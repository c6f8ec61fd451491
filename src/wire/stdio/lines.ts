/** Lines out of chunks of bytes, each no longer than a bound. Both sides of stdio read them. */

export type Line = { kind: 'line'; bytes: Uint8Array } | { kind: 'too long' };

const NEWLINE = 0x0a;

export async function* readLines(input: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let skipping = false;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      length += end - start;
      if (length > maxBytes && !skipping) yield { kind: 'too long' };
      else if (!skipping) yield { kind: 'line', bytes: Buffer.concat(parts) };
      parts = [];
      length = 0;
      skipping = false;
      start = end + 1;
    }
    if (skipping) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxBytes) {
      yield { kind: 'too long' };
      parts = [];
      skipping = true;
    }
  }
  if (length > 0 && !skipping) yield { kind: 'line', bytes: Buffer.concat(parts) };
}
