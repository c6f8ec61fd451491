/**
 * `npm run bench`: what a call costs, beside a bare node:http server and beside other servers of MCP. Ends with 1 when anything
 * was answered wrongly, and with 2 when it cannot run; a goal that is not met is said, and is no error.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../support/process.js';
import { aboutRun } from './about.js';
import { benchGrowth } from './growth.js';
import { hasWrk } from './load.js';
import { benchMemory } from './memory.js';
import { findPeers, type Peers } from './peers.js';
import { plot } from './plot.js';
import { intoReadme } from './readme.js';
import { benchRegistry } from './registry.js';
import { markdown, text } from './report.js';
import {
  disturbance,
  linesOf,
  type Measure,
  type Results,
  type Series,
  verdictsOf,
  wrongs,
} from './results.js';
import { loadRows } from './rounds.js';
import { ROWS, type Row } from './rows.js';
import { CACHE, openScene, type Scene } from './scene.js';
import { benchStart } from './start.js';
import { benchStdio } from './stdio.js';
import { benchStreams } from './streams.js';

const NAMES: { [name: string]: string } = {
  calls: 'calls a second: governed and library, both wires, 10 and 100 connections',
  peers: 'the same tool on other servers, 100 connections',
  sse: 'calls with five progress notifications',
  large: '100 KB of arguments, 1 MB of result',
  fsync: 'destructive calls, whose audit records wait for the disk',
  start: 'from the spawn of a process to its first answer',
  memory: 'memory after load, and a million calls later',
  streams: '10,000 clients that listen',
  stdio: 'one call after the other, on stdio and over HTTP',
  growth: 'processor time per call, over the number of tools and of tenants',
  registry: 'the registry over 10,000 servers (only when it is named; `registry N` for N servers)',
};
const USAGE = `usage: npm run bench -- [--only NAME,...] [--quick] [--rounds N] [--seconds S] [--out FOLDER] [--readme] [--list]

  --only NAME,...  some of the benchmarks; --list names them
  --quick          most rows in less than a minute, too short to compare; peers only where they are installed
  --rounds N       how often each row is loaded (default 3); the median counts
  --seconds S      how long each time (default 5)
  --out FOLDER     where table, plot and JSON are written
  --readme         writes the tables into the README as well, and the plot of a whole run to docs/speed.svg
  registry [N]     the same as --only registry, over N servers`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    out: { type: 'string' },
    readme: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const named = positionals[0] ?? values.only;
const names =
  named === undefined ? Object.keys(NAMES).filter((name) => name !== 'registry') : named.split(',');
const unknown = names.find((name) => !(name in NAMES));

if (values.help) console.log(USAGE);
else if (values.list)
  for (const [name, what] of Object.entries(NAMES)) console.log(`${name.padEnd(10)} ${what}`);
else if (unknown !== undefined) refuse(`there is no benchmark ${unknown}\n${USAGE}`);
else if (names.includes('registry')) {
  const servers = positionals[1];
  await benchRegistry(servers === undefined ? undefined : Number(servers));
} else if (!hasWrk()) refuse('wrk is missing, which makes the load: apt-get install wrk');
else await bench();

async function bench(): Promise<void> {
  const { quick } = values;
  const say = (line: string): void => console.error(line);
  const peers = names.some((name) => ['peers', 'sse', 'start'].includes(name))
    ? await findPeers(!quick, say).catch((error: Error) =>
        say(`the peers cannot be installed: ${error.message}`),
      )
    : undefined;
  const rounds = Number(values.rounds ?? (quick ? 1 : 3));
  const seconds = Number(values.seconds ?? (quick ? 1 : 5));
  const scene = await openScene({ quick, seconds, rounds }, say);
  // Neither servers nor their logs outlive a run that is stopped.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => void scene.close().finally(() => process.exit(code)));
  try {
    const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`;
    const results = await measure(scene, peers || undefined, command);
    await write(results);
    for (const wrong of wrongs(results)) say(`wrong: ${wrong}`);
    if (wrongs(results).length > 0) process.exitCode = 1;
  } finally {
    await scene.close();
  }
}

async function measure(scene: Scene, peers: Peers | undefined, command: string): Promise<Results> {
  // Rows that others are compared with are run with them, whichever group they are in.
  const wanted = ROWS.filter(({ group }) => names.includes(group));
  const compared = new Set(
    wanted.flatMap(({ goals = [], against }) => [against, ...goals.map((goal) => goal.against)]),
  );
  const ofPeers = (server: string): boolean => /^(sdk|fastmcp)/.test(server);
  const rows = ROWS.filter(
    (row) =>
      (wanted.includes(row) || compared.has(row.id)) &&
      (peers !== undefined || !ofPeers(row.server)) &&
      (!scene.quick || inQuick(row)),
  );
  const loaded = rows.length === 0 ? [] : await loadRows(rows, scene, peers?.folder);
  const lines = linesOf(loaded);
  const measures: Measure[] = [];
  const series: Series[] = [];
  const others: { [name: string]: () => Promise<unknown> } = {
    start: async () => measures.push(...(await benchStart(scene, peers?.folder))),
    memory: async () => measures.push(...(await benchMemory(scene))),
    streams: async () => measures.push(...(await benchStreams(scene))),
    stdio: async () => measures.push(...(await benchStdio(scene))),
    growth: async () => series.push(...(await benchGrowth(scene))),
  };
  for (const [name, run] of Object.entries(others)) {
    if (!names.includes(name)) continue;
    scene.say(`${name}: ${NAMES[name]}`);
    await run();
  }
  const verdicts = [
    ...verdictsOf(rows, lines),
    ...measures.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict])),
  ];
  const about = { ...aboutRun(scene, peers, command), ...disturbance(lines) };
  return { about, lines, measures, series, verdicts };
}

/** Of ten and a hundred connections the hundred, and of the peers one. */
function inQuick({ group, connections, server }: Row): boolean {
  if (group === 'calls') return connections === 100;
  return group !== 'peers' || server === 'sdk2';
}

async function write(results: Results): Promise<void> {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const folder = values.out ?? join(CACHE, 'bench', stamp);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'bench.txt'), `${text(results)}\n`);
  await writeFile(join(folder, 'bench.md'), `${markdown(results)}\n`);
  await writeFile(join(folder, 'bench.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(folder, 'bench.svg'), plot(results));
  if (values.readme) {
    const readme = join(ROOT, 'README.md');
    const before = await readFile(readme, 'utf8');
    await writeFile(readme, intoReadme(before, markdown(results), process.versions.node.split('.')[0] ?? ''));
    if (named === undefined) {
      await mkdir(join(ROOT, 'docs'), { recursive: true });
      await writeFile(join(ROOT, 'docs', 'speed.svg'), plot(results));
    }
  }
  console.log(`${text(results)}\n\nbench.txt, bench.md, bench.json and bench.svg are in ${folder}`);
}

function refuse(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
