/** The walkthrough on a terminal: it waits for keys, and goes on where its reader stopped. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, ROOT, run } from '../support/process.js';
import { needPrograms } from '../support/programs.js';
import { until } from '../support/until.js';

needPrograms('walkthrough/terminal', 'script');
const test = suite('walkthrough/terminal');
const state = mkdtempSync(join(tmpdir(), 'barewire-terminal-'));
test.after(() => rmSync(state, { recursive: true, force: true }));

/** It starts four servers. */
const STARTED_WITHIN_MS = 60_000;
const PROMPT = / · q quits $/;

/** Types one key at each prompt. Returns what each prompt was, and everything that was printed. */
async function typed(keys: string, args: string, columns = 100): Promise<Ended & { prompts: string[] }> {
  const command = `stty cols ${columns} rows 40; exec '${process.execPath}' dist/walkthrough/main.js ${args}`;
  const env = { XDG_STATE_HOME: state, TMPDIR: state, NO_COLOR: '', TERM: 'xterm', SHELL: '/bin/sh' };
  const { child, output, ended } = run('script', ['-qec', command, '/dev/null'], env, ROOT);
  const prompts: string[] = [];
  let read = 0;
  for (const key of keys) {
    await until(
      () => PROMPT.test(output().slice(read)),
      `a prompt to answer with ${JSON.stringify(key)}`,
      STARTED_WITHIN_MS,
    );
    prompts.push(output().slice(read).split('\n').at(-1)?.split(' · ')[0] ?? '');
    read = output().length;
    child.stdin?.write(key);
  }
  const { stdout, ...rest } = await ended;
  return { ...rest, stdout: stdout.replaceAll('\r\n', '\n'), prompts };
}

const seen = (): string[] => JSON.parse(readFileSync(join(state, 'barewire/lesson.json'), 'utf8')).seen;

test('it lists the chapters, plays one exchange at a time, and q quits', async () => {
  const { code, stdout, prompts } = await typed('\r\r\r\rq', '');
  assert.equal(prompts, [
    'Enter begins',
    'Enter sends it',
    'Enter goes on',
    'Enter sends it',
    'Enter goes on',
  ]);
  assert.is(code, 0, stdout);
  assert.match(stdout, /The lesson: \d+ chapters, 0 of \d+ exercises solved\n/);
  assert.match(stdout, /The lesson begins with chapter 0: Who talks to whom\.\n/);
  assert.match(stdout, /── \S*chapter 0 · 1 of \d+ .*─{5}/);
  assert.match(stdout, /\n> POST \/mcp HTTP\/1\.1 {10,}\S*one message to the server/);
  assert.ok(stdout.indexOf('\n> {') < stdout.indexOf('< HTTP/1.1 200 OK'));
  assert.match(stdout, /npm run walkthrough goes on here\.\n$/);
  assert.is(seen().length, 2);
});

test('the next time it resumes there, on a narrow terminal as well', async () => {
  const { code, stdout, prompts } = await typed('q', '', 40);
  assert.equal([code, prompts], [0, ['Enter resumes']]);
  assert.match(stdout, /\nYou stopped in chapter 0: Who\s+talks\s+to\s+whom,\s+at\s+"/);
});

test('Ctrl-C stops it, and --restart forgets how far the reader was', async () => {
  const { code, prompts } = await typed('\x03', '--restart');
  assert.equal([code, prompts], [130, ['Enter begins']]);
  assert.equal(seen(), []);
});

test.run();
