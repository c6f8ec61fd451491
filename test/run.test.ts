import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

import { LONG } from './long.js';
import { compiledPath, modulePath, scriptArguments } from './support/script.js';

const test = suite('run');
const uvu = JSON.stringify(import.meta.resolve('uvu'));
const passing = `import { test } from ${uvu}; test('a', () => {}); test.skip('b', () => {}); test.run();`;
const folders: string[] = [];

async function runOn(files: Record<string, string>, ...args: string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'barewire-run-'));
  folders.push(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const child = spawn(process.execPath, [...scriptArguments('test/run.ts'), '--dir', dir, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)));
  return { output, code, last: output.trimEnd().split('\n').at(-1) };
}

test('adds up what the files counted and exits 0', async () => {
  const { code, last } = await runOn({ 'a.test.ts': passing, 'b.test.ts': passing, 'c.ts': 'throw 1' });
  assert.is(last, '2 passed, 0 failed, 2 skipped');
  assert.is(code, 0);
});

test('ends with one list of what was skipped and why, and counts each reason', async () => {
  const programs = JSON.stringify(pathToFileURL(modulePath('test/support/programs.ts')));
  const lacking = `import { needPrograms } from ${programs}; needPrograms('whole', 'no-such-program'); throw 1;`;
  const partly = `import { suite } from ${uvu}; import { needing } from ${programs}; const test = suite('s');
    test('a', () => {}); needing(test, 'part', 'no-such-program', 'node')('b', () => { throw 1; }); test.run();`;
  const { code, output } = await runOn({ 'a.test.ts': lacking, 'b.test.ts': partly, 'c.test.ts': partly });
  const list =
    'Skipped:\n  part: there is no no-such-program here\n  whole: there is no no-such-program here\n';
  assert.ok(output.endsWith(`${list}2 passed, 0 failed, 3 skipped\n`), output);
  assert.is(code, 0);
});

test('fails a file that never runs its suite', async () => {
  const { code, last, output } = await runOn({ 'a.test.ts': passing.replace('test.run();', '') });
  assert.is(last, '0 passed, 1 failed, 0 skipped');
  assert.match(output, /is `\.run\(\)` missing/);
  assert.is(code, 1);
});

test('names a file whose test fails or which throws', async () => {
  const { code, last, output } = await runOn({
    'a.test.ts': passing.replace('() => {}', '() => { throw new Error("no") }'),
    'b.test.ts': 'throw new Error("at import")',
    'c.test.ts': passing,
  });
  assert.match(output, /Failing:\n.*a\.test\.ts: exited with 1; "a"\n.*b\.test\.ts: exited with 1\n1 passed/);
  assert.is(last, '1 passed, 2 failed, 2 skipped');
  assert.is(code, 1);
});

test('runs a file that failed once more if asked to, and lists what then passed', async () => {
  // It fails unless it has run before, or always.
  const failing = (
    always: boolean,
  ) => `import { existsSync, writeFileSync } from 'node:fs'; import { test } from ${uvu};
    const before = import.meta.url.slice(7) + '.before'; const first = !existsSync(before); writeFileSync(before, '');
    test('a', () => { if (first || ${always}) throw new Error('no'); }); test.run();`;
  const steady = await runOn({ 'a.test.ts': failing(false), 'b.test.ts': passing }, '--again');
  assert.match(
    steady.output,
    /Unsteady, passed when run again:\n.*a\.test\.ts: exited with 1; "a"\n2 passed, 0 failed/,
  );
  assert.is(steady.code, 0);
  const broken = await runOn({ 'a.test.ts': failing(true), 'b.test.ts': passing }, '--again');
  assert.match(broken.output, /Failing:\n.*a\.test\.ts: .*\n1 passed, 1 failed/);
  assert.is(broken.code, 1);
  assert.is((await runOn({ 'a.test.ts': failing(false) })).code, 1);
});

test('a stack trace shows the line of the source, not of what it was compiled to', async () => {
  const compiled = pathToFileURL(compiledPath('test/support/until.ts'));
  const { output } = await runOn({
    'a.test.ts': `import { until } from '${compiled}'; void until(() => { throw new Error('no') }, 'x');`,
  });
  assert.match(output, /at .*test\/support\/until\.ts:\d+:\d+/);
  assert.not.match(output, /until\.js:\d/);
});

test('kills a file that hangs, with the processes it started', async () => {
  const hanging = `import { spawn } from 'node:child_process';
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    setInterval(() => {}, 1000);`;
  // The grandchild holds the output open: were it alive, the runner could not have come to an end.
  const { code, last, output } = await runOn({ 'a.test.ts': hanging }, '--timeout', '3');
  assert.is(last, '0 passed, 1 failed, 0 skipped');
  assert.match(output, /did not end within 3 s/);
  assert.is(code, 1);
});

test('gives each file a temporary folder of its own, and fails a file that leaves something there', async () => {
  const leaving = `import { mkdirSync } from 'node:fs'; import { tmpdir } from 'node:os'; import { dirname, join } from 'node:path';
    console.log('in', tmpdir(), 'x'); mkdirSync(join(tmpdir(), 'forgotten')); ${passing}`;
  const { output, last } = await runOn({ 'a.test.ts': leaving, 'b.test.ts': passing });
  assert.match(output, /a\.test\.ts left behind in its temporary folder: forgotten\n/);
  assert.is(last, '2 passed, 1 failed, 2 skipped');
  const scratch = /in (\S+) x/.exec(output)?.[1] ?? '';
  assert.ok(dirname(scratch) === tmpdir() && !existsSync(scratch), scratch);
});

test('leaves the long files out unless it runs all, and says so', async () => {
  const [long = ''] = [...LONG].filter((name) => !name.includes('/'));
  const files = { 'a.test.ts': passing, [long]: passing };
  const { output, last } = await runOn(files);
  assert.match(output, 'Left to npm run test:all: 1 file');
  assert.is(last, '1 passed, 0 failed, 1 skipped');
  assert.is((await runOn(files, '--all')).last, '2 passed, 0 failed, 2 skipped');
  assert.is((await runOn(files, long)).last, '1 passed, 0 failed, 1 skipped');
});

test('every long file exists', () => {
  const missing = [...LONG].filter((name) => !existsSync(new URL(name, import.meta.url)));
  assert.equal(missing, []);
});

test('runs only the files a filter names, and fails when there are none', async () => {
  const files = { 'one.test.ts': passing, 'two.test.ts': passing };
  assert.is((await runOn(files, 'two.test')).last, '1 passed, 0 failed, 1 skipped');
  assert.is((await runOn(files, 'three')).code, 1);
  assert.is((await runOn(files, '--except', 'two.test')).last, '1 passed, 0 failed, 1 skipped');
});

test.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
test.run();
