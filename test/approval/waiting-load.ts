/**
 * The load of equal waiting calls on a real PostgreSQL server: its transactions per second while they wait, and the latency of
 * another tenant's call meanwhile.
 *
 *   npx tsx test/approval/waiting-load.ts [CALLS]
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { createApprovals } from '../../src/governance/approval/approvals.js';
import { createApproving } from '../../src/governance/approval/waiting/approving.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { closeGuarded, counted, guarded } from '../endpoint/guarded.js';
import { modernCall } from '../http/wire.js';
import { startPostgres } from '../support/postgres.js';

const SECONDS = 10;
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const WITH_TASKS = {
  [CAPABILITIES]: { elicitation: { url: {} }, extensions: { 'io.modelcontextprotocol/tasks': {} } },
};

const calls = Number(process.argv[2] ?? 4_000);
const server = await startPostgres();
if (server === undefined) throw new Error('PostgreSQL is not installed here');
const now = () => new Date();
const state = createPostgresState({ url: server.url, clock: now, onError: () => {} });
const approvals = createApprovals({
  state,
  server: 'load',
  keys: [Buffer.alloc(32, 1)],
  clock: now,
  newId: () => 'the-request',
  onStep: async () => {},
});
const { tool } = counted('write', { scope: 'bench:write', destructive: true });
const limits = { callsPerMinute: { all: 100_000 } };
const door = await guarded({
  tools: [tool],
  tasks: true,
  tasksPerPrincipal: 10_000,
  policy: createPolicy({ name: 'load', clock: now, state, limits }),
  approving: createApproving(
    approvals,
    (id) => `https://pages.example/${id}`,
    () => {},
    {
      waitingCallsPerPrincipal: 10_000,
    },
  ),
});
const { body, headers } = modernCall('write', WITH_TASKS);
const token = door.token({ scope: 'bench:write' });
let begun = 0;
for (let sent = 0; sent < calls; sent += 50) {
  const answers = await Promise.all(Array.from({ length: 50 }, () => door.post(token, body, headers)));
  begun += answers.filter(({ body: { result } }) => result?.resultType === 'task').length;
}

const client = new pg.Client({ connectionString: server.url });
await client.connect();
const transactions = async (): Promise<number> => {
  const { rows } = await client.query(
    'SELECT xact_commit + xact_rollback AS n FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number((rows[0] as { n: string }).n);
};
// By now the statistics include the calls themselves, because an idle connection reports after ten seconds.
await pause(12_000);
const before = await transactions();
await pause(SECONDS * 1_000);
const each = ((await transactions()) - before) / SECONDS;
const other = modernCall('write', { [CAPABILITIES]: {} });
const took: number[] = [];
for (let n = 0; n < 20; n += 1) {
  const start = performance.now();
  await door.post(
    door.token({ scope: 'bench:write', tenant: 'other', sub: 'eve' }),
    other.body,
    other.headers,
  );
  took.push(performance.now() - start);
}
const median = took.sort((a, b) => a - b)[10] ?? 0;
console.log(
  `${begun} calls wait: ${each.toFixed(1)} transactions a second; another tenant's call takes ${median.toFixed(0)} ms (median)`,
);
await client.end();
await closeGuarded();
await state.close();
await server.stop();
process.exit(0);
