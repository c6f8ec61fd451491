/**
 * Throughput per core: what one replica behind nginx answers for each second of its processor time, and what two do, each with
 * as many clients. The clients, nginx and PostgreSQL want the same two cores, so calls a second alone would measure who gets them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Load, startLoad } from './load.js';
import { cpuSeconds, type Stage, stopGracefully } from './stage.js';

/** Without a quota and with one. */
const TOOLS = ['scale.add', 'scale.metered'];
/**
 * How long a client rests after a call. Nothing may be at its limit: a busier process has less to do for a call, since it takes
 * several at a time from the system.
 */
const REST_MS = 60;

export type Cores = {
  tool: string;
  replicas: number;
  /** Calls a second, as the clients saw them. */
  perSecond: number;
  /** Answered calls for each second of processor time that the replicas had. */
  perCore: number;
  /** Parts of a hundred of one core that each replica had. */
  busy: number;
  /** Transactions of PostgreSQL a second. */
  transactions: number;
};

/** Both tools with one replica and with two, `rounds` times in turn, so that what else the machine does falls on both. */
export async function measureCores(
  stage: Stage,
  clients: number,
  seconds: number,
  rounds: number,
): Promise<Cores[]> {
  const all: Cores[] = [];
  for (const tool of TOOLS)
    for (let round = 0; round < rounds; round += 1)
      for (const count of [1, 2]) all.push(await measure(stage, { tool, count, clients, seconds }));
  return all;
}

type Measuring = { tool: string; count: number; clients: number; seconds: number };

async function measure(stage: Stage, { tool, count, clients, seconds }: Measuring): Promise<Cores> {
  const names = Array.from({ length: count }, (_, number) => `c${number + 1}`);
  const replicas = await Promise.all(names.map((name) => stage.start(name)));
  await stage.doors.readonly.front.lead(replicas.map(({ port }) => port));
  const { port } = stage.doors.readonly;
  const token = stage.token('scale:use');
  const load = startLoad({
    port,
    token,
    clients: Math.ceil((clients * count) / 2),
    restMs: REST_MS,
    sessions: false,
    nameOf: (name) => name,
    tool,
  });
  await pause(3_000);
  const cpu = (): number => replicas.reduce((sum, replica) => sum + cpuSeconds(replica), 0);
  const before = {
    cpu: cpu(),
    answered: answeredBy(load),
    ms: load.now(),
    done: await transactions(stage),
  };
  await pause(seconds * 1_000);
  const used = cpu() - before.cpu;
  const answered = answeredBy(load) - before.answered;
  const took = (load.now() - before.ms) / 1_000;
  const done = (await transactions(stage)) - before.done;
  await load.stop();
  await Promise.all(replicas.map(stopGracefully));
  return {
    tool,
    replicas: count,
    perSecond: Math.round(answered / took),
    perCore: Math.round(answered / used),
    busy: Math.round((used / took / count) * 100),
    transactions: Math.round(done / took),
  };
}

function answeredBy({ attempts }: Load): number {
  return attempts.filter(({ outcome }) => outcome === 'answered').length;
}

async function transactions({ database }: Stage): Promise<number> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query('SELECT sum(xact_commit)::float8 AS done FROM pg_stat_database');
  await client.end();
  return (rows[0] as { done: number }).done;
}

/** Two replicas against one: the medians of each, and of the ratio of those that were measured one after the other. */
export function comparison(all: readonly Cores[], tool: string): { one: number; two: number; ratio: number } {
  const of = (replicas: number): number[] =>
    all.filter((each) => each.tool === tool && each.replicas === replicas).map(({ perCore }) => perCore);
  const [ones, twos] = [of(1), of(2)];
  const ratios = ones.map((one, at) => (twos[at] ?? 0) / one);
  return { one: median(ones), two: median(twos), ratio: Math.round(median(ratios) * 100) / 100 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function coresTold(all: readonly Cores[]): string {
  const lines = all.map(
    ({ tool, replicas, perSecond, perCore, busy, transactions: done }) =>
      `${tool.padEnd(13)}  ${replicas} replica${replicas === 1 ? ' ' : 's'}  ${String(perSecond).padStart(5)} calls/s  ${String(perCore).padStart(5)} calls per second of a replica's processor time, each busy ${String(busy).padStart(3)} %, PostgreSQL ${done} transactions/s`,
  );
  const told = [...new Set(all.map(({ tool }) => tool))].map((tool) => {
    const { one, two, ratio } = comparison(all, tool);
    return `${tool}: ${two} with two replicas against ${one} with one (medians); in neighbouring measurements ${ratio} of it (median)`;
  });
  return ['throughput per core, as many clients for each replica', ...lines, ...told].join('\n');
}
