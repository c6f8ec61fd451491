/** Where and with what a run was made: numbers without these say nothing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { canPin } from './child.js';
import type { Scene } from './scene.js';

export function aboutRun(
  { quick, seconds, rounds, disk }: Scene,
  peers: string | undefined,
  command: string,
): { [name: string]: string } {
  const cores = `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB`;
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command,
    commit: commit(),
    node: process.version.slice(1),
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cores}`,
    system: `Linux ${release()}, logs on ${disk}`,
    load: `${wrkVersion()}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s${quick ? ', not warmed up: too short to compare' : ''}`,
    cores: canPin ? 'servers pinned to core 0, wrk to core 1 (taskset)' : 'not pinned',
    peers: peers ?? 'not run',
  };
}

function commit(): string {
  try {
    const run = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
    // Files that the runs themselves write do not count as changes.
    const written = ['md', 'svg', 'jsonl'].map((ending) => `:(exclude,top)test/bench/*.${ending}`);
    const found = run('status', '--porcelain', '--untracked-files=no', '--', ':/', ...written);
    const changed = found === '' ? '' : ', changed';
    return run('rev-parse', '--short', 'HEAD') + changed;
  } catch {
    return 'unknown';
  }
}

/** wrk says its version with its usage, and then ends badly. */
function wrkVersion(): string {
  return /^wrk \S+/.exec(spawnSync('wrk', ['-v'], { encoding: 'utf8' }).stdout)?.[0] ?? 'wrk';
}
