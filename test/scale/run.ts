/** `npm run scale`: replicas over one PostgreSQL behind nginx, under load while they come and go. What it shows is in the README. */
import { type Check, checkSessions, checkShared, holds } from './checks.js';
import { HELP, type Options, readOptions } from './options.js';
import { playPhases } from './phases.js';
import { hasNginx } from './proxy.js';
import { openStage, type Stage, stopGracefully } from './stage.js';
import { tableOf } from './tally.js';

const failed: Check[] = [];
function show(checks: readonly Check[]): void {
  for (const check of checks) {
    if (!holds(check)) failed.push(check);
    console.log(holds(check) ? `ok      ${check.what}` : `failed  ${check.what}\n        ${check.wrong}`);
  }
}

async function play(stage: Stage, options: Options): Promise<void> {
  const story = await playPhases(stage, options, []);
  console.log(`\n${tableOf(story.rows)}\n`);
  for (const { atMs, what } of story.events)
    console.log(`${(atMs / 1_000).toFixed(1).padStart(6)} s  ${what}`);
  console.log();
  show(story.checks);
  const pair = await Promise.all(['s1', 's2'].map((name) => stage.start(name)));
  await stage.proxy.lead(pair.map(({ port }) => port));
  show(await checkShared(stage, pair));
  await Promise.all(pair.map(stopGracefully));
  const remembering = await Promise.all(
    ['s1', 's2'].map((name) => stage.start(name, ['--sessions', '1000'])),
  );
  await stage.proxy.lead(remembering.map(({ port }) => port));
  show([await checkSessions(stage)]);
}

try {
  if (process.argv.includes('--help')) console.log(HELP);
  else {
    const options = readOptions(process.argv.slice(2));
    const stage = hasNginx() ? await openStage() : undefined;
    if (stage === undefined) console.log('scale: skipped, for nginx or PostgreSQL is not installed here');
    else await play(stage, options).finally(() => stage.stop());
  }
} catch (error) {
  console.error(error);
  failed.push({ what: 'the run', wrong: String(error) });
}
process.exitCode = failed.length > 0 ? 1 : 0;
