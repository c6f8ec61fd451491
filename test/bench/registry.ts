/**
 * The registry over 10,000 generated servers: how long it takes to know them all, whether each is checked once an interval,
 * what that costs in memory, and how long search, pages and API take meanwhile.
 *
 *   npm run bench -- registry [SERVERS]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { networks } from '../../src/services/outbound/reach.js';
import { createRegistry, type Registry } from '../../src/services/registry/registry.js';
import { openFileStore } from '../../src/services/registry/store/file-store.js';
import { readSealingKeys } from '../../src/wire/server/sealer.js';
import { GOALS } from './goals.js';
import { percentile } from './results.js';

const INTERVAL_MS = 60_000;
const ROUNDS = 3;
const ASKED = [
  ['search, one word', '/api/search?q=invoice'],
  ['search, a typo', '/api/search?q=invioce'],
  ['search, two words', '/api/search?q=delete+invoice'],
  ['search, an owner', '/api/search?owner=Team+7&destructive=true'],
  ['search as you type, one letter', '/api/search?q=i'],
  ['page, all servers', '/'],
  ['page, a search', '/?q=invoice&destructive=true'],
  ['page, one server', '/servers/NAME'],
  ['API, one server', '/api/servers/NAME'],
  ['API, a page of the list', '/api/servers?limit=50'],
  ['official API, a page', '/v0.1/servers?limit=50&version=latest'],
] as const;

export async function benchRegistry(servers = 10_000): Promise<void> {
  const script = fileURLToPath(new URL('./many-servers.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(servers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(printed);
  const dir = await mkdtemp(join(tmpdir(), 'registry-bench-'));
  const registry = await open(dir);
  try {
    const origin = await registry.listen(0);
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: servers }, (_, at) => registry.add(`http://s${at}.bench.example:${port}/`)),
    );
    row('added', `${seconds(begun)} s`);
    const expected = Math.floor(servers * 0.99);
    let known = 0;
    while (known < expected) {
      await pause(200);
      known = await count(origin, 'registry_servers{state="on"}');
    }
    row(
      'each that answers checked for the first time',
      `${seconds(begun)} s, ${Math.round(known / ((performance.now() - begun) / 1000))} a second`,
    );
    while (registry.busy.waiting > 0 || registry.busy.running > 0) await pause(200);
    row('and each that never answers given up', `${seconds(begun)} s`);
    const settled = await rounds(registry);
    row(
      'kept in the file',
      `${Math.round((await stat(join(dir, 'registry.jsonl'))).size / 1024 / 1024)} MiB`,
    );
    const {
      servers: [first],
    } = (await (await fetch(`${origin}/api/search?q=invoice&limit=1`)).json()) as {
      servers: { name: string }[];
    };
    let slowest = 0;
    for (const [what, path] of ASKED) {
      const { median, p95 } = await latency(`${origin}${path.replace('NAME', first?.name ?? '')}`);
      row(what, `median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
      if (what.startsWith('search')) slowest = Math.max(slowest, median);
    }
    goal('memory', `≤ ${GOALS.registryMiB} MiB`, `${settled.toFixed(0)} MiB`, settled <= GOALS.registryMiB);
    goal('slowest search', `≤ ${GOALS.searchMs} ms`, `${slowest.toFixed(1)} ms`, slowest <= GOALS.searchMs);
  } finally {
    await registry.close();
    child.kill();
    await rm(dir, { recursive: true, force: true });
  }
}

async function open(dir: string): Promise<Registry> {
  const issuer = 'http://localhost:1';
  return createRegistry({
    operatorSecret: 'bench',
    store: await openFileStore(dir, console.error),
    auth: { issuers: [{ issuer }] },
    issuer,
    secrets: readSealingKeys([]),
    state: createMemoryState(() => new Date()),
    reach: { loopback: true, networks: networks(['127.0.0.1/32']) },
    // Every name is this machine: what is measured is not the name service.
    lookup: (_hostname, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    version: '0',
    intervalMs: INTERVAL_MS,
    concurrency: 32,
    deadlineMs: 10_000,
    onError: (error, about) => console.error(about, error),
  });
}

/** Some intervals of the registry at work: checks are as many as there are servers, nothing piles up, and so much is held at the end. */
async function rounds(registry: Registry): Promise<number> {
  let held = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [cpu, begun] = [process.cpuUsage(), performance.now()];
    let most = 0;
    while (performance.now() - begun < INTERVAL_MS) {
      await pause(100);
      most = Math.max(most, registry.busy.waiting);
    }
    const { user, system } = process.cpuUsage(cpu);
    const busy = Math.round(((user + system) / 1000 / (performance.now() - begun)) * 100);
    held = memory();
    row(
      `interval ${round}: memory, processor, most checks that waited`,
      `${held.toFixed(0)} MiB, ${busy} % of a core, ${most}`,
    );
  }
  return held;
}

/** Of the process in MiB, after its garbage is collected. */
function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1024 / 1024;
}

async function count(origin: string, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics/bench`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );
}

async function latency(url: string): Promise<{ median: number; p95: number }> {
  const times: number[] = [];
  for (let turn = 0; turn < 60; turn += 1) {
    const begun = performance.now();
    const response = await fetch(url);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    if (turn >= 10) times.push(performance.now() - begun);
  }
  return { median: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

function seconds(begun: number): string {
  return ((performance.now() - begun) / 1000).toFixed(1);
}

function goal(what: string, wanted: string, measured: string, met: boolean): void {
  row(`goal: ${what} ${wanted}`, `${measured}, ${met ? 'met' : 'not met'}`);
}

function row(what: string, value: string): void {
  console.log(`${what.padEnd(60)} ${value}`);
}
