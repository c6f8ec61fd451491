/**
 * Changes the source in one small way at a time (a mutant) and runs the tests that reach the change: they must fail. Stryker creates the
 * mutants and records the results; `uvu-runner.mjs` runs the tests.
 *
 * Usage: npm run mutants -- [SCOPE...] [--only PATH] [--tests START] [--concurrency N] [--report FILE]
 * Scopes: see scopes.ts; by default all of them, which takes hours. PATH may be a pattern. START is how the paths of the tests begin.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';

import { Stryker } from '@stryker-mutator/core';

import { LONG } from '../long.js';
import { EXCEPT, SCOPES } from './scopes.js';

/**
 * Mutants that no test can tell from the original: the line where they begin, the code that each changes and its replacement, and
 * why nothing changes. The text of the line stands for its number, which moves too often.
 */
type Equivalent = {
  file: string;
  line: string;
  mutants: [original: string, replacement: string][];
  why: string;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    tests: { type: 'string' },
    report: { type: 'string' },
    concurrency: { type: 'string', default: '2' },
  },
});
const names = positionals.length === 0 ? Object.keys(SCOPES) : positionals;
const equivalents = JSON.parse(
  readFileSync(new URL('equivalent.json', import.meta.url), 'utf8'),
) as Equivalent[];
const report: object[] = [];

/** The text of a file between two places, each with a line from 1 and a column from 1. */
function textAt(
  file: string,
  { start, end }: Record<'start' | 'end', { line: number; column: number }>,
): string {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return lines.join('\n');
}

/** The entry that explains a mutant. */
function explain(file: string, start: number, original: string, replacement: string): Equivalent | undefined {
  const line = readFileSync(file, 'utf8').split('\n')[start - 1]?.trim();
  return equivalents.find(
    (one) =>
      one.file === file &&
      one.line === line &&
      one.mutants.some(([from, to]) => from === original && to === replacement),
  );
}

for (const name of names) {
  const scope = SCOPES[name];
  if (scope === undefined) throw new Error(`no scope ${name}; there are ${Object.keys(SCOPES).join(', ')}`);
  const stryker = new Stryker({
    testRunner: 'uvu',
    plugins: ['./test/mutants/uvu-runner.mjs', './test/mutants/survivor-reporter.mjs'],
    uvu: {
      tests: values.tests === undefined ? scope.tests : [values.tests],
      except: [...EXCEPT, ...LONG],
    },
    mutate: values.only === undefined ? scope.mutate : [values.only],
    coverageAnalysis: 'perTest',
    ignorePatterns: ['/dist', '/.git', '/.github'],
    // TypeScript 7 has no interface that Stryker could read the settings with; tsx needs none of them.
    tsconfigFile: 'none',
    warnings: { unknownOptions: false, preprocessorErrors: true, unserializableOptions: true, slow: false },
    disableTypeChecks: 'src/**/*.ts',
    reporters: ['progress-append-only', 'survivors'],
    concurrency: Number(values.concurrency),
    timeoutMS: 10_000,
    timeoutFactor: 3,
    tempDirName: '.mutants',
    allowConsoleColors: false,
    logLevel: 'warn',
  } as ConstructorParameters<typeof Stryker>[0]);
  const results = await stryker.runMutationTest();

  const killed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout');
  const alive = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const needed = new Set<Equivalent>();
  const survivors = alive.map((mutant) => {
    const file = relative(process.cwd(), mutant.fileName);
    const original = textAt(file, mutant.location);
    const { line } = mutant.location.start;
    const { status, mutatorName, replacement } = mutant;
    const entry = explain(file, line, original, replacement);
    if (entry !== undefined) needed.add(entry);
    return { file, line, status, mutatorName, original, replacement, why: entry?.why };
  });
  const unexplained = survivors.filter(({ why }) => why === undefined);
  const share = (100 * killed.length) / Math.max(1, killed.length + unexplained.length);
  for (const { file, line, status, original, replacement } of unexplained)
    console.log(
      `${status === 'NoCoverage' ? 'unreached' : 'survived '} ${file}:${line}  ${original}  →  ${replacement}`,
    );
  const others = results.length - killed.length - alive.length;
  console.log(
    `${name}: ${killed.length} killed, ${unexplained.length} survived, ${alive.length - unexplained.length} equivalent,` +
      ` ${others} not run: ${share.toFixed(1)} % killed, ${scope.least} % wanted`,
  );
  const files = new Set(results.map(({ fileName }) => relative(process.cwd(), fileName)));
  const stale = equivalents.filter((entry) => files.has(entry.file) && !needed.has(entry));
  for (const { file, line } of stale)
    console.log(`equivalent.json explains what does not survive: ${file}  ${line}`);
  if (share < scope.least || stale.length > 0) process.exitCode = 1;
  report.push({ scope: name, killed: killed.length, share, survivors });
}
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(report, undefined, 2)}\n`);
