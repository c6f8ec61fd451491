/** The program keeps what V8 compiled, in a folder that only its user can write to. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runServer } from '../support/process.js';

const test = suite('process/compile-cache');
const READY = 'Ctrl-C stops it.';
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const keeps = major > 22 || (major === 22 && minor >= 10);
const home = mkdtempSync(join(tmpdir(), 'compile-cache-test-'));
test.after(() => rmSync(home, { recursive: true }));

/** What a server that started and stopped has left in the folder. */
async function compiledBy(cache: string): Promise<readonly string[]> {
  const server = runServer(['--only', 'readonly', '--readonly-port', '0', '--issuer', 'http://127.0.0.1:1'], {
    XDG_CACHE_HOME: cache,
    // Tests run with one of their own, which would come first.
    NODE_COMPILE_CACHE: '',
  });
  await server.seen(READY);
  server.child.kill('SIGTERM');
  await server.ended;
  const folder = join(cache, 'barewire/compiled');
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
}

if (keeps)
  test('a start leaves compiled code for the next one, in a folder of the user', async () => {
    const compiled = await compiledBy(join(home, 'own'));
    assert.ok(compiled.length > 20, `${compiled.length} files`);
  });
test('nothing is kept, and nothing executed, where others may write', async () => {
  const open = join(home, 'open');
  mkdirSync(join(open, 'barewire'), { recursive: true });
  chmodSync(join(open, 'barewire'), 0o777);
  await compiledBy(open);
  assert.equal(readdirSync(join(open, 'barewire')), []);
});

test.run();
