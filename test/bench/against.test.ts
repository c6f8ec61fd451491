/** Two commits of this project in one run: which commit is meant, what cannot be built, and what is compared. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TestIssuer } from '../support/issuer.js';
import { needing } from '../support/programs.js';
import { againstRows, buildOther, findCommit, OTHER } from './against.js';
import { readArguments } from './arguments.js';

const test = suite('bench/against');
const withGit = needing(test, 'bench/against: commits', 'git', 'npm');

const parent = mkdtempSync(join(tmpdir(), 'barewire-test-against-'));
test.after(() => rmSync(parent, { recursive: true, force: true }));
const root = join(parent, 'project');
const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

/** A project of two commits, with this build script. */
function project(build: string): void {
  mkdirSync(join(root, 'dist'), { recursive: true });
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { build } }));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'dist', 'server.js'), 'console.log("--only --tools --issuer --audit-dir")');
  git(parent, 'init', '-q', root);
  git(root, 'add', '-f', 'package.json', 'package-lock.json', 'dist');
  for (const message of ['one', 'two']) git(root, 'commit', '-q', '--allow-empty', '-m', message);
}

/** Builds its newest commit, and takes away what that left. */
async function build() {
  const issuer = await TestIssuer.start();
  const undoings: (() => unknown)[] = [];
  const said: string[] = [];
  const found = await findCommit('HEAD', root);
  if (found === undefined || 'reason' in found) throw new Error('no commit');
  const scene = {
    ...{ issuer, dir: parent },
    say: (line: string) => said.push(line),
    atEnd: (undo: () => unknown) => undoings.push(undo),
  };
  const built = await buildOther(found, scene, root);
  const folder = said.map((line) => / in (\S+)$/.exec(line)?.[1]).find((one) => one !== undefined) ?? '';
  const there = existsSync(folder);
  for (const undo of undoings) await undo();
  await issuer.goAway();
  return {
    built,
    there,
    gone: !existsSync(folder),
    worktrees: git(root, 'worktree', 'list').split('\n').length,
  };
}

withGit('a commit is found by any of its names, and a missing one is reported', async () => {
  project('node -e ""');
  const hash = git(root, 'rev-parse', 'HEAD');
  assert.equal(await findCommit('HEAD', root), { name: `HEAD (${hash.slice(0, 8)})`, hash });
  assert.equal(await findCommit(hash, root), { name: hash.slice(0, 8), hash });
  assert.equal(await findCommit('v9', root), { reason: 'there is no commit v9 here' });
  assert.equal(await findCommit('--all', root), { reason: 'there is no commit --all here' });
});

withGit('the release is the last tag, and without a tag there is none', async () => {
  assert.is(await findCommit('release', root), undefined);
  git(root, 'tag', 'v1', 'HEAD~1');
  assert.equal(await findCommit('release', root), {
    name: `v1 (${git(root, 'rev-parse', 'v1').slice(0, 8)})`,
    hash: git(root, 'rev-parse', 'v1'),
  });
});

withGit('a shallow clone is reported as one', async () => {
  const clone = join(parent, 'shallow');
  git(parent, 'clone', '-q', '--depth', '1', `file://${root}`, clone);
  assert.equal(await findCommit(git(root, 'rev-parse', 'v1'), clone), {
    reason: `there is no commit ${git(root, 'rev-parse', 'v1')} here; this clone is shallow: try git fetch --unshallow --tags`,
  });
});

withGit('a build without a flag that the benchmark needs is not compared, and leaves nothing', async () => {
  const { built, ...rest } = await build();
  assert.match('reason' in built ? built.reason : '', /it has no --readonly-port, no --quota$/);
  assert.equal(rest, { there: true, gone: true, worktrees: 1 });
  assert.ok(existsSync(join(root, 'node_modules')), 'the packages of the project are still there');
});

withGit('a commit that cannot be built says why, and leaves nothing', async () => {
  rmSync(root, { recursive: true });
  project('node -e "throw new Error(1234)"');
  const { built, ...rest } = await build();
  assert.match('reason' in built ? built.reason : '', /cannot be built: .*1234/);
  assert.equal(rest, { there: true, gone: true, worktrees: 1 });
});

test('each governed row stands before the same row of the other commit, without a goal', () => {
  const rows = againstRows(['calls', 'sse'], false, { name: 'v1', folder: '/x' });
  assert.is(rows.length, 10);
  rows.forEach((row, at) => {
    assert.is(row.goals, undefined);
    assert.is(row.server, at % 2 === 0 ? 'governed' : OTHER);
    assert.is(row.against, at % 2 === 0 ? rows[at + 1]?.id : undefined);
  });
  assert.is(againstRows(['calls', 'sse'], true, { name: 'v1', folder: '/x' }).length, 4);
});

test('something that cannot be compared is refused before anything is built', () => {
  const read = readArguments(['--against', 'HEAD~1']);
  assert.equal(read.kind === 'run' && read.options.names, ['calls', 'sse', 'start']);
  for (const more of [['--readme'], ['--profile'], ['--only', 'peers']])
    assert.is(readArguments(['--against', 'HEAD', ...more]).kind, 'wrong');
  assert.is(readArguments(['--profile', '--only', 'calls']).kind, 'wrong');
  assert.is(readArguments(['--quick', '--readme']).kind, 'wrong');
});

test.run();
