/** The walkthrough as its reader runs it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, ROOT, run } from '../support/process.js';

const test = suite('walkthrough/main');
const folder = mkdtempSync(join(tmpdir(), 'barewire-walkthrough-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function walkthrough(...args: string[]): Promise<Ended> {
  const npm = ['--prefix', ROOT, 'run', '--silent', 'walkthrough', '--', ...args];
  // Elsewhere than in the project, and its temporary folders where one that stays is seen.
  const { child, ended } = run('npm', npm, { TMPDIR: folder, COLUMNS: '80' }, folder);
  child.stdin?.end();
  return ended;
}

const exercise = readFileSync(join(ROOT, 'spec-fixtures/01-one-request/exercise.wire'), 'utf8');

function solution(request: string, id: string): string {
  const gaps = [request, id];
  const file = join(folder, 'mine.wire');
  writeFileSync(
    file,
    exercise.replace(/TODO\([^)]*\)/g, () => gaps.shift() ?? ''),
  );
  return file;
}

test('chapter 1 is played, printed and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await walkthrough('--chapter', '1', '--curl', '--step');
  assert.is(code, 0, `${stdout}${stderr}`);
  assert.match(stderr, /^--step waits for Enter, but stdin is not a terminal/);
  assert.match(stdout, /^\nChapter 1: /);
  assert.match(stdout, /\n> \{"jsonrpc":"2\.0","id":1,"method":"ping"\}\n< HTTP\/1\.1 200 OK\n/);
  assert.match(stdout, /\n {2}The smallest conversation there is: /);
  assert.match(stdout, /\ncurl -si http:\S+ .* -H "Authorization: Bearer \$TOKEN" /);
  assert.match(stdout, /\nTOKEN=\$\(cat \S+\)\ncurl /);
  assert.match(stdout, /\n10 transcripts: everything came back as written\.\n$/);
  assert.not.match(stdout, /your turn: send a ping/);
  assert.not.ok(stdout.includes('\x1b'));
  assert.not.match(stdout, /eyJ[\w-]{10}/);
  const left = readdirSync(folder).filter((name) => /^(governed|walkthrough|barewire-buckets)-/.test(name));
  assert.equal(left, []);
});

test('a decision is printed with its exchange', async () => {
  const { code, stdout } = await walkthrough('--only', 'asks-for-a-missing-capability');
  assert.is(code, 0, stdout);
  assert.match(stdout, /\ndecided: \S+ (allowed|refused), .*\nrecorded: /s);
});

test('--list prints the chapters without starting anything', async () => {
  const { code, stdout } = await walkthrough('--list');
  assert.is(code, 0);
  assert.match(stdout, /^00-who-talks-to-whom +3 {2}and an exercise\n01-one-request +10/);
  assert.match(stdout, /\ntranscripts +\d{3}\n$/);
});

test('an unknown flag and an unknown chapter are refused', async () => {
  assert.equal(await walkthrough('--fast'), {
    code: 1,
    stdout: '',
    stderr: "Unknown option '--fast'; --help lists the flags\n",
  });
  const { code, stdout } = await walkthrough('--chapter', '77');
  assert.is(code, 1);
  assert.match(stdout, /^there is no such transcript/);
});

test('for an exercise with gaps, it prints what is missing, and where', async () => {
  const { code, stdout } = await walkthrough('--check', '1');
  assert.is(code, 1);
  assert.match(stdout, /^spec-fixtures\/01-one-request\/exercise\.wire:11 to do: a JSON-RPC 2\.0 request/);
  assert.match(stdout, /\nspec-fixtures\/01-one-request\/exercise\.wire:15 to do: your id/);
  const away = await walkthrough('--check', '1', '--file', 'nowhere.wire');
  assert.equal([away.code, away.stdout], [1, `${join(folder, 'nowhere.wire')}: there is no such file\n`]);
});

test('a solved exercise passes', async () => {
  solution('{"jsonrpc":"2.0","id":"seven","method":"ping"}', '"seven"');
  const { code, stdout } = await walkthrough('--check', '1', '--file', 'mine.wire');
  assert.is(code, 0, stdout);
  assert.match(stdout, /\nDone\.\n$/);
});

test('a wrong exercise fails, with the difference and the line', async () => {
  const file = solution('{"jsonrpc":"2.0","id":7,"method":"ping"}', '"7"');
  const { code, stdout } = await walkthrough('--check', '1', '--file', file);
  assert.is(code, 1);
  assert.ok(
    stdout.includes(`${file}:15 body at /id is not as written
  15 | < {"jsonrpc":"2.0","id":"7","result":{}}
  - expected  "7"
  + received  7
`),
    stdout,
  );
  assert.not.match(stdout, /Done/);
});

test('for an exercise that cannot be read, it prints the line', async () => {
  const file = solution('{"jsonrpc":"2.0","id":7,"method":"ping"}', 'seven');
  const { code, stdout } = await walkthrough('--check', '1', '--file', file);
  assert.is(code, 1);
  assert.ok(stdout.includes(`${file}:15 `), stdout);
});

test.run();
