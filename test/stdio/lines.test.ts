import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLines } from '../../src/wire/stdio/lines.js';

const test = suite('stdio/lines');

async function read(chunks: string[], maxBytes = 10): Promise<string[]> {
  const found: string[] = [];
  for await (const line of readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), maxBytes))
    found.push(line.kind === 'line' ? Buffer.from(line.bytes).toString() : '(too long)');
  return found;
}

test('lines are split at newlines, wherever the chunks end', async () => {
  const expected = ['one', '', 'three é', '4'];
  const text = 'one\n\nthree é\n4\n';
  assert.equal(await read([text]), expected);
  assert.equal(
    await read([...Buffer.from(text)].map((byte) => String.fromCharCode(byte)).filter((c) => c <= '\x7f')),
    ['one', '', 'three ', '4'],
  );
  assert.equal(await read(['o', 'ne', '\n', '\nthr', 'ee é\n4', '\n']), expected);
});
test('the bytes of one character that arrive in two chunks stay together', async () => {
  const bytes = Buffer.from('é\n');
  const found: string[] = [];
  for await (const line of readLines(Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]), 10))
    if (line.kind === 'line') found.push(Buffer.from(line.bytes).toString());
  assert.equal(found, ['é']);
});
test('the last line counts without its newline, and an empty rest does not', async () => {
  assert.equal(await read(['a\nb']), ['a', 'b']);
  assert.equal(await read(['a\n']), ['a']);
  assert.equal(await read([]), []);
});
test('a line at the bound is read, and one over it is reported once and skipped', async () => {
  assert.equal(await read([`${'x'.repeat(10)}\nafter\n`]), ['x'.repeat(10), 'after']);
  assert.equal(await read([`${'x'.repeat(11)}\nafter\n`]), ['(too long)', 'after']);
  assert.equal(await read(['x'.repeat(8), 'x'.repeat(8), 'x'.repeat(80), 'x\nafter\n']), [
    '(too long)',
    'after',
  ]);
  assert.equal(await read(['x'.repeat(50)]), ['(too long)']);
  assert.equal(await read([`${'x'.repeat(50)}\n${'y'.repeat(50)}\n`]), ['(too long)', '(too long)']);
});
test('a line that never ends does not fill the memory', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 0x20);
  async function* endless(): AsyncGenerator<Buffer> {
    for (let count = 0; count < 2_000; count += 1) yield chunk;
  }
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const found: string[] = [];
  for await (const { kind } of readLines(endless(), 1_000)) {
    found.push(kind);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  assert.equal(found, ['too long']);
  assert.ok(most < 10 * 1024 * 1024);
});

test.run();
