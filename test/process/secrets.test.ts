/** Other programs on this machine can read a server's command line, but find no secret there. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { logLines } from '../support/log-lines.js';
import { runServer } from '../support/process.js';
import { reportSkip } from '../support/programs.js';

const test = suite('process/secrets');
const READY = 'Ctrl-C stops it.';
const folder = mkdtempSync(join(tmpdir(), 'secrets-test-'));
test.after(() => rmSync(folder, { recursive: true }));

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64url');

test('a server that gets a secret as a flag does not start, and its one line does not repeat it', async () => {
  for (const args of [
    ['--state-keys', key(7)],
    ['--approvals-client=approvals:hunter2'],
    ['--database-url', 'postgres://owner:hunter2@localhost/app'],
  ]) {
    const server = runServer(args);
    void server.seen(READY).then(
      () => server.child.kill(),
      () => undefined,
    );
    const { code, stdout, stderr } = await server.ended;
    assert.is(code, 2);
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.match(stderr, /^barewire: --[\w-]+: expected no secret on the command line/);
    assert.not.match(`${stdout}${stderr}`, /hunter2|BwcHBw/);
  }
});

test('no secret of a running server is on its command line, where every program of the machine could read it', async () => {
  const secrets = [key(7), key(8), key(9), 'a password of the demo people', 'an-operators-secret-of-a-file'];
  const path = (at: number): string => {
    const file = join(folder, `${at}`);
    writeFileSync(file, `${secrets[at]}\n`, { mode: 0o600 });
    return file;
  };
  const server = runServer([...['--state-keys-file', path(0)], ...['--operator-secret-file', path(4)]], {
    BAREWIRE_APPROVAL_KEYS: secrets[1] ?? '',
    BAREWIRE_REGISTRY_KEYS_FILE: path(2),
    BAREWIRE_AUTHSERVER_PASSWORD: secrets[3] ?? '',
  });
  await server.seen(READY);
  // The operator's secret shows that the content of the files was read.
  assert.match(server.output(), `/metrics/${secrets[4]}`);
  const line = `/proc/${server.child.pid}/cmdline`;
  if (!existsSync(line)) reportSkip('process/secrets, the command line', `there is no ${line} here`);
  else {
    const words = readFileSync(line, 'utf8');
    assert.match(words, '--state-keys-file');
    for (const secret of secrets) assert.not.match(words, secret);
  }
  server.child.kill('SIGTERM');
  const { code, stderr } = await server.ended;
  assert.equal([code, stderr], [0, '']);
});

test('the server says that others can read the file of a secret, and which secrets it does not need, and starts', async () => {
  const file = join(folder, 'shared');
  writeFileSync(file, key(7), { mode: 0o644 });
  const server = runServer(['--only', 'readonly', '--state-keys-file', file], {
    BAREWIRE_APPROVAL_KEYS: key(8),
  });
  await server.seen(READY);
  server.child.kill('SIGTERM');
  const { stderr } = await server.ended;
  const warnings = logLines(stderr).map(({ level, event, message }) => `${level} ${event}: ${message}`);
  assert.match(
    warnings[0] ?? '',
    /^warn process\.setting-doubtful: a setting: --state-keys-file .*: other users of this machine can read/,
  );
  assert.match(
    warnings[1] ?? '',
    /: the readonly service does not need BAREWIRE_APPROVAL_KEYS; leave them out$/,
  );
});

test.run();
