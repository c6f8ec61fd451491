/**
 * `--against COMMIT`: another commit of this project, built in a worktree of its own, and the governed rows of both in turn. Files
 * move between commits, so the other is started through what is stable: `node dist/server.js` with the flags of `governed` in
 * servers.ts, and a module of tools.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/process.js';
import { reasonOf } from './peers.js';
import { type Measure, spread } from './results.js';
import { ROWS, type Row } from './rows.js';
import type { Scene } from './scene.js';
import { governed } from './servers.js';
import { startInTurn } from './start.js';

const BUILD_MS = 300_000;
/** Where the other server stands among those that are started. */
export const OTHER = 'other';
/** Stands for the newest tag from which this commit descends. */
export const RELEASE = 'release';
const start = promisify(execFile);

export type Other = { name: string; folder: string };
type Problem = { reason: string };

const git = async (cwd: string, ...args: string[]): Promise<string> =>
  (await start('git', args, { cwd })).stdout.trim();

type Commit = { name: string; hash: string };

/** Undefined if a release is wanted and there is none. */
export async function findCommit(wanted: string, root = ROOT): Promise<Commit | Problem | undefined> {
  const name =
    wanted === RELEASE ? await git(root, 'describe', '--tags', '--abbrev=0').catch(() => undefined) : wanted;
  if (name === undefined) return undefined;
  try {
    const hash = await git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
    return { name: hash.startsWith(name) ? hash.slice(0, 8) : `${name} (${hash.slice(0, 8)})`, hash };
  } catch {
    const shallow = await git(root, 'rev-parse', '--is-shallow-repository').catch(() => 'unknown');
    const more = shallow === 'true' ? '; this clone is shallow: try git fetch --unshallow --tags' : '';
    return { reason: `there is no commit ${name} here${more}` };
  }
}

type Place = Pick<Scene, 'issuer' | 'dir' | 'say' | 'atEnd'>;

/** Builds it in a temporary folder, which goes when the run ends. */
export async function buildOther(
  { name, hash }: Commit,
  scene: Place,
  root = ROOT,
): Promise<Other | Problem> {
  const parent = await mkdtemp(join(tmpdir(), 'barewire-against-'));
  const folder = join(parent, 'tree');
  scene.atEnd(async () => {
    await git(root, 'worktree', 'remove', '--force', folder).catch(() => {});
    await rm(parent, { recursive: true, force: true });
    await git(root, 'worktree', 'prune').catch(() => {});
  });
  try {
    scene.say(`building ${name} in ${folder}`);
    await git(root, 'worktree', 'add', '--quiet', '--detach', folder, hash);
    const run = (...args: string[]) => start('npm', args, { cwd: folder, timeout: BUILD_MS });
    // Not a link to our packages: TypeScript then names types by paths outside the tree, and refuses.
    await run('ci', '--prefer-offline', '--no-audit', '--no-fund');
    await run('run', 'build');
    const lacking = await lackingFlags(folder, scene);
    if (lacking.length > 0)
      return { reason: `${name} cannot be compared: it has no ${lacking.join(', no ')}` };
    return { name, folder };
  } catch (error) {
    return { reason: `${name} cannot be built: ${reasonOf(error)}` };
  }
}

/** The flags that the benchmark gives and that this build does not have. */
async function lackingFlags(folder: string, scene: Place): Promise<string[]> {
  const flags = governed(scene).args.filter((arg) => arg.startsWith('--'));
  const help = await start(process.execPath, ['dist/server.js', '--help'], { cwd: folder });
  return flags.filter((flag) => !new RegExp(`${flag}\\b`).test(help.stdout));
}

/** Each governed row of ours, and beside it the same of the other. */
export function againstRows(names: readonly string[], quick: boolean, { name }: Other): Row[] {
  return ROWS.filter(
    ({ server, group, connections }) =>
      server === 'governed' &&
      names.includes(group) &&
      (!quick || (group === 'calls' && connections === 100)),
  ).flatMap(({ goals, ...row }): Row[] => {
    const other = { ...row, id: `${row.id}@${name}`, what: `${row.what}: ${name}`, server: OTHER };
    return [{ ...row, against: other.id }, other];
  });
}

/** How long both take to their first answer. */
export async function againstStart(scene: Scene, { name, folder }: Other): Promise<Measure[]> {
  const started = await startInTurn(scene, [
    { what: 'this checkout', guarded: true, spec: (port) => governed(scene, { port }) },
    { what: name, guarded: true, spec: (port) => governed(scene, { port, root: folder }) },
  ]);
  const [ours = 0, theirs = 1] = started.map(({ times }) => spread(times).median);
  return started.map(({ what, times, wrong }) => {
    const { median, min, max } = spread(times);
    const ratio = what === name ? '' : `, ${(ours / theirs).toFixed(2)} of the other's time`;
    return {
      ...{ group: 'start', what: `cold start to the first answer, governed: ${what}`, wrong },
      measured: `${median.toFixed(0)} ms (${min.toFixed(0)}..${max.toFixed(0)})${ratio}`,
      values: { medianMs: median, minMs: min, maxMs: max },
    };
  });
}
