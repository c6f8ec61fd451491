/**
 * The load while replicas come and go: steady, one is added, one is killed, one is stopped by SIGTERM and started again,
 * steady. What each of them may cost is judged here.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { queryAudit } from '../../src/governance/audit/query.js';
import type { Check } from './checks.js';
import { type Load, startLoad } from './load.js';
import type { Options } from './options.js';
import { killNow, type Replica, type Stage, stopGracefully } from './stage.js';
import { type Attempt, type Phase, type Row, rowOf } from './tally.js';

export type Story = {
  load: Load;
  phases: Phase[];
  rows: Row[];
  /** What happened when, for the plot. */
  events: { atMs: number; what: string }[];
  replicas: string[];
  checks: Check[];
};

export async function playPhases(stage: Stage, options: Options): Promise<Story> {
  const flags = options.alone
    ? []
    : ['--sessions', String(2 * options.clients), '--sessions-per-principal', String(2 * options.clients)];
  const names = Array.from({ length: options.replicas }, (_, number) => `r${number + 1}`);
  const replicas = await Promise.all(names.map((name) => stage.start(name, flags)));
  // nginx knows the one that is to come: to lead it to others it has to be reloaded, and then it ends connections of
  // clients that are about to send. It finds nobody at that address, and looks again every two seconds.
  const added = `r${options.replicas + 1}`;
  const addresses = await Promise.all(
    [...names, added].map(async (name) => [await stage.portOf(name), name] as const),
  );
  await stage.doors.readonly.front.lead(addresses.map(([port]) => port));
  const nameOf = (address: string): string =>
    addresses.find(([port]) => address.endsWith(`:${port}`))?.[1] ?? address;
  const load = startLoad({
    port: stage.doors.readonly.port,
    token: stage.token('scale:use'),
    clients: options.clients,
    restMs: options.restMs,
    sessions: !options.alone,
    nameOf,
    lasting: true,
  });
  // Connections are opened and code is compiled, which does not count.
  await pause(2_000);
  const phases: Phase[] = [];
  const events: Story['events'] = [];
  const happened = (what: string): void => void events.push({ atMs: load.now(), what });
  const phase = async (name: string, doIt: () => Promise<void>): Promise<void> => {
    const fromMs = load.now();
    await doIt();
    await pause(Math.max(0, fromMs + options.seconds * 1_000 - load.now()));
    phases.push({ name, fromMs, toMs: load.now() });
  };
  const [first, second] = replicas as [Replica, Replica];
  let stopMs = 0;
  let stopSaid = '';
  let killedAt = 0;
  await phase('steady', async () => {});
  await phase('one is added', async () => {
    replicas.push(await stage.start(added, flags));
    happened(`${added} added`);
  });
  await phase('one is killed', async () => {
    await pause(500);
    killedAt = load.now();
    happened(`${second.name} killed`);
    await killNow(second);
    await pause(options.seconds * 400);
    replicas[1] = await stage.start(second.name, flags);
    happened(`${second.name} started`);
  });
  await phase('one restarts', async () => {
    await pause(500);
    happened(`${first.name} SIGTERM`);
    ({ ms: stopMs, stderr: stopSaid } = await stopGracefully(first));
    happened(`${first.name} stopped`);
    replicas[0] = await stage.start(first.name, flags);
    happened(`${first.name} started`);
  });
  await phase('steady again', async () => {});
  const untilMs = load.now();
  await load.stop();
  phases.push({ name: 'all', fromMs: phases[0]?.fromMs ?? 0, toMs: untilMs });
  const rows = phases.map((one) => rowOf(one, load.attempts));
  const killing = phases.find(({ name }) => name === 'one is killed') as Phase;
  const killed = { name: second.name, atMs: killedAt, phase: killing };
  const checks = [
    ...judged(load.attempts, rows, killed, options.clients),
    {
      what: `the replica that SIGTERM stopped was gone after ${(stopMs / 1_000).toFixed(1)} s and said nothing`,
      // The warning about the names of its own tools came when it started.
      wrong: stopSaid.replace(/^--tools: .*\n/gm, ''),
    },
    await allRecorded(stage, load),
  ];
  for (const one of replicas) await stopGracefully(one);
  return { load, phases, rows, events, replicas: [...names, added], checks };
}

function judged(
  attempts: readonly Attempt[],
  rows: readonly Row[],
  killed: { name: string; atMs: number; phase: Phase },
  clients: number,
): Check[] {
  const row = (phase: string): Row | undefined => rows.find((one) => one.phase === phase);
  const all = row('all');
  const told = (found: readonly Attempt[]): string =>
    [...new Set(found.map(({ outcome, why = '' }) => `${outcome}: ${why}`))].slice(0, 5).join('; ');
  const bad = attempts.filter(({ outcome }) => outcome === 'lost' || outcome === 'wrong');
  // Only in its own phase, because nothing else may break there.
  const { fromMs, toMs } = killed.phase;
  const broken = attempts.filter(
    ({ outcome, atMs }) => outcome === 'broken' && atMs >= fromMs && atMs < toMs,
  );
  const inFlight = broken.filter(({ by, atMs }) => by === killed.name && atMs < killed.atMs + 2_000);
  const calm = rows.filter(({ phase }) => phase !== 'all' && phase !== 'one is killed');
  const checks: Check[] = calm.map(({ phase, broken, refused }) => ({
    what: `${phase}: no call broke, none was refused`,
    wrong:
      broken + refused === 0
        ? undefined
        : `${broken} broke, ${refused} were refused; of all: ${told(attempts.filter(({ outcome }) => outcome !== 'answered'))}`,
  }));
  return [
    {
      what: `every call was answered, and as it should be (${all?.lost ?? 0} lost, ${all?.wrong ?? 0} wrong)`,
      wrong: told(bad),
    },
    ...checks,
    {
      what: `one is killed: the ${inFlight.length} calls in flight there broke, no other, and each was answered when it was tried again`,
      wrong:
        inFlight.length === broken.length && broken.length <= clients && row('one is killed')?.refused === 0
          ? undefined
          : `${broken.length - inFlight.length} others broke: ${told(broken)}`,
    },
  ];
}

/** Every answered call is in the audit log of some replica. */
export async function allRecorded(stage: Stage, { answered }: Pick<Load, 'answered'>): Promise<Check> {
  const missing = new Set(answered);
  const runs = new Map<string, number>();
  for await (const { record } of queryAudit(`${stage.auditDir}/readonly`, { tool: 'scale.add' })) {
    if (record.outcome !== 'ok' || record.requestId === undefined) continue;
    const id = JSON.parse(record.requestId) as string;
    missing.delete(id);
    runs.set(id, (runs.get(id) ?? 0) + 1);
  }
  const bytes = bytesIn(stage.auditDir) / Math.max(1, runs.size);
  const twice = [...runs.values()].filter((times) => times > 1).length;
  return {
    what: `the ${answered.size} answered calls are in the audit logs, with ${Math.round(bytes)} bytes each (${twice} ran twice, for their connection broke and they were tried again)`,
    wrong:
      missing.size === 0 ? undefined : `${missing.size} are missing, such as ${[...missing].slice(0, 3)}`,
  };
}

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.reduce(
    (sum, file) => sum + (file.endsWith('.jsonl') ? statSync(join(folder, file)).size : 0),
    0,
  );
}
