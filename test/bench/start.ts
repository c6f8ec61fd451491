/** Cold start: from the spawn of the process to its first right answer, to a token that was made before. */
import { freePort } from '../support/free-port.js';
import type { ChildSpec } from './child.js';
import { add, ask, sendCall } from './requests.js';
import { type Measure, spread } from './results.js';
import type { Scene } from './scene.js';
import { bare, governed, library, peer } from './servers.js';

const GOAL_MS = 300;
const STARTS = 5;

type Subject = { what: string; guarded: boolean; spec: (port: number) => ChildSpec | Promise<ChildSpec> };

export async function benchStart(scene: Scene, peers: string | undefined): Promise<Measure[]> {
  const subjects: Subject[] = [
    { what: 'bare node:http', guarded: false, spec: bare },
    { what: 'governed', guarded: true, spec: (port) => governed(scene, { port }) },
    { what: 'library', guarded: false, spec: () => library(scene) },
  ];
  if (peers !== undefined) subjects.push({ what: 'SDK 2', guarded: false, spec: () => peer(peers, 'sdk2') });
  const found = new Map(subjects.map(({ what }) => [what, { times: [] as number[], wrong: [] as string[] }]));
  for (let turn = 0; turn < (scene.quick ? 1 : STARTS); turn += 1) {
    for (const { what, guarded, spec } of subjects) {
      const port = await freePort();
      const token = guarded ? scene.token(`http://localhost:${port}/mcp`) : undefined;
      const { ms, wrong } = await once(scene, await spec(port), token);
      found.get(what)?.times.push(ms);
      if (wrong !== undefined) found.get(what)?.wrong.push(wrong);
    }
  }
  return [...found].map(([what, { times, wrong }]) => {
    const { median, min, max } = spread(times);
    const measured = `${median.toFixed(0)} ms (${min.toFixed(0)}..${max.toFixed(0)})`;
    const named = `cold start to the first answer, ${what}`;
    const goal = { what: named, goal: `≤ ${GOAL_MS} ms`, measured, met: median <= GOAL_MS };
    return {
      ...{ group: 'start', what: named, measured, wrong },
      values: { medianMs: median, minMs: min, maxMs: max },
      ...(what === 'governed' ? { verdict: goal } : {}),
    };
  });
}

async function once(scene: Scene, spec: ChildSpec, token?: string): Promise<{ ms: number; wrong?: string }> {
  const call = add('modern');
  const request = sendCall(call, token);
  const begun = performance.now();
  // A process that starts uses several threads; all cores are its own, as they are its user's.
  const child = await scene.start({ ...spec, pin: false });
  const wrong = await ask(child.url, call, request);
  const ms = performance.now() - begun;
  await child.stop();
  return wrong === undefined ? { ms } : { ms, wrong };
}
