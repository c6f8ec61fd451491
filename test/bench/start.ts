/** Cold start: from the spawn of the process to its first right answer, to a token that was made before. */
import { freePort } from '../support/free-port.js';
import type { ChildSpec } from './child.js';
import { GOALS } from './goals.js';
import type { Peers } from './peers.js';
import { add, ask, sendCall } from './requests.js';
import { type Measure, spread } from './results.js';
import type { Scene } from './scene.js';
import { bare, governed, library, peer } from './servers.js';

/** The first one of this version on a machine finds no compiled code of the one before. */
const STARTS = 7;
const SDK = 'SDK 2';

export type Subject = {
  what: string;
  /** A token is sent. */
  guarded: boolean;
  spec: (port: number) => ChildSpec | Promise<ChildSpec>;
};
type Started = { what: string; times: number[]; wrong: string[] };

export async function benchStart(scene: Scene, peers: Peers | undefined): Promise<Measure[]> {
  const subjects: Subject[] = [
    { what: 'bare node:http', guarded: false, spec: bare },
    { what: 'governed', guarded: true, spec: (port) => governed(scene, { port }) },
    { what: 'library', guarded: false, spec: () => library(scene) },
  ];
  const folder = peers?.folders.TypeScript;
  if (folder !== undefined)
    subjects.push({ what: SDK, guarded: false, spec: () => peer(folder, 'TypeScript', 'sdk2') });
  return startMeasures(await startInTurn(scene, subjects));
}

/** Each is started once a round, so that what disturbs the machine meanwhile disturbs all alike. */
export async function startInTurn(scene: Scene, subjects: readonly Subject[]): Promise<Started[]> {
  const found = subjects.map((subject) => ({ ...subject, times: [] as number[], wrong: [] as string[] }));
  for (let turn = 0; turn < (scene.quick ? 1 : STARTS); turn += 1) {
    for (const { guarded, spec, times, wrong } of found) {
      const port = await freePort();
      const token = guarded ? scene.token(`http://localhost:${port}/mcp`) : undefined;
      const started = await once(scene, await spec(port), token);
      times.push(started.ms);
      if (started.wrong !== undefined) wrong.push(started.wrong);
    }
  }
  return found;
}

/** The governed server has two goals: a time, and to be faster than the SDK. */
export function startMeasures(started: readonly Started[]): Measure[] {
  const sdk = started.find(({ what }) => what === SDK);
  return started.map(({ what, times, wrong }) => {
    const { median, min, max } = spread(times);
    const named = `cold start to the first answer, ${what}`;
    const measured = `${median.toFixed(0)} ms (${min.toFixed(0)}..${max.toFixed(0)})`;
    const inTime = { goal: `≤ ${GOALS.startMs} ms`, measured, met: median <= GOALS.startMs };
    const other = sdk === undefined ? undefined : spread(sdk.times).median;
    const faster = {
      goal: `faster than ${SDK}`,
      ...(other === undefined
        ? { measured: `${SDK} was not run` }
        : { measured: `${median.toFixed(0)} and ${other.toFixed(0)} ms`, met: median < other }),
    };
    return {
      ...{ group: 'start', what: named, measured, wrong },
      values: { medianMs: median, minMs: min, maxMs: max },
      ...(what === 'governed'
        ? { verdicts: [inTime, faster].map((verdict) => ({ what: named, ...verdict })) }
        : {}),
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
