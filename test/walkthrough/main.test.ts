/** The walkthrough as its reader runs it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fillGaps, gapsIn } from '../../src/lesson/exercises.js';
import { type Ended, ROOT, run } from '../support/process.js';

const test = suite('walkthrough/main');
const folder = mkdtempSync(join(tmpdir(), 'barewire-walkthrough-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function walkthrough(...args: string[]): Promise<Ended> {
  const npm = ['--prefix', ROOT, 'run', '--silent', 'walkthrough', '--', ...args];
  // Elsewhere than in the project, and its temporary folders where one that stays is seen.
  const { child, ended } = run('npm', npm, { TMPDIR: folder, COLUMNS: '80', XDG_STATE_HOME: folder }, folder);
  child.stdin?.end();
  return ended;
}

const exercise = readFileSync(join(ROOT, 'spec-fixtures/01-one-request/exercise.wire'), 'utf8');

function solution(...values: string[]): string {
  const file = join(folder, 'mine.wire');
  writeFileSync(file, fillGaps(exercise, values));
  return file;
}

test('chapter 1 is played, explained, and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await walkthrough('--chapter', '1', '--curl', '--all');
  assert.is(code, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^\nChapter 1: /);
  assert.match(stdout, /\n── chapter 1 · 1 of \d+ ─+\n/);
  assert.match(stdout, /\n> POST \/mcp HTTP\/1\.1\n {6}one message to the server/);
  assert.match(stdout, /\n> {3}"method": "ping"\n {6}what the client wants/);
  assert.match(stdout, /\n< HTTP\/1\.1 200 OK\n {6}the server handled the message/);
  assert.match(stdout, /\n {2}The smallest conversation there is: /);
  assert.match(stdout, /\ncurl -si http:\S+ .* -H "Authorization: Bearer \$TOKEN" /);
  assert.match(stdout, /\nTOKEN=\$\(cat \S+\)\ncurl /);
  assert.match(stdout, /\nYour turn\. .*--check 1\n/s);
  assert.match(stdout, /\n\d+ transcripts: everything came back as written\.\n$/);
  assert.not.ok(stdout.includes('\x1b'));
  assert.not.match(stdout, /eyJ[\w-]{10}/);
  const left = readdirSync(folder).filter((name) => /^(governed|walkthrough|barewire)-?/.test(name));
  assert.equal(left, [], 'playing without a reader is no progress');
});

test('where nobody can press Enter, the chapters are listed, and how to go on', async () => {
  const { code, stdout } = await walkthrough();
  assert.is(code, 0);
  assert.match(stdout, /^The lesson: \d+ chapters, 0 of \d+ exercises solved\n/);
  assert.match(stdout, /On a terminal, this would go on with chapter 0: Who talks to whom\. /);
  assert.match(stdout, /--all.* plays\s+everything/);
});

test('--list prints the chapters without starting anything', async () => {
  const { code, stdout } = await walkthrough('--list');
  assert.is(code, 0);
  assert.match(stdout, /\n {3}0 {2}Who talks to whom +\d+ transcripts\n {3}1 {2}One request +/);
  assert.not.match(stdout, /Enter|Starting/);
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

test('of an exercise with gaps, each is listed with its line', async () => {
  const { code, stdout } = await walkthrough('--check', '1');
  assert.is(code, 1);
  assert.match(
    stdout,
    /^Chapter 1: One request\nChecking spec-fixtures\/01-one-request\/exercise\.wire\n\n– line \d+: /,
  );
  assert.is(stdout.match(/^– line /gm)?.length, gapsIn(exercise).length);
  assert.not.match(stdout, /Starting/, 'nothing can be sent yet');
  const away = await walkthrough('--check', '1', '--file', 'nowhere.wire');
  assert.equal([away.code, away.stdout], [1, `${join(folder, 'nowhere.wire')}: there is no such file\n`]);
});

test('a solved exercise passes, names the next chapter, and is remembered', async () => {
  solution('{"jsonrpc":"2.0","id":"seven","method":"ping"}', '"seven"');
  const { code, stdout } = await walkthrough('--check', '1', '--file', 'mine.wire');
  assert.is(code, 0, stdout);
  assert.match(stdout, /\nStarting the readonly server …\n\n✓ line \d+: .*\n✓ line \d+: /s);
  assert.match(stdout, /\nSolved\. Next is chapter 2: The handshake\. npm run walkthrough -- --chapter 2\n$/);
  assert.match((await walkthrough('--list')).stdout, /\n✓ {2}1 {2}One request/);
});

test.run();
