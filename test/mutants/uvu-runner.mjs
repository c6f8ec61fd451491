/**
 * Lets Stryker drive uvu. One test for Stryker is one test file here, run in a process of its own, as `test/run.ts` does.
 * A dry run notes which mutants each file reaches; a mutant is then tried on those files alone, until one fails: first the file named like
 * the source and those that have killed its mutants before, then the quickest.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { commonTokens, declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner';
import { transform } from 'esbuild';

/** uvu prints this the moment a test has failed. */
const FAILED = '✘';
/** The time of each test file in the dry run, in ms, for the other runners in this sandbox. */
const TIMES = 'test-times.json';
const hook = pathToFileURL(join(import.meta.dirname, 'coverage-hook.mjs')).href;

/** The module keeps the URL of its source, so that it finds the files beside it, and starts others with tsx. */
async function compile(source) {
  const { code } = await transform(readFileSync(source, 'utf8'), {
    loader: 'ts',
    tsconfigRaw: { compilerOptions: { target: 'es2022', verbatimModuleSyntax: true } },
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(resolve(source)).href) },
  });
  // Another runner may be loading the file.
  const draft = `${source}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, source.replace(/\.ts$/, '.js'));
}

class UvuRunner {
  static inject = [commonTokens.options];
  /** The pid of the test file that runs now. */
  running = undefined;
  /** How many mutants of a source file each test file has killed. */
  kills = new Map();
  /** What TIMES says. */
  times = undefined;

  constructor(options) {
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((name) => `test/${name}`);
    const { tests, except } = options.uvu;
    const isWanted = (file) =>
      tests.some((start) => file.startsWith(start)) && !except.some((part) => file.includes(part));
    this.files = files.filter((file) => file.endsWith('.test.ts') && isWanted(file)).sort();
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  /** Compiles the sandbox once, each module beside its source: a test file then starts several times faster than under tsx. */
  async init() {
    const names = readdirSync('.', { recursive: true, encoding: 'utf8' });
    const sources = names.filter((name) => /^(src|test)\/.*\.ts$/.test(name));
    await Promise.all(sources.map(compile));
  }

  async dryRun({ timeout }) {
    const tests = [];
    const reached = new Map();
    for (const file of this.files) {
      const folder = mkdtempSync(join(tmpdir(), 'mutant-coverage-'));
      const began = performance.now();
      const trouble = await this.#run(
        file,
        timeout,
        { MUTANT_COVERAGE: folder },
        { imports: ['--import', hook] },
      );
      const timeSpentMs = Math.round(performance.now() - began);
      const ids = readdirSync(folder).flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
      rmSync(folder, { recursive: true });
      reached.set(file, Object.fromEntries(ids.map((id) => [id, 1])));
      const test = { id: file, name: file, fileName: file, timeSpentMs };
      const failed = { ...test, status: TestStatus.Failed, failureMessage: trouble };
      tests.push(trouble === undefined ? { ...test, status: TestStatus.Success } : failed);
    }
    // Stryker tries the tests of a mutant in this order.
    tests.sort((a, b) => a.timeSpentMs - b.timeSpentMs);
    writeFileSync(
      TIMES,
      JSON.stringify(Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))),
    );
    const perTest = Object.fromEntries(tests.map(({ id }) => [id, reached.get(id)]));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } };
  }

  async mutantRun({ testFilter, activeMutant, timeout }) {
    const env = { __STRYKER_ACTIVE_MUTANT__: activeMutant.id };
    // A little earlier than Stryker, which would kill this process and leave the test file running.
    const until = performance.now() + timeout - 500;
    const kills = this.kills.get(activeMutant.fileName) ?? new Map();
    this.kills.set(activeMutant.fileName, kills);
    const likely = (file) =>
      kills.get(file) ?? (basename(file).startsWith(`${basename(activeMutant.fileName, '.ts')}.`) ? 0.5 : 0);
    this.times ??= JSON.parse(readFileSync(TIMES, 'utf8'));
    let nrOfTests = 0;
    for (const file of [...(testFilter ?? this.files)].sort((a, b) => likely(b) - likely(a))) {
      nrOfTests += 1;
      // On a busy machine, a file may take several times as long as before. A mutant that hangs takes for ever.
      const patience = Math.min(5_000 + 5 * this.times[file], until - performance.now());
      const trouble = await this.#run(file, patience, env, { stopsAtFailure: true });
      if (trouble === 'late') return { status: MutantRunStatus.Timeout };
      if (trouble === undefined) continue;
      kills.set(file, (kills.get(file) ?? 0) + 1);
      return { status: MutantRunStatus.Killed, killedBy: [file], failureMessage: trouble, nrOfTests };
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }

  async dispose() {
    this.#end();
  }

  /** Ends the process group of the file that runs, so that no server it started lives on. */
  #end() {
    if (this.running === undefined) return;
    try {
      process.kill(-this.running, 'SIGKILL');
    } catch {
      // The group is already gone.
    }
    this.running = undefined;
  }

  /** Runs one test file. Returns undefined if it passed, 'late' if it did not end in `timeout` ms, else the end of what it printed. */
  #run(file, timeout, env, { imports = [], stopsAtFailure = false } = {}) {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [...imports, file.replace(/\.ts$/, '.js')], {
        env: { ...process.env, ...env },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.running = child.pid;
      let output = '';
      let isLate = false;
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => {
          output = (output + text).slice(-4_000);
          // One failure kills a mutant; the rest of the file might wait long for what the mutant does not do.
          if (stopsAtFailure && text.includes(FAILED) && this.running === child.pid) this.#end();
        });
      const timer = setTimeout(() => {
        isLate = true;
        this.#end();
      }, timeout);
      child.on('exit', () => {
        clearTimeout(timer);
        this.#end();
      });
      // Not at 'exit', when the end of the output may still be on its way.
      child.on('close', (code) => {
        // A file without totals ran no test, which is no pass. Where a test throws what is no Error, uvu runs no other and exits with 0.
        const [, total, passed] = [...output.matchAll(/Total: +(\d+)\s+Passed: +(\d+)/g)].at(-1) ?? [];
        const isGood = code === 0 && total !== undefined && total === passed;
        resolve(isLate ? 'late' : isGood ? undefined : output || `exit ${code}`);
      });
    });
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'uvu', UvuRunner)];
