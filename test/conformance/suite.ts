/** Runs the official suite, and reads what it prints. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SUITE = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/', import.meta.url),
);
export const REVISIONS = ['2026-07-28', '2025-11-25'] as const;
export type Revision = (typeof REVISIONS)[number];

export type Outcome = { scenario: string; isGood: boolean; passed: number; failed: number };

/** A row of the table. */
export type Row = {
  subject: string;
  revision: string;
  required: string;
  unscored: string;
  checks: number;
};

// The suite needs Node 22 or later; where this one is older, npm lends one.
export function suite(args: string[], cwd: string): Promise<{ isGood: boolean; output: string }> {
  const script = join(SUITE, 'dist/index.js');
  const old = Number(process.versions.node.split('.')[0]) < 22;
  const [command, ...words] = old
    ? ['npx', '-y', '-p', 'node@24', 'node', script]
    : [process.execPath, script];
  return new Promise((resolve) => {
    execFile(command ?? 'node', [...words, ...args], { cwd, maxBuffer: 2 ** 28 }, (error, stdout, stderr) =>
      resolve({ isGood: error === null, output: `${stdout}\n${stderr}` }),
    );
  });
}

export function readOutcomes(output: string): Outcome[] {
  return [...output.matchAll(/^([✓✗]) ([\w/-]+): (\d+) passed, (\d+) failed/gm)].map(
    ([, mark, scenario = '', passed, failed]) => ({
      scenario,
      isGood: mark === '✓' && Number(failed) === 0,
      passed: Number(passed),
      failed: Number(failed),
    }),
  );
}

const requirements = (revision: Revision): Promise<string> =>
  readFile(join(SUITE, `requirements/${revision}.yaml`), 'utf8');

/** The scenarios that a revision requires of servers or of clients, as the suite's own list says. */
export async function requiredBy(revision: Revision, side: 'server' | 'client'): Promise<string[]> {
  const text = await requirements(revision);
  const section = new RegExp(`^${side}:\\n((?: {2}- .*\\n|\\n| *#.*\\n)+)`, 'm').exec(text)?.[1] ?? '';
  return [...section.matchAll(/^ {2}- (\S+)/gm)].map(([, name = '']) => name);
}

/** Those of clients that it runs besides. */
export async function unscoredBy(revision: Revision): Promise<string[]> {
  const text = await requirements(revision);
  return [...text.matchAll(/^ {2}- scenario: (\S+)\n {4}leg: client$/gm)].map(([, name = '']) => name);
}

/** The row of one side, and what went wrong. What is in `lacking` is known to fail, and is not required. */
export async function judge(
  subject: string,
  side: 'server' | 'client',
  revision: Revision,
  outcomes: readonly Outcome[],
  lacking: readonly string[] = [],
): Promise<{ row: Row; problems: string[] }> {
  const required = await requiredBy(revision, side);
  const scored = outcomes.filter(({ scenario }) => required.includes(scenario));
  const others = outcomes.filter(({ scenario }) => !required.includes(scenario));
  // The suite puts its mark on a scenario that checked nothing, too.
  const good = ({ scenario, isGood, passed }: Outcome): boolean =>
    isGood && (passed > 0 || !required.includes(scenario));
  const problems = required
    .filter((name) => !outcomes.some(({ scenario }) => scenario === name))
    .map((name) => `${subject} ${revision} ${name}: did not run`);
  for (const outcome of outcomes) {
    const { scenario, passed, failed } = outcome;
    const isLacking = lacking.includes(scenario) && !required.includes(scenario);
    if (good(outcome) === isLacking) {
      const what = isLacking ? 'passes, and is listed as lacking' : `${passed} passed, ${failed} failed`;
      problems.push(`${subject} ${revision} ${scenario}: ${what}`);
    }
  }
  const row = {
    subject,
    revision,
    required: `${scored.filter(good).length} of ${required.length}`,
    unscored: `${others.filter(good).length} of ${others.length}`,
    checks: outcomes.filter(good).reduce((sum, { passed }) => sum + passed, 0),
  };
  return { row, problems };
}
