/**
 * `npm run conformance`: the official conformance suite against a server with everything, against the two governed
 * servers, every scenario it knows for both revisions; against the development authorization server; and with the client.
 * Prints the table of test/README.md; one failure fails the run.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../support/compile.js';
import { startGoverned } from '../support/governed.js';
import { compiledPath } from '../support/script.js';
import { authorization } from './authorization.js';
import { createEverything } from './everything.js';
import {
  judge,
  type Outcome,
  REVISIONS,
  type Revision,
  type Row,
  readOutcomes,
  requiredBy,
  SUITE,
  suite,
  unscoredBy,
} from './suite.js';
import { withToken } from './with-token.js';

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

/** Extensions that the client does not implement. They are optional, and listed so that no other failure hides among them. */
const LACKING = [
  'auth/enterprise-managed-authorization',
  'auth/dpop',
  'auth/dpop-nonce',
  'auth/wif-jwt-bearer',
];
/** The older revisions have no list of their own; these are all scenarios that the suite has for clients of theirs. */
const OLDER = {
  '2025-06-18': [
    'initialize',
    'tools_call',
    'auth/token-endpoint-auth-basic',
    'auth/token-endpoint-auth-post',
    'auth/token-endpoint-auth-none',
  ],
  '2025-03-26': ['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback'],
};
/** How many clients run at once. The suite would start all of them, and a busy machine would let some run out of time. */
const AT_ONCE = 2;

const problems: string[] = [];
const rows: Row[] = [];

async function everything(url: string, revision: Revision, cwd: string): Promise<void> {
  const { output } = await suite(['server', '--url', url, '--requirements', revision], cwd);
  const judged = await judge('everything', 'server', revision, readOutcomes(output));
  rows.push(judged.row);
  problems.push(...judged.problems);
}

async function client(revision: Revision, cwd: string): Promise<void> {
  const scenarios = [...(await requiredBy(revision, 'client')), ...(await unscoredBy(revision))];
  const outcomes = await clientScenarios(scenarios, revision, cwd);
  const judged = await judge('client', 'client', revision, outcomes, LACKING);
  rows.push(judged.row);
  problems.push(...judged.problems);
}

async function olderClient(revision: keyof typeof OLDER, cwd: string): Promise<void> {
  const outcomes = await clientScenarios(OLDER[revision], revision, cwd);
  const good = outcomes.filter(({ isGood, passed }) => isGood && passed > 0);
  const bad = outcomes.filter((outcome) => !good.includes(outcome));
  problems.push(...bad.map(({ scenario, failed }) => `client ${revision} ${scenario}: ${failed} failed`));
  rows.push({
    subject: 'client',
    revision,
    required: `${good.length} of ${outcomes.length}`,
    unscored: '',
    checks: outcomes.reduce((sum, { passed }) => sum + passed, 0),
  });
}

async function clientScenarios(
  scenarios: readonly string[],
  revision: string,
  cwd: string,
): Promise<Outcome[]> {
  const waiting = [...scenarios];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift())
      outcomes.push(await clientScenario(scenario, revision, cwd));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

async function clientScenario(scenario: string, revision: string, cwd: string): Promise<Outcome> {
  const program = compiledPath(fileURLToPath(new URL('client.ts', import.meta.url)));
  // A shell runs it.
  const command = [process.execPath, program].map((word) => `"${word}"`).join(' ');
  // Extensions belong to no revision, so the suite has to be forced.
  const args = ['--command', command, '--scenario', scenario, '--spec-version', revision, '--force'];
  const { isGood, output } = await suite(['client', ...args], cwd);
  const [, passed, failed] = /Passed: (\d+)\/\d+, (\d+) failed/.exec(output) ?? [];
  if (!isGood && !LACKING.includes(scenario)) console.error(output);
  return { scenario, isGood, passed: Number(passed ?? 0), failed: Number(failed ?? 0) };
}

async function governed(server: string, url: string, revision: Revision, cwd: string): Promise<void> {
  let checks = 0;
  let good = 0;
  const scenarios = GOVERNED[server]?.[revision] ?? [];
  for (const scenario of scenarios) {
    const { output } = await suite(
      ['server', '--url', url, '--scenario', scenario, '--spec-version', revision],
      cwd,
    );
    const [, passed, total, failed] = /Passed: (\d+)\/(\d+), (\d+) failed/.exec(output) ?? [];
    if (failed === '0' && passed === total) good += 1;
    else problems.push(`${server} ${revision} ${scenario}: ${output.slice(-2000)}`);
    checks += Number(passed ?? 0);
  }
  rows.push({ subject: server, revision, required: `${good} of ${scenarios.length}`, unscored: '', checks });
}

async function authorizationServer(): Promise<void> {
  const outcomes = await authorization();
  for (const { scenario, failed } of outcomes)
    if (failed > 0) problems.push(`authorization ${scenario}: ${failed} failed`);
  rows.push({
    subject: 'authserver',
    revision: 'all',
    required: `${outcomes.filter(({ failed }) => failed === 0).length} of ${outcomes.length}`,
    unscored: '',
    checks: outcomes.reduce((sum, { passed }) => sum + passed, 0),
  });
}

await compile();
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
  for (const revision of REVISIONS) await client(revision, cwd);
  for (const revision of ['2025-06-18', '2025-03-26'] as const) await olderClient(revision, cwd);
} finally {
  await Promise.all([fixture.close(), running.close(), rm(cwd, { recursive: true, force: true })]);
}

const { version } = JSON.parse(await readFile(join(SUITE, 'package.json'), 'utf8')) as { version: string };
console.log(
  `conformance suite ${version}, ${new Date().toISOString().slice(0, 10)}, Node ${process.version}\n`,
);
console.log('| subject | revision | required | unscored | checks |');
console.log('|---|---|---|---|---|');
for (const { subject, revision, required, unscored, checks } of rows) {
  console.log(`| ${subject} | ${revision} | ${required} | ${unscored} | ${checks} |`);
}
for (const problem of problems) console.log(`\nFAILED ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
