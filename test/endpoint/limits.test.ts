/** Quotas over replicas: one bucket for all of them, on a real PostgreSQL. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { callsOf } from '../../src/governance/policy/limits.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { QuotaLeases } from '../../src/governance/policy/quota.js';
import { Fault } from '../../src/wire/fault.js';
import { principalOf, toolOf } from '../mcp/ask.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';

const test = suite('endpoint/limits');
const CALLER = { issuer: 'https://issuer.example', tenant: 'acme' };
const CALL = { server: 'bench', tool: 'read', caller: CALLER, perMinute: 10 };

test('a tool may have a quota of its own, the one of all tools, or none', () => {
  assert.is(callsOf({}, 'read'), 0);
  assert.is(callsOf({ callsPerMinute: { all: 5 } }, 'read'), 5);
  assert.is(callsOf({ callsPerMinute: { all: 5, tools: { read: 0 } } }, 'read'), 0);
});

const server = await startPostgres();
if (server === undefined) reportSkip('endpoint/limits', 'PostgreSQL is not installed here');
else {
  const clock = { now: new Date() };
  const replicas = [1, 2].map(() =>
    createPostgresState({ url: server.url, clock: () => clock.now, onError: () => {}, connections: 8 }),
  );
  test.after(async () => {
    await Promise.all(replicas.map((state) => state.close()));
    await server.stop();
  });
  test('fifty calls at the same time over two replicas are let through as often as the quota says, and later again', async () => {
    const leases = replicas.map((state) => new QuotaLeases(state, () => clock.now));
    const take = async (at: number) => (await leases[at % 2]?.take(CALL))?.allow;
    const first = await Promise.all(Array.from({ length: 50 }, (_, at) => take(at)));
    assert.is(first.filter(Boolean).length, 10);
    // Ten a minute is one in six seconds.
    clock.now = new Date(clock.now.getTime() + 12_000);
    const later = await Promise.all(Array.from({ length: 10 }, (_, at) => take(at)));
    assert.is(later.filter(Boolean).length, 2);
    const othersCall = { ...CALL, caller: { ...CALLER, tenant: 'other' } };
    assert.is((await leases[0]?.take(othersCall))?.allow, true);
  });
  test('over replicas, two issuers that name the same tenant have a bucket each', async () => {
    const limits = { callsPerMinute: { all: 2 } };
    const policies = replicas.map((state) =>
      createPolicy({ name: 'bench', clock: () => clock.now, state, limits }),
    );
    const allowed = async (issuer: string, at: number) => {
      const principal = principalOf({ issuer, tenant: 'shared-name', scopes: ['bench:read'] });
      const decision = await policies[at]?.call(toolOf('read'), {}, principal);
      return decision instanceof Fault ? decision.name : decision?.allow;
    };
    const theirs = 'https://b.example';
    assert.equal(
      [await allowed(theirs, 0), await allowed(theirs, 1), await allowed(theirs, 0)],
      [true, true, false],
    );
    assert.equal(
      [await allowed('https://a.example', 0), await allowed('https://a.example', 1)],
      [true, true],
    );
  });
}

test.run();
