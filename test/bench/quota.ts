/**
 * How many calls of one tenant's tool two replicas let through in a second, with leases and with one change of the shared state for
 * each call, over PostgreSQL and over Valkey. Both replicas run in this process, each with its own connections.
 *
 * Usage: npx tsx test/bench/quota.ts
 */
import type { SharedState } from '../../src/cluster/shared-state.js';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { createValkeyState } from '../../src/cluster/state/valkey-state.js';
import { QuotaLeases, takeFrom } from '../../src/governance/policy/quota.js';
import { startPostgres } from '../support/postgres.js';
import { startValkey } from '../support/valkey.js';

const PER_MINUTE = 10_000_000;
const CALLERS = 50;
const ROUNDS = 5;
const MS = 1_000;
const quota = { perSecond: PER_MINUTE / 60, burst: PER_MINUTE };
const clock = () => new Date();
const onError = (error: unknown) => console.error(error);

type Take = () => unknown;

function leased(state: SharedState): Take {
  const leases = new QuotaLeases(state, clock);
  const caller = { issuer: 'https://issuer.example', tenant: 'acme' };
  return () => leases.take({ server: 'bench', tool: 'read', caller, perMinute: PER_MINUTE });
}

function oneByOne(state: SharedState): Take {
  return () =>
    state.update('quota', 'one by one', (value) => {
      const { bucket } = takeFrom(value && { tokens: Number(value.tokens), at: Number(value.at) }, 0, quota);
      return { result: true, put: { value: bucket, expiresAt: Date.now() + 60_000 } };
    });
}

/** Calls a second, by `CALLERS` callers of each replica. A real call costs at least a turn of the event loop, so does one here. */
async function measure(replicas: readonly Take[]): Promise<number> {
  const end = performance.now() + MS;
  let calls = 0;
  const call = async (take: Take): Promise<void> => {
    while (performance.now() < end) {
      await take();
      calls += 1;
      await new Promise(setImmediate);
    }
  };
  await Promise.all(replicas.flatMap((take) => Array.from({ length: CALLERS }, () => call(take))));
  return (calls / MS) * 1_000;
}

const [postgres, valkey] = [await startPostgres(), await startValkey()];
const engines = {
  ...(postgres && { PostgreSQL: () => createPostgresState({ url: postgres.url, clock, onError }) }),
  ...(valkey && { Valkey: () => createValkeyState({ url: valkey.url, clock, onError }) }),
};
for (const [name, open] of Object.entries(engines)) {
  const states = [open(), open()];
  const rows = { 'one by one': states.map(oneByOne), leased: states.map(leased) };
  const rounds: { [row: string]: number[] } = { 'one by one': [], leased: [] };
  // In turn, so that what else the machine does falls on both.
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [row, replicas] of Object.entries(rows)) rounds[row]?.push(await measure(replicas));
  for (const [row, found] of Object.entries(rounds)) {
    const median = found.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    console.log(`${name}, two replicas, ${row}: ${Math.round(median).toLocaleString('en')} calls/s`);
  }
  await Promise.all(states.map((state) => state.close()));
}
await Promise.all([postgres?.stop(), valkey?.stop()]);
