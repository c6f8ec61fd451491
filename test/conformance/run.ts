/**
 * `npm run conformance`: the official conformance suite against a server with everything, against the two governed
 * servers, every scenario it knows for both revisions, and against the development authorization server. Prints the table of test/README.md; one failure fails the run.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGoverned } from '../support/governed.js';
import { authorization } from './authorization.js';
import { createEverything } from './everything.js';
import { withToken } from './with-token.js';

const SUITE = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/', import.meta.url),
);
const REVISIONS = ['2026-07-28', '2025-11-25'] as const;
type Revision = (typeof REVISIONS)[number];

/** What needs no tool, prompt or resource of the suite's own but the diagnostics, and so holds for any server. */
const ANY: { [R in Revision]: string[] } = {
  '2026-07-28': [
    'server-stateless',
    'tools-list',
    'dns-rebinding-protection',
    'http-header-validation',
    'input-required-result-unsupported-methods',
  ],
  '2025-11-25': [
    'server-initialize',
    'ping',
    'tools-list',
    'dns-rebinding-protection',
    'server-sse-multiple-streams',
  ],
};
/** The same for a server with prompts and resources. */
const WITH_LISTS: { [R in Revision]: string[] } = {
  '2026-07-28': ['prompts-list', 'resources-list', 'caching', 'sep-2164-resource-not-found'],
  '2025-11-25': ['prompts-list', 'resources-list'],
};
const GOVERNED: { [server: string]: { [R in Revision]: string[] } } = {
  readonly: {
    '2026-07-28': [...ANY['2026-07-28'], ...WITH_LISTS['2026-07-28']],
    '2025-11-25': [...ANY['2025-11-25'], ...WITH_LISTS['2025-11-25']],
  },
  destructive: ANY,
};

type Outcome = { scenario: string; passed: number; failed: number };
type Row = { server: string; revision: Revision | 'all'; required: string; unscored: string; checks: number };

// The suite needs Node 22 or later; where this one is older, npm lends one.
function suite(args: string[], cwd: string): Promise<string> {
  const script = join(SUITE, 'dist/index.js');
  const old = Number(process.versions.node.split('.')[0]) < 22;
  const [command, ...words] = old
    ? ['npx', '-y', '-p', 'node@24', 'node', script]
    : [process.execPath, script];
  return new Promise((resolve) => {
    execFile(command ?? 'node', [...words, ...args], { cwd, maxBuffer: 2 ** 28 }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}

function readOutcomes(output: string): Outcome[] {
  return [...output.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gm)].map(
    ([, scenario = '', passed, failed]) => ({
      scenario,
      passed: Number(passed),
      failed: Number(failed),
    }),
  );
}

/** The scenarios a revision requires of servers, as the suite's own list says. */
async function requiredBy(revision: Revision): Promise<string[]> {
  const text = await readFile(join(SUITE, `requirements/${revision}.yaml`), 'utf8');
  const section = /^server:\n((?: {2}- .*\n|\n| *#.*\n)+)/m.exec(text)?.[1] ?? '';
  return [...section.matchAll(/^ {2}- (\S+)/gm)].map(([, name = '']) => name);
}

const problems: string[] = [];
const rows: Row[] = [];

async function everything(url: string, revision: Revision, cwd: string): Promise<void> {
  const outcomes = readOutcomes(await suite(['server', '--url', url, '--requirements', revision], cwd));
  const required = await requiredBy(revision);
  const good = ({ failed }: Outcome): boolean => failed === 0;
  const scored = outcomes.filter(({ scenario }) => required.includes(scenario));
  const others = outcomes.filter(({ scenario }) => !required.includes(scenario));
  for (const name of required) {
    if (!outcomes.some(({ scenario }) => scenario === name))
      problems.push(`${revision} ${name}: did not run`);
  }
  for (const one of outcomes)
    if (!good(one)) problems.push(`${revision} ${one.scenario}: ${one.failed} failed`);
  rows.push({
    server: 'everything',
    revision,
    required: `${scored.filter(good).length} of ${required.length}`,
    unscored: `${others.filter(good).length} of ${others.length}`,
    checks: outcomes.reduce((sum, { passed }) => sum + passed, 0),
  });
}

async function governed(server: string, url: string, revision: Revision, cwd: string): Promise<void> {
  let checks = 0;
  let good = 0;
  const scenarios = GOVERNED[server]?.[revision] ?? [];
  for (const scenario of scenarios) {
    const output = await suite(
      ['server', '--url', url, '--scenario', scenario, '--spec-version', revision],
      cwd,
    );
    const [, passed, total, failed] = /Passed: (\d+)\/(\d+), (\d+) failed/.exec(output) ?? [];
    if (failed === '0' && passed === total) good += 1;
    else problems.push(`${server} ${revision} ${scenario}: ${output.slice(-2000)}`);
    checks += Number(passed ?? 0);
  }
  rows.push({ server, revision, required: `${good} of ${scenarios.length}`, unscored: '', checks });
}

async function authorizationServer(): Promise<void> {
  const outcomes = await authorization();
  for (const { scenario, failed } of outcomes)
    if (failed > 0) problems.push(`authorization ${scenario}: ${failed} failed`);
  rows.push({
    server: 'authserver',
    revision: 'all',
    required: `${outcomes.filter(({ failed }) => failed === 0).length} of ${outcomes.length}`,
    unscored: '',
    checks: outcomes.reduce((sum, { passed }) => sum + passed, 0),
  });
}

const cwd = await mkdtemp(join(tmpdir(), 'barewire-conformance-')); // the suite leaves its results where it runs
const fixture = createEverything({ stateless: false });
const diagnostics = fileURLToPath(new URL('diagnostics.ts', import.meta.url));
const running = await startGoverned({ tools: [diagnostics] }, 'conformance', 'conformance');
try {
  const url = await fixture.listen(0);
  for (const revision of REVISIONS) await everything(url, revision, cwd);
  for (const server of ['readonly', 'destructive'] as const) {
    // The suite has no place for a token.
    const { url: address, token } = running[server];
    const open = await withToken(address.href, token);
    for (const revision of REVISIONS) await governed(server, open.url, revision, cwd);
    await open.close();
  }
  await authorizationServer();
} finally {
  await Promise.all([fixture.close(), running.close(), rm(cwd, { recursive: true, force: true })]);
}

const { version } = JSON.parse(await readFile(join(SUITE, 'package.json'), 'utf8')) as { version: string };
console.log(
  `conformance suite ${version}, ${new Date().toISOString().slice(0, 10)}, Node ${process.version}\n`,
);
console.log('| server | revision | required | unscored | checks |');
console.log('|---|---|---|---|---|');
for (const { server, revision, required, unscored, checks } of rows) {
  console.log(`| ${server} | ${revision} | ${required} | ${unscored} | ${checks} |`);
}
for (const problem of problems) console.log(`\nFAILED ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
