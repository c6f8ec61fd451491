/**
 * `--profile`: where the processor time of a governed call goes. The server runs under `--cpu-prof` with a hundred connections, and
 * only the time under load counts, after a load that warms it up. Profiling costs time itself, so the same server without it says
 * what a call costs, and the profile how that is divided.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/process.js';
import { load } from './load.js';
import { add, ask, sendCall } from './requests.js';
import type { Scene } from './scene.js';
import { governed } from './servers.js';
import { type CpuProfile, type Spent, spentIn, waiting } from './stages.js';

const CONNECTIONS = 100;
const WARM_S = 2;
const INTERVAL_MICROS = 500;

export type Profile = {
  /** Of all functions, most first; the whole is the time of the samples. */
  spent: readonly Spent[];
  /** Processor time a call, without the profiler. */
  cpuMicros: number;
  perSecond: { plain: number; profiled: number };
  wrong: readonly string[];
};
type Run = { perSecond: number; cpuMicrosPerCall: number; window: [number, number]; cpuMicros: number };

/** Not bundled, so that each file of the source is one file of the profile. */
const FILES = join(ROOT, 'node_modules/.cache/barewire/files');

export async function profileCalls(scene: Scene): Promise<Profile> {
  execFileSync('npm', ['run', '--silent', 'build:files'], { cwd: ROOT });
  const wrong: string[] = [];
  const folder = await mkdtemp(join(scene.dir, 'profile-'));
  const plain = await run(scene, [], wrong);
  const flags = ['--cpu-prof', `--cpu-prof-interval=${INTERVAL_MICROS}`, `--cpu-prof-dir=${folder}`];
  const profiled = await run(scene, flags, wrong);
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  const spent = spentIn(profile, profiled.window);
  return {
    spent: [...spent, ...waiting(spent, profiled.cpuMicros)],
    cpuMicros: plain.cpuMicrosPerCall,
    perSecond: { plain: plain.perSecond, profiled: profiled.perSecond },
    wrong,
  };
}

async function run(scene: Scene, node: readonly string[], wrong: string[]): Promise<Run> {
  const server = await scene.start({ ...governed(scene, { node }), cwd: FILES });
  const call = add('modern');
  const request = sendCall(call, scene.token(server.resource));
  await load(server.url, request, { connections: CONNECTIONS, seconds: scene.quick ? 1 : WARM_S });
  const [cpu, from] = [server.cpuMicros(), monotonicMicros()];
  const loaded = await load(server.url, request, { connections: CONNECTIONS, seconds: scene.seconds });
  const [cpuMicros, to] = [server.cpuMicros() - cpu, monotonicMicros()];
  const problem = await ask(server.url, call, request);
  if (problem !== undefined) wrong.push(problem);
  if (loaded.errors > 0) wrong.push(`${loaded.errors} answers under load were no answers`);
  // It writes its profile when it ends by itself.
  await server.stop();
  scene.say(
    `profile  ${node.length === 0 ? 'without' : 'with'} --cpu-prof: ${Math.round(loaded.perSecond)} a second`,
  );
  const cpuMicrosPerCall = cpuMicros / Math.max(1, loaded.requests);
  return { perSecond: loaded.perSecond, cpuMicrosPerCall, window: [from, to], cpuMicros };
}

const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1000n);
