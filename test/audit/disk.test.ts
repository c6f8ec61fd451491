/** How lines reach the system: directly, and through a thread for a while after a slow write. */
import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { realFs, writeAll } from '../../src/governance/audit/disk.js';

const test = suite('audit/disk');
const folder = mkdtempSync(join(tmpdir(), 'barewire-disk-'));
const { writeSync } = fs;
test.after(() => rmSync(folder, { recursive: true }));
test.after.each(() => {
  fs.writeSync = writeSync;
  syncBuiltinESMExports();
});

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('a write is done when its call returns', async () => {
  const path = join(folder, 'quick');
  const file = await realFs.open(path, 'a');
  const written = file.write(bytes('one\n'), 0, 4);
  assert.not.instance(written, Promise);
  assert.is(readFileSync(path, 'utf8'), 'one\n');
  await file.close();
});

test('after a slow write, the next ones are left to a thread, and nothing is lost or out of order', async () => {
  const path = join(folder, 'slow');
  const file = await realFs.open(path, 'a');
  fs.writeSync = ((...given: Parameters<typeof writeSync>) => {
    const until = performance.now() + 30;
    while (performance.now() < until);
    return writeSync(...given);
  }) as typeof writeSync;
  syncBuiltinESMExports();
  assert.not.instance(file.write(bytes('one\n'), 0, 4), Promise);
  const next = file.write(bytes('two\n'), 0, 4);
  assert.instance(next, Promise);
  assert.equal((await next).bytesWritten, 4);
  await writeAll(file, bytes('three\n'));
  assert.is(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n');
  await file.close();
});

test('ten quick writes in the thread end that, for this file and every other', async () => {
  const file = await realFs.open(join(folder, 'well'), 'a');
  let inThread = 0;
  for (let n = 0; n < 20; n += 1) {
    const written = file.write(bytes('one\n'), 0, 4);
    if (written instanceof Promise) inThread += 1;
    await written;
  }
  // Two writes and a close were done there by the test before; a machine under load may be slow once more.
  assert.ok(inThread >= 7 && inThread < 20, `${inThread} in a thread`);
  assert.not.instance(file.write(bytes('one\n'), 0, 4), Promise);
  await file.close();
});

test('an error of the disk is the error of the write', async () => {
  const file = await realFs.open(join(folder, 'quick'), 'r');
  let code: unknown;
  await writeAll(file, bytes('one\n')).catch((error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  assert.is(code, 'EBADF');
  await file.close();
});

test.run();
