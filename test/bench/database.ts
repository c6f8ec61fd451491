/** The embedded database of the demo: how long the first query on a machine takes, and the first one after a restart. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../src/wire/value.js';
import { GOALS } from './goals.js';
import { messagesOf, send } from './requests.js';
import { type Measure, spread } from './results.js';
import type { Scene } from './scene.js';
import { governed } from './servers.js';

const ROUNDS = 3;
const TOOL = 'incidents.list';

export async function benchDatabase(scene: Scene): Promise<Measure[]> {
  const wrong: string[] = [];
  const times = { first: [] as number[], restarted: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const cache = await mkdtemp(join(scene.dir, 'cache-'));
    const first = await firstQuery(scene, cache);
    const restarted = await firstQuery(scene, cache);
    if (first.answer === undefined || first.answer !== restarted.answer)
      wrong.push(`the first query and the one after a restart differ: ${first.answer?.slice(0, 200)}`);
    times.first.push(first.ms);
    times.restarted.push(restarted.ms);
    scene.say(`database round ${round + 1}: ${first.ms.toFixed(0)} ms, ${restarted.ms.toFixed(0)} ms`);
  }
  const measure = (what: string, values: readonly number[], most: number): Measure => {
    const { median, min, max } = spread(values);
    const measured = `${median.toFixed(0)} ms (${min.toFixed(0)}..${max.toFixed(0)})`;
    return {
      ...{ group: 'database', what, measured, wrong },
      values: { medianMs: median, minMs: min, maxMs: max },
      verdicts: [{ what, goal: `≤ ${most} ms`, measured, met: median <= most }],
    };
  };
  return [
    measure('embedded database: the first query ever', times.first, GOALS.firstQueryMs),
    measure('embedded database: the first query after a restart', times.restarted, GOALS.restartedQueryMs),
  ];
}

/** Of a server that has just started, with its data kept in this folder. The answer is undefined where it is a refusal. */
async function firstQuery(scene: Scene, cache: string): Promise<{ ms: number; answer: string | undefined }> {
  const spec = governed(scene);
  const server = await scene.start({ ...spec, env: { ...spec.env, XDG_CACHE_HOME: cache }, pin: false });
  const token = scene.token(server.resource, { scope: 'incidents:read' });
  const { headers, body } = send(
    'modern',
    'tools/call',
    { name: TOOL, arguments: {} },
    { token, name: TOOL },
  );
  const begun = performance.now();
  const response = await fetch(server.url, { method: 'POST', headers, body });
  const messages = messagesOf(response.headers.get('content-type'), await response.text());
  const ms = performance.now() - begun;
  await server.stop();
  const last = messages.at(-1);
  const result = isRecord(last) && isRecord(last.result) ? last.result : undefined;
  const right = result !== undefined && result.isError !== true;
  return { ms, answer: right ? JSON.stringify(result.structuredContent) : undefined };
}
