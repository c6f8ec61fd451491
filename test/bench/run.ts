/**
 * `npm run bench`: what a call costs, beside a bare node:http server and beside other servers of MCP. Ends with 1 when anything
 * was answered wrongly, and with 2 when it cannot run; a goal that is not met is said, and is no error.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/process.js';
import { aboutRun } from './about.js';
import { againstRows, againstStart, buildOther, findCommit, OTHER } from './against.js';
import { NAMES, type Name, type Options, readArguments, USAGE } from './arguments.js';
import { benchDatabase } from './database.js';
import { benchGrowth } from './growth.js';
import { newestOf, readRuns, runsMarkdown, runsText, verdictsIn, withRun } from './history.js';
import { hasWrk } from './load.js';
import { benchMemory } from './memory.js';
import { findPeers, type Language, type Peers } from './peers.js';
import { plot } from './plot.js';
import { profileCalls } from './profile.js';
import { profileMarkdown, profilePlot, profileText } from './profile-report.js';
import { intoReadme } from './readme.js';
import { benchRegistry } from './registry.js';
import { markdown, text } from './report.js';
import { disturbance, linesOf, type Measure, type Results, type Series, wrongs } from './results.js';
import { loadRows } from './rounds.js';
import { rowsOf, serverOf } from './rows.js';
import { CACHE, openScene, type Scene } from './scene.js';
import { governed } from './servers.js';
import { benchStart } from './start.js';
import { benchStdio } from './stdio.js';
import { benchStreams } from './streams.js';

const FOLDER = join(ROOT, 'test', 'bench');
const MAJOR = process.versions.node.split('.')[0] ?? '';
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
  const scene = await openScene(options, say);
  // Neither servers nor their logs outlive a run that is stopped.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => void scene.close().finally(() => process.exit(code)));
  try {
    if (options.profile) await profile(scene, options);
    else if (options.against !== undefined) await compare(scene, options, options.against);
    else {
      const results = await measure(scene, options, await peersFor(options));
      if (options.readme) await intoPage(results, options);
      await write(results, options);
    }
  } finally {
    await scene.close();
  }
}

/** A machine that lacks them measures the rest. */
async function peersFor({ names, quick }: Options): Promise<Peers | undefined> {
  if (!names.some((name) => ['peers', 'sse', 'start'].includes(name))) return undefined;
  const needed: readonly Language[] = names.includes('peers')
    ? ['TypeScript', 'Python', 'Go']
    : ['TypeScript'];
  return findPeers(needed, !quick, say);
}

async function measure(scene: Scene, options: Options, peers: Peers | undefined): Promise<Results> {
  const { names, quick } = options;
  const languages = Object.keys(peers?.folders ?? {}) as Language[];
  const rows = rowsOf(names, { languages, quick });
  const loaded = rows.length === 0 ? [] : await loadRows(rows, scene, (name) => serverOf(name, scene, peers));
  const lines = linesOf(loaded);
  const measures: Measure[] = [];
  const series: Series[] = [];
  const others: { [Key in Name]?: () => Promise<unknown> } = {
    start: async () => measures.push(...(await benchStart(scene, peers))),
    memory: async () => measures.push(...(await benchMemory(scene))),
    database: async () => measures.push(...(quick ? [] : await benchDatabase(scene))),
    streams: async () => measures.push(...(await benchStreams(scene))),
    stdio: async () => measures.push(...(await benchStdio(scene))),
    growth: async () => series.push(...(await benchGrowth(scene))),
  };
  for (const name of names) {
    if (others[name] === undefined) continue;
    say(`${name}: ${NAMES[name]}`);
    await others[name]();
  }
  const about = { ...aboutRun(scene, peers?.about, options.command), ...disturbance(lines) };
  return { about, lines, measures, series, verdicts: verdictsIn(names, lines, measures) };
}

/** Judges nothing: what another commit did better is for the reader to say. */
async function compare(scene: Scene, options: Options, commit: string): Promise<void> {
  const found = await findCommit(commit);
  if (found === undefined) return console.log('there is no release tag here to compare with');
  const other = 'reason' in found ? found : await buildOther(found, scene);
  if ('reason' in other) return refuse(other.reason);
  const specs = { governed: () => governed(scene), [OTHER]: () => governed(scene, { root: other.folder }) };
  const rows = againstRows(options.names, options.quick, other);
  const lines = linesOf(
    await loadRows(rows, scene, async (name) => specs[name === OTHER ? OTHER : 'governed']()),
  );
  const measures = options.names.includes('start') && !options.quick ? await againstStart(scene, other) : [];
  const about = {
    ...aboutRun(scene, undefined, options.command),
    against: other.name,
    ...disturbance(lines),
  };
  await write({ about, lines, measures, series: [], verdicts: [] }, options);
}

async function profile(scene: Scene, options: Options): Promise<void> {
  const found = await profileCalls(scene);
  const { peers: _, ...about } = aboutRun({ ...scene, rounds: 1 }, undefined, options.command);
  const folder = await outFolder(options);
  await writeFile(join(folder, 'profile.svg'), profilePlot(found, about));
  if (options.readme) {
    const image = `profile-${MAJOR}.svg`;
    await writeFile(join(FOLDER, image), profilePlot(found, about));
    await replaceInPage(`profile: Node ${MAJOR}`, profileMarkdown(found, about, image));
  }
  console.log(`${profileText(found)}\n\nprofile.svg is in ${folder}`);
  end(found.wrong);
}

async function write(results: Results, options: Options): Promise<void> {
  const folder = await outFolder(options);
  await writeFile(join(folder, 'bench.txt'), `${text(results)}\n`);
  await writeFile(join(folder, 'bench.md'), `${markdown(results)}\n`);
  await writeFile(join(folder, 'bench.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(folder, 'bench.svg'), plot(results));
  console.log(`${text(results)}\n\nbench.txt, bench.md, bench.json and bench.svg are in ${folder}`);
  end(wrongs(results));
}

/** Tables and plot of this Node, with the parts of earlier runs that this one did not measure. */
async function intoPage(results: Results, { names }: Options): Promise<void> {
  const kept = join(FOLDER, `runs-node-${MAJOR}.jsonl`);
  const earlier = existsSync(kept) ? readRuns(await readFile(kept, 'utf8')) : [];
  const runs = withRun(earlier, { names, results });
  const image = `speed-${MAJOR}.svg`;
  await replaceInPage(
    `speed: Node ${MAJOR}`,
    `![Calls a second on Node ${MAJOR}](${image})\n\n${runsMarkdown(runs)}`,
  );
  await writeFile(kept, runsText(runs));
  await writeFile(join(FOLDER, image), plot(newestOf(runs) ?? results));
}

async function replaceInPage(place: string, found: string): Promise<void> {
  const file = join(FOLDER, 'README.md');
  await writeFile(file, intoReadme(await readFile(file, 'utf8'), place, found));
}

async function outFolder({ out }: Options): Promise<string> {
  const folder = out ?? join(CACHE, 'bench', new Date().toISOString().replace(/[:.]/g, '-'));
  await mkdir(folder, { recursive: true });
  return folder;
}

function end(wrong: readonly string[]): void {
  for (const one of wrong) say(`wrong: ${one}`);
  if (wrong.length > 0) process.exitCode = 1;
}

function refuse(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
