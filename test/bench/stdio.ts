/** One client, one call after the other: how long a call takes on stdio and over HTTP, as the client sees it. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { spawnPinned } from './child.js';
import { add, type Sent, sendCall, wrongIn } from './requests.js';
import { type Measure, percentile } from './results.js';
import type { Scene } from './scene.js';
import { bare, governed } from './servers.js';

const CALLS = 5_000;

export async function benchStdio(scene: Scene): Promise<Measure[]> {
  const calls = scene.quick ? CALLS / 20 : CALLS;
  const found = [
    await overHttp(scene, calls, false),
    await overHttp(scene, calls, true),
    await onStdio(scene, calls),
  ];
  return found.map(({ what, times, wrong }) => {
    const [p50, p95] = [percentile(times, 0.5) * 1000, percentile(times, 0.95) * 1000];
    return {
      ...{ group: 'stdio', what: `one call after the other, ${what}`, wrong },
      measured: `p50 ${p50.toFixed(0)} µs, p95 ${p95.toFixed(0)} µs`,
      values: { p50Micros: p50, p95Micros: p95 },
    };
  });
}

type Found = { what: string; times: number[]; wrong: string[] };

/** The last half of the calls counts: by then everything is compiled, in this process too. */
async function timed(what: string, calls: number, one: () => Promise<string | undefined>): Promise<Found> {
  const found: Found = { what, times: [], wrong: [] };
  for (let turn = 0; turn < calls * 2; turn += 1) {
    const begun = performance.now();
    const wrong = await one();
    if (turn >= calls) found.times.push(performance.now() - begun);
    if (wrong !== undefined && found.wrong.length < 3) found.wrong.push(wrong);
  }
  return found;
}

async function overHttp(scene: Scene, calls: number, guarded: boolean): Promise<Found> {
  const server = await scene.start(guarded ? governed(scene) : bare());
  const call = add('modern');
  const sent = sendCall(call, guarded ? scene.token(server.resource) : undefined);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const found = await timed(guarded ? 'governed over HTTP' : 'bare node:http', calls, async () => {
    const { status, text } = await post(server.url, sent, agent);
    return wrongIn(call, status, [JSON.parse(text)]);
  });
  agent.destroy();
  await server.stop();
  return found;
}

function post(url: string, { headers, body }: Sent, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

async function onStdio(scene: Scene, calls: number): Promise<Found> {
  const spec = governed(scene);
  const child = spawnPinned('server', { ...spec, args: [...spec.args, '--stdio'], input: true });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the process has no pipes');
  const call = add('modern');
  const line = `${sendCall(call).body}\n`;
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const found = await timed('governed on stdio', calls, async () => {
    stdin.write(line);
    const { value = '' } = await lines.next();
    return wrongIn(call, 200, [JSON.parse(value)]);
  });
  const ended = once(child, 'exit');
  stdin.end();
  await ended;
  return found;
}
