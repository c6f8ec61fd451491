/**
 * Loads the rows in rounds: each row once a round, so that what disturbs the machine meanwhile disturbs all alike. Each is
 * checked: calls before, during and after the load whose answers are compared, and no answer under load that is not a 2xx.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Child, ChildSpec } from './child.js';
import { type Load, load } from './load.js';
import { ask, type Sent, send, sendCall } from './requests.js';
import type { Row } from './rows.js';
import type { Scene } from './scene.js';

export type Sample = Load & { cpuMicrosPerCall: number };
export type Loaded = { row: Row; samples: Sample[]; wrong: string[] };

const WARM_S = 2;
/** Between two calls whose answers are compared under load. */
const SAMPLE_MS = 500;

export async function loadRows(
  rows: readonly Row[],
  scene: Scene,
  serverOf: (name: string) => Promise<ChildSpec>,
): Promise<Loaded[]> {
  const servers = new Map<string, Child>();
  const found: Loaded[] = rows.map((row) => ({ row, samples: [], wrong: [] }));
  try {
    for (const name of new Set(rows.map(({ server }) => server)))
      servers.set(name, await scene.start(await serverOf(name)));
    const sent = async (row: Row): Promise<[Child, Sent]> => {
      const server = servers.get(row.server);
      if (server === undefined) throw new Error(`${row.server} was not started`);
      return [server, await requestOf(row, server, scene)];
    };
    // Compiled code is what is measured, not its compilation.
    for (const { row } of found) {
      const [server, request] = await sent(row);
      await load(server.url, request, { connections: row.connections, seconds: scene.quick ? 1 : WARM_S });
    }
    for (let round = 1; round <= scene.rounds; round += 1) {
      for (const one of found) {
        const [server, request] = await sent(one.row);
        const sample = await measured(one, server, request, scene.seconds);
        scene.say(`round ${round}  ${one.row.id.padEnd(26)} ${Math.round(sample.perSecond)} a second`);
      }
    }
    return found;
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}

async function measured(one: Loaded, server: Child, request: Sent, seconds: number): Promise<Sample> {
  const { row, samples, wrong } = one;
  const before = await ask(server.url, row.call, request);
  const cpu = server.cpuMicros();
  const loading = load(server.url, request, { connections: row.connections, seconds });
  const sampled = await sampleUntil(loading, () => ask(server.url, row.call, request));
  const loaded = await loading;
  const calls = Math.max(1, loaded.requests + sampled.length);
  const sample = { ...loaded, cpuMicrosPerCall: (server.cpuMicros() - cpu) / calls };
  const after = await ask(server.url, row.call, request);
  if (loaded.errors > 0) wrong.push(`${loaded.errors} answers under load were no answers`);
  if (loaded.requests === 0) wrong.push('nothing was answered under load');
  for (const problem of [before, ...sampled, after]) if (problem !== undefined) wrong.push(problem);
  samples.push(sample);
  return sample;
}

/** What is wrong with each of some answers while something goes on. Each time `next` resolves, one is asked for. */
export async function sampleUntil(
  end: Promise<unknown>,
  ask: () => Promise<string | undefined>,
  next = (): Promise<unknown> => pause(SAMPLE_MS),
): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  let over = false;
  const stop = (): void => {
    over = true;
  };
  // A caller that awaits the end itself learns why.
  const ended = end.then(stop, stop);
  while (!over) {
    await Promise.race([ended, next()]);
    if (!over) found.push(await ask());
  }
  return found;
}

/** The request of a row as its server takes it just now: an approval in a token is fresh for a quarter of an hour. */
async function requestOf(row: Row, server: Child, scene: Scene): Promise<Sent> {
  const sent = sendCall(row.call, row.token === true ? scene.token(server.resource) : undefined);
  if (row.session !== true) return sent;
  const opening = send(row.call.wire, 'initialize', {
    protocolVersion: sent.headers['mcp-protocol-version'],
    capabilities: {},
    clientInfo: { name: 'bench', version: '1.0.0' },
  });
  const response = await fetch(server.url, { method: 'POST', ...opening });
  await response.text();
  return {
    ...sent,
    headers: { ...sent.headers, 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' },
  };
}
