/** `npm run scale`: replicas over one PostgreSQL behind nginx, under load while they come and go. What it shows is in src/cluster/README.md. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerName } from '../../src/app/settings/setting.js';
import { type Check, checkApproval, checkShared, holds } from './checks.js';
import { type Cores, coresTold, measureCores } from './cores.js';
import { HELP, type Options, readOptions } from './options.js';
import { playPhases, type Story } from './phases.js';
import { plotOf } from './plot.js';
import { hasNginx } from './proxy.js';
import { checkSessions } from './session.js';
import { openStage, type Replica, type Stage, stopGracefully } from './stage.js';
import { secondsOf, tableOf } from './tally.js';
import { buildRevision, playUpgrade } from './upgrade.js';

/** Of each measurement of throughput per core. */
const ROUNDS = 3;
const failed: Check[] = [];
function show(checks: readonly Check[]): void {
  for (const check of checks) {
    if (!holds(check)) failed.push(check);
    console.log(holds(check) ? `ok      ${check.what}` : `failed  ${check.what}\n        ${check.wrong}`);
  }
}

async function play(stage: Stage, options: Options): Promise<void> {
  if (options.from !== undefined) {
    const previous = buildRevision(options.from);
    return show(
      await playUpgrade(stage, options, previous).finally(() => rmSync(previous, { recursive: true })),
    );
  }
  const story = await playPhases(stage, options);
  console.log(`\n${tableOf(story.rows)}\n`);
  for (const { atMs, what } of story.events)
    console.log(`${(atMs / 1_000).toFixed(1).padStart(6)} s  ${what}`);
  console.log();
  show(story.checks);
  await inPair(stage, 'readonly', [], (pair) => checkShared(stage, pair));
  await inPair(stage, 'destructive', [], async (pair) => [await checkApproval(stage, pair)]);
  await inPair(stage, 'readonly', ['--sessions', '1000', '--sessions-per-principal', '1000'], async () => [
    await checkSessions(stage),
  ]);
  const cores = options.quick ? [] : await measureCores(stage, options.clients, options.seconds, ROUNDS);
  if (cores.length > 0) console.log(`\n${coresTold(cores)}`);
  if (options.out !== undefined) keep(options.out, story, cores, options);
}

function keep(folder: string, story: Story, cores: readonly Cores[], options: Options): void {
  mkdirSync(folder, { recursive: true });
  const { rows, phases, events, replicas, load, checks } = story;
  const seconds = secondsOf(load.attempts, phases.at(-1)?.toMs ?? 0);
  const title = `${options.clients} clients of both eras, ${options.replicas} replicas and one more behind nginx`;
  const between = phases.filter(({ name }) => name !== 'all');
  writeFileSync(join(folder, 'scale.svg'), plotOf({ title, seconds, phases: between, events, replicas }));
  const kept = { options, rows, events, seconds, checks, cores };
  writeFileSync(join(folder, 'scale.json'), `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`\n${join(folder, 'scale.svg')} and scale.json are written`);
}

/** Two replicas that run for these checks only. */
async function inPair(
  stage: Stage,
  server: ServerName,
  flags: readonly string[],
  check: (pair: readonly Replica[]) => Promise<Check[]>,
): Promise<void> {
  const pair = await Promise.all(['s1', 's2'].map((name) => stage.start(name, flags, server)));
  await stage.doors[server].front.lead(pair.map(({ port }) => port));
  show(await check(pair));
  await Promise.all(pair.map(stopGracefully));
}

try {
  if (process.argv.includes('--help')) console.log(HELP);
  else {
    const options = readOptions(process.argv.slice(2));
    const stage = hasNginx() ? await openStage(options.valkey) : undefined;
    if (stage === undefined) {
      const needs = options.valkey ? 'nginx, PostgreSQL, or Valkey or Redis' : 'nginx or PostgreSQL';
      console.log(`scale: skipped, because ${needs} is not installed here`);
    } else await play(stage, options).finally(() => stage.stop());
  }
} catch (error) {
  console.error(error);
  failed.push({ what: 'the run', wrong: String(error) });
}
process.exitCode = failed.length > 0 ? 1 : 0;
