/** A process that may open few files: it says so in one line, or it serves. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileLimitProblem } from '../../src/app/open-files.js';
import { ROOT } from '../support/process.js';

const test = suite('process/open-files');

type Ended = { code: number | null; stdout: string; stderr: string };

/** The program with at most so many open files; stopped once it serves. */
function limited(files: number, home: string): Promise<Ended> {
  const ports = ['readonly', 'destructive', 'registry', 'authserver']
    .map((name) => `--${name}-port 0`)
    .join(' ');
  const line = `ulimit -n ${files} && exec "$0" dist/server.js ${ports}`;
  const child = spawn('sh', ['-c', line, process.execPath], {
    cwd: ROOT,
    env: { ...process.env, XDG_STATE_HOME: home },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stdout.includes('Ctrl-C stops it.')) child.kill('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('a limit of 64 or 100 open files gives one line with what to do, and the process ends with 2', async () => {
  const home = mkdtempSync(join(tmpdir(), 'barewire-files-'));
  try {
    for (const files of [40, 64, 100]) {
      const { code, stdout, stderr } = await limited(files, home);
      if (stdout.includes('barewire is ready.')) {
        assert.is(code, 0, `${files}`);
        continue;
      }
      assert.is(code, 2, `${files}: ${stderr}`);
      const lines = stderr
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('oidc-provider WARNING'));
      // What fails earlier may have a line of its own; the last one says what to do.
      assert.match(
        lines.at(-1) ?? '',
        /^barewire: too many files are open .*ulimit -n 1024/,
        `${files}: ${stderr}`,
      );
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
test('the reason is found behind another error, and no other error is mistaken for it', () => {
  const emfile = Object.assign(new Error('x'), { code: 'EMFILE' });
  assert.match(fileLimitProblem(new Error('y', { cause: emfile })) ?? '', 'ulimit -n');
  assert.match(fileLimitProblem(Object.assign(new Error('x'), { code: 'ENFILE' })) ?? '', 'ENFILE');
  assert.match(fileLimitProblem(new Error('Worker initialization failure: EMFILE')) ?? '', 'ulimit -n');
  const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  assert.match(fileLimitProblem(reset, 40) ?? '', 'ulimit -n');
  assert.is(fileLimitProblem(reset, 1024), undefined);
  for (const other of [
    new Error('x'),
    Object.assign(new Error('x'), { code: 'ENOENT' }),
    'EMFILE',
    undefined,
  ])
    assert.is(fileLimitProblem(other), undefined);
});

test.run();
