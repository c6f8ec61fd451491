/**
 * `npm run bench`: what a call costs, beside a bare node:http server and beside other servers of MCP. Ends with 1 when anything
 * was answered wrongly, and with 2 when it cannot run; a goal that is not met is said, and is no error.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/process.js';
import { aboutRun } from './about.js';
import { NAMES, type Name, type Options, readArguments, USAGE } from './arguments.js';
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
import { rowsOf } from './rows.js';
import { CACHE, openScene, type Scene } from './scene.js';
import { benchStart } from './start.js';
import { benchStdio } from './stdio.js';
import { benchStreams } from './streams.js';

const say = (line: string): void => console.error(line);

const read = readArguments(process.argv.slice(2));
if (read.kind === 'help') console.log(USAGE);
else if (read.kind === 'list') {
  const rows = Object.entries(NAMES).map(([name, what]) => `${name.padEnd(10)} ${what}`);
  console.log(rows.join('\n'));
} else if (read.kind === 'wrong') refuse(`${read.message}\n${USAGE}`);
else if (read.options.names.includes('registry')) await benchRegistry(read.options.servers);
else if (!hasWrk()) refuse('wrk is missing, which makes the load: apt-get install wrk');
else await bench(read.options);

async function bench(options: Options): Promise<void> {
  const peers = await peersFor(options);
  const scene = await openScene(options, say);
  // Neither servers nor their logs outlive a run that is stopped.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => void scene.close().finally(() => process.exit(code)));
  try {
    const results = await measure(scene, options, peers);
    await write(results, options);
    for (const wrong of wrongs(results)) say(`wrong: ${wrong}`);
    if (wrongs(results).length > 0) process.exitCode = 1;
  } finally {
    await scene.close();
  }
}

/** A machine without a network measures the rest. */
async function peersFor({ names, quick }: Options): Promise<Peers | undefined> {
  if (!names.some((name) => ['peers', 'sse', 'start'].includes(name))) return undefined;
  try {
    return await findPeers(!quick, say);
  } catch (error) {
    say(`the peers cannot be installed: ${(error as Error).message}`);
    return undefined;
  }
}

async function measure(scene: Scene, options: Options, peers: Peers | undefined): Promise<Results> {
  const rows = rowsOf(options.names, { peers: peers !== undefined, quick: options.quick });
  const lines = linesOf(rows.length === 0 ? [] : await loadRows(rows, scene, peers?.folder));
  const measures: Measure[] = [];
  const series: Series[] = [];
  const others: { [Key in Name]?: () => Promise<unknown> } = {
    start: async () => measures.push(...(await benchStart(scene, peers?.folder))),
    memory: async () => measures.push(...(await benchMemory(scene))),
    streams: async () => measures.push(...(await benchStreams(scene))),
    stdio: async () => measures.push(...(await benchStdio(scene))),
    growth: async () => series.push(...(await benchGrowth(scene))),
  };
  for (const name of options.names) {
    if (others[name] === undefined) continue;
    say(`${name}: ${NAMES[name]}`);
    await others[name]();
  }
  const verdicts = [
    ...verdictsOf(rows, lines),
    ...measures.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict])),
  ];
  const about = { ...aboutRun(scene, peers, options.command), ...disturbance(lines) };
  return { about, lines, measures, series, verdicts };
}

async function write(results: Results, { out, readme, whole }: Options): Promise<void> {
  const folder = out ?? join(CACHE, 'bench', new Date().toISOString().replace(/[:.]/g, '-'));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'bench.txt'), `${text(results)}\n`);
  await writeFile(join(folder, 'bench.md'), `${markdown(results)}\n`);
  await writeFile(join(folder, 'bench.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(folder, 'bench.svg'), plot(results));
  if (readme) {
    const file = join(ROOT, 'test', 'bench', 'README.md');
    const major = process.versions.node.split('.')[0] ?? '';
    await writeFile(file, intoReadme(await readFile(file, 'utf8'), markdown(results), major));
  }
  if (readme && whole) {
    await writeFile(join(ROOT, 'test', 'bench', 'speed.svg'), plot(results));
  }
  console.log(`${text(results)}\n\nbench.txt, bench.md, bench.json and bench.svg are in ${folder}`);
}

function refuse(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
