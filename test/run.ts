/**
 * Runs the tests: each test/**\/*.test.ts in a process of its own, several at a time, and adds up what uvu counted.
 * A file that exits well without uvu's totals counts as failed, because uvu passes silently when `.run()` is missing.
 * Each file has a temporary folder of its own, which is removed after it; a file that leaves anything there has failed.
 *
 * Usage: tsx test/run.ts [--all | --long] [--except part]... [--again] [--dir folder] [--timeout seconds] [filter...]
 * A filter is a part of a file's path. Without a filter, the files that `long.ts` lists are left out;
 * `--all` runs them too, and `--long` runs only them. `--except` leaves out the files whose path contains a part.
 * `--again` runs each file that failed once more, alone. A file that passes then is listed as unsteady, with its first failure.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';

import { LONG, SLOWEST } from './long.js';
import { compile, toSources } from './support/compile.js';
import { SKIPPED } from './support/programs.js';
import { COMPILED, compiledPath } from './support/script.js';

/** `failures`: what went wrong, and the titles of the tests that failed. `reasons`: what the file said that it skipped, and why. */
type Outcome = {
  path: string;
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  reasons: string[];
  failures: string[];
};

/** Two for each processor, since a test also waits. */
const AT_ONCE = 2 * availableParallelism();
const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    except: { type: 'string', multiple: true, default: [] },
    again: { type: 'boolean', default: false },
    dir: { type: 'string', default: join(root, 'test') },
    timeout: { type: 'string', default: '300' },
  },
});
const running = new Set<number>();
/** The temporary folder of each file that runs now. */
const scratches = new Set<string>();

/** Where npm under Node 24 keeps compiled modules. */
const NODE_COMPILED = 'node-compile-cache';
/** Where tsx keeps what it has compiled, below the temporary folder: all files share it. */
const TSX_COMPILED = `tsx-${process.geteuid?.() ?? ''}`;

/** The number uvu printed after `label`, or undefined when it printed none. */
function count(output: string, label: string): number | undefined {
  const last = [...output.matchAll(new RegExp(`^ {2}${label}: +(\\d+)$`, 'gm'))].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
}

function judge(path: string, output: string, trouble: string | undefined): Outcome {
  const file = relative(root, path);
  const total = count(output, 'Total');
  const passed = count(output, 'Passed') ?? 0;
  const reasons = output.split('\n').flatMap((line) => {
    const at = line.indexOf(SKIPPED);
    return at === -1 ? [] : [line.slice(at + SKIPPED.length)];
  });
  // A reason stands for one skip at least, also where only a part of a test was left out.
  const skipped = Math.max(count(output, 'Skipped') ?? 0, reasons.length);
  const failed = (total ?? 0) - passed;
  const titles = [...output.matchAll(/^ +FAIL .*"(.*)"$/gm)].map(([, title]) => `"${title}"`);
  // Whatever the totals say, a file in trouble has failed at least once.
  return {
    path,
    file,
    passed,
    skipped,
    reasons,
    failed: trouble === undefined ? failed : Math.max(failed, 1),
    failures: [...(trouble === undefined ? [] : [trouble]), ...titles],
  };
}

/** A file in the list at the end, which may be all that is seen of a long run. */
const failureOf = ({ file, failures }: Outcome): string => `  ${file}: ${failures.join('; ')}`;

/** Ends a file's whole process group, so that no server it started lives on. */
function endGroup(pid: number): void {
  running.delete(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is already gone.
  }
}

function makeScratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'barewire-test-'));
  scratches.add(path);
  // A PostgreSQL server that root starts runs as another user, who has to reach its folder.
  chmodSync(path, 0o755);
  mkdirSync(join(tmpdir(), TSX_COMPILED), { recursive: true });
  symlinkSync(join(tmpdir(), TSX_COMPILED), join(path, TSX_COMPILED), 'dir');
  return path;
}

/** Removes the folder, and returns the names of what a file left there. */
function removeScratch(path: string): string[] {
  const left = readdirSync(path).filter((name) => name !== TSX_COMPILED && name !== NODE_COMPILED);
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  scratches.delete(path);
  return left;
}

function run(path: string): Promise<Outcome> {
  const file = relative(root, path);
  const scratch = makeScratch();
  const compiled = compiledPath(path);
  // A folder given with --dir is not compiled.
  const program = existsSync(compiled) ? [compiled] : ['--import', 'tsx', path];
  const child = spawn(process.execPath, program, {
    cwd: root,
    // From Node 22 on, what V8 makes of a module is kept too.
    env: { ...process.env, TMPDIR: scratch, NODE_COMPILE_CACHE: join(COMPILED, 'v8') },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  let output = '';
  const collect = (chunk: string) => {
    output += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);

  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (pid !== undefined) endGroup(pid);
  }, Number(values.timeout) * 1000);

  return new Promise((resolve) => {
    child.on('error', collect);
    // Not at 'close': a process left behind would hold the pipes open for ever.
    child.on('exit', () => {
      clearTimeout(timer);
      if (pid !== undefined) endGroup(pid);
    });
    child.on('close', (code, signal) => {
      const text = stripVTControlCharacters(output);
      const left = removeScratch(scratch);
      let trouble: string | undefined;
      if (late) trouble = `did not end within ${values.timeout} s and was killed`;
      else if (code !== 0) trouble = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      else if (count(text, 'Total') === undefined) trouble = 'printed no totals: is `.run()` missing?';
      else if (left.length > 0) trouble = `left behind in its temporary folder: ${left.join(', ')}`;
      process.stdout.write(
        `${file}\n${toSources(output)}${trouble === undefined ? '' : `${file} ${trouble}\n\n`}`,
      );
      resolve(judge(path, text, trouble));
    });
  });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const pid of running) endGroup(pid);
    for (const path of scratches) removeScratch(path);
    process.exit(1);
  });
}

/** Where a file stands in the order of the run: the slowest files first, so that none is left alone at the end. */
const rank = (path: string) => SLOWEST.indexOf(relative(values.dir, path)) + 1 || SLOWEST.length + 1;

const files = readdirSync(values.dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.test.ts'),
);
const isWanted = (name: string) => {
  const path = join(values.dir, name);
  if (values.except.some((part) => name.includes(part))) return false;
  return filters.length > 0
    ? filters.some((filter) => path.includes(filter))
    : values.all || LONG.has(name) === values.long;
};
const queue = files
  .filter(isWanted)
  .map((name) => join(values.dir, name))
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
const left = filters.length > 0 || values.long ? 0 : files.length - queue.length;
const outcomes: Outcome[] = [];
const worker = async () => {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) outcomes.push(await run(path));
};
await compile();
await Promise.all(Array.from({ length: AT_ONCE }, worker));

const unsteady: Outcome[] = [];
if (values.again) {
  for (const [at, first] of outcomes.entries()) {
    if (first.failed === 0) continue;
    const second = await run(first.path);
    outcomes[at] = second;
    if (second.failed === 0) unsteady.push(first);
  }
}

const sum = (key: 'passed' | 'failed' | 'skipped') =>
  outcomes.reduce((total, outcome) => total + outcome[key], 0);
const failing = outcomes.filter((outcome) => outcome.failed > 0);
failing.sort((a, b) => a.file.localeCompare(b.file));
if (outcomes.length === 0) console.log('no test file matches');
if (failing.length > 0) console.log(`Failing:\n${failing.map(failureOf).join('\n')}`);
if (unsteady.length > 0)
  console.log(`Unsteady, passed when run again:\n${unsteady.map(failureOf).join('\n')}`);
const reasons = [...new Set(outcomes.flatMap((outcome) => outcome.reasons))].sort();
if (reasons.length > 0) console.log(`Skipped:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
if (left > 0) console.log(`Left to npm run test:all: ${left} file${left === 1 ? '' : 's'}`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = failing.length > 0 || outcomes.length === 0 ? 1 : 0;
