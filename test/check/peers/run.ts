/** Installs the peers, starts each, checks it with `barewire check`, and says what was found. README.md beside this file explains. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Report } from '../../../src/cli/check/report.js';
import { CACHE, type Installed, installStack } from './install.js';
import { PAGE_FILE, pageOf } from './page.js';
import { PEERS, type Peer, pinnedVersion, type Stack } from './peers.js';
import {
  compareVerdicts,
  type PeerResult,
  RESULTS_FILE,
  readResults,
  readVerdicts,
  resultOf,
  type Transport,
} from './results.js';
import { startPeer } from './start.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAX_CHECK_MS = 300_000;
const MAX_REPORT_BYTES = 16_000_000;
/** Exit codes of `check` that come with a report: nothing violated, or something. */
const WITH_REPORT = [0, 1];
const USAGE = `usage: npx tsx test/check/peers/run.ts [--folder FOLDER] [--only NAME,...] [--start] [--write]

  --folder FOLDER  where the peers are installed (default: ${CACHE})
  --only NAME,...  some of them: ${PEERS.map(({ name }) => name).join(', ')}
  --start          start them and print their addresses until Ctrl-C, instead of checking them
  --write          write what was found into results.json here, and src/cli/check/RESULTS.md`;

const say = (line: string): void => console.error(line);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: CACHE },
      only: { type: 'string' },
      start: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const names = values.only?.split(',') ?? PEERS.map(({ name }) => name);
  const unknown = names.filter((name) => !PEERS.some((peer) => peer.name === name));
  if (unknown.length > 0) throw new Error(`--only: there is no peer ${unknown.join(', ')}`);
  const peers = PEERS.filter(({ name }) => names.includes(name));
  const stacks = new Map<Stack, Installed>();
  for (const stack of new Set(peers.map((peer) => peer.stack)))
    stacks.set(stack, await installStack(stack, values.folder, say));
  const ready = peers.flatMap((peer) => {
    const installed = stacks.get(peer.stack);
    if (installed !== undefined && 'folder' in installed) return [{ peer, cwd: installed.folder }];
    say(`${peer.name} could not be installed: ${installed?.reason}`);
    return [];
  });
  if (values.start) return startAll(ready);
  const results: PeerResult[] = [];
  for (const { peer, cwd } of ready) results.push(...(await checkPeer(peer, cwd)));
  const published = { date: new Date().toISOString().slice(0, 10), results: mergeResults(results) };
  const { open, stale } = compareVerdicts(published, readVerdicts());
  for (const one of open) say(`not yet judged: ${one}`);
  if (!values.write) return open.length > 0 ? 1 : 0;
  for (const one of stale) say(`judged, but not found: ${one}`);
  await writeFile(RESULTS_FILE, `${JSON.stringify(published, null, 2)}\n`);
  await writeFile(PAGE_FILE, pageOf(published, readVerdicts()));
  return open.length + stale.length > 0 ? 1 : 0;
}

/** What was found now, and what was found before on the peers that were not checked now; in the order of the peers. */
function mergeResults(results: readonly PeerResult[]): PeerResult[] {
  const before = existsSync(RESULTS_FILE) ? readResults().results : [];
  const isNew = (old: PeerResult): boolean => results.every(({ peer }) => peer !== old.peer);
  const all = [...results, ...before.filter(isNew)];
  return PEERS.flatMap(({ name }) => all.filter(({ peer }) => peer === name));
}

async function startAll(ready: readonly { peer: Peer; cwd: string }[]): Promise<number> {
  const running = await Promise.all(
    ready.map(async ({ peer, cwd }) => ({ peer, cwd, server: await startPeer(peer, cwd) })),
  );
  for (const { peer, cwd, server } of running) {
    console.log(`${peer.name} ${pinnedVersion(peer)}  ${server.url}`);
    if (peer.stdio !== undefined) console.log(`    stdio: cd ${cwd} && ${peer.stdio(cwd).argv.join(' ')}`);
  }
  await new Promise<void>((resolve) => process.once('SIGINT', resolve));
  await Promise.all(running.map(({ server }) => server.stop()));
  return 0;
}

async function checkPeer(peer: Peer, cwd: string): Promise<PeerResult[]> {
  const server = await startPeer(peer, cwd);
  const results: PeerResult[] = [];
  try {
    results.push(await check(peer, 'http', [server.url], cwd));
  } finally {
    await server.stop();
  }
  if (peer.stdio !== undefined)
    results.push(await check(peer, 'stdio', ['--', ...peer.stdio(cwd).argv], cwd));
  return results;
}

/** Runs the command itself, as a person would. */
async function check(
  peer: Peer,
  transport: Transport,
  target: readonly string[],
  cwd: string,
): Promise<PeerResult> {
  const { tool } = peer;
  const chosen = tool === undefined ? [] : ['--tool', tool.name, '--args', JSON.stringify(tool.args)];
  const args = [
    '--import',
    import.meta.resolve('tsx'),
    `${ROOT}src/server.ts`,
    'check',
    '--json',
    ...chosen,
    ...target,
  ];
  const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
    (resolve) =>
      execFile(
        process.execPath,
        args,
        { cwd, timeout: MAX_CHECK_MS, maxBuffer: MAX_REPORT_BYTES },
        (error, out, problems) =>
          resolve({ code: error === null ? 0 : error.code, stdout: out, stderr: problems }),
      ),
  );
  if (!WITH_REPORT.some((one) => one === code))
    throw new Error(`${peer.name} on ${transport}: ${stderr.trim()}`);
  const result = resultOf(peer, transport, JSON.parse(stdout) as Report);
  const { passed, errors, warnings, skipped } = result;
  console.log(
    `${peer.name} ${result.version} on ${transport}: ${passed} passed, ${errors} violated MUST, ${warnings} violated SHOULD, ${skipped} not applicable`,
  );
  return result;
}

try {
  process.exitCode = await main();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 2;
}
