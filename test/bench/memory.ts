/** Resident memory of the governed server, whose tools touch no database here: after load, and after a million calls more. */
import { setTimeout as pause } from 'node:timers/promises';
import { GOALS } from './goals.js';
import { load } from './load.js';
import { amount } from './report.js';
import { add, ask, sendCall } from './requests.js';
import type { Measure } from './results.js';
import type { Scene } from './scene.js';
import { governed } from './servers.js';

const MIB = 1024 * 1024;
const CALLS = 1_000_000;
const CONNECTIONS = 100;

export async function benchMemory(scene: Scene): Promise<Measure[]> {
  const server = await scene.start(governed(scene));
  const call = add('modern');
  const wrong: string[] = [];
  const request = sendCall(call, scene.token(server.resource));
  const run = async (seconds: number): Promise<number> => {
    const { requests, errors } = await load(server.url, request, { connections: CONNECTIONS, seconds });
    if (errors > 0) wrong.push(`${errors} answers under load were no answers`);
    return requests;
  };
  const settled = async (): Promise<number> => {
    await pause(scene.quick ? 200 : 1_000);
    const problem = await ask(server.url, call, request);
    if (problem !== undefined) wrong.push(problem);
    return server.rss() / MIB;
  };
  const idle = await settled();
  // The heap has found its size after as many calls as it takes to fill it many times.
  const calls = await run(scene.quick ? 1 : 15);
  const loaded = await settled();
  const what = 'governed: memory after load, no database';
  const measured = `${loaded.toFixed(0)} MiB after ${amount(calls)} calls (${idle.toFixed(0)} at rest)`;
  const first: Measure = {
    ...{ group: 'memory', what, measured, wrong },
    values: { restMiB: idle, loadedMiB: loaded },
    verdicts: [{ what, goal: `≤ ${GOALS.memoryMiB} MiB`, measured, met: loaded <= GOALS.memoryMiB }],
  };
  const later = `governed: memory ${amount(CALLS)} calls later`;
  const goal = `≤ ${GOALS.moreMiB} MiB above`;
  if (scene.quick) {
    await server.stop();
    const verdict = { what: later, goal, measured: 'left out by --quick' };
    return [first, { ...first, what: later, measured: verdict.measured, values: {}, verdicts: [verdict] }];
  }
  let more = 0;
  while (more < CALLS) {
    more += await run(10);
    scene.say(`memory   ${amount(more)} calls, ${(server.rss() / MIB).toFixed(0)} MiB`);
  }
  const end = await settled();
  await server.stop();
  const above = end - loaded;
  const said = `${above.toFixed(1)} MiB above after ${amount(more)} calls more`;
  return [
    first,
    {
      ...{ group: 'memory', what: later, measured: said, wrong },
      values: { laterMiB: end, aboveMiB: above },
      verdicts: [{ what: later, goal, measured: said, met: above <= GOALS.moreMiB }],
    },
  ];
}
