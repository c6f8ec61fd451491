/** Batches of calls that replicas lease from one bucket. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

import type { SharedState } from '../../src/cluster/shared-state.js';
import { StateUnavailable } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { QuotaLeases } from '../../src/governance/policy/quota.js';

const test = suite('policy/quota-leases');
const CALLER = { issuer: 'https://issuer.example', tenant: 'acme' };

/** Replicas over one state, whose time passes only with `pass`. */
function setUp(count: number) {
  let now = Date.UTC(2026, 0, 1);
  let updates = 0;
  const timers = new Map<() => void, number>();
  const clock = () => new Date(now);
  const memory = createMemoryState(clock);
  const state: SharedState = {
    ...memory,
    update: (space, key, step) => {
      updates += 1;
      return memory.update(space, key, step);
    },
  };
  const after = (ms: number, run: () => void) => {
    timers.set(run, now + ms);
    return () => void timers.delete(run);
  };
  const replicas = Array.from({ length: count }, () => new QuotaLeases(state, clock, after));
  return {
    updates: () => updates,
    async pass(ms: number) {
      now += ms;
      for (const [run, at] of timers) {
        if (at > now) continue;
        timers.delete(run);
        run();
      }
      // Giving back is an update, which ends within a turn.
      await new Promise(setImmediate);
    },
    take: async (replica: number, perMinute: number) =>
      (await replicas[replica]?.take({ server: 'bench', tool: 'read', caller: CALLER, perMinute }))?.allow,
  };
}

test('one call at a time, now and then, leases one call at a time', async () => {
  const { take, pass, updates } = setUp(1);
  for (let call = 1; call <= 5; call += 1) {
    assert.is(await take(0, 6_000), true);
    assert.is(updates(), call);
    await pass(200);
  }
});
test('calls that keep coming lease ever larger batches', async () => {
  const { take, pass, updates } = setUp(1);
  for (let call = 0; call < 1_000; call += 1) {
    assert.is(await take(0, 600_000), true);
    await pass(1);
  }
  // Ten a second, and a few until the batch is as large.
  assert.ok(updates() <= 20, `${updates()} updates`);
});
test('calls that come during a round trip share the next one', async () => {
  const { take, updates } = setUp(1);
  const answers = await Promise.all(Array.from({ length: 50 }, () => take(0, 60)));
  assert.equal(new Set(answers), new Set([true]));
  assert.is(updates(), 2);
});
test('a small quota is exact, however fast the calls come to two replicas', async () => {
  const { take } = setUp(2);
  const answers: unknown[] = [];
  for (let call = 0; call < 20; call += 1) answers.push(await take(call % 2, 10));
  assert.is(answers.filter((allow) => allow === true).length, 10);
  assert.is(answers.lastIndexOf(true), 9);
});
test('what is not used within a second goes back', async () => {
  const { take, pass, updates } = setUp(2);
  let taken = 0;
  // Refills last no time here, so the batches of the first replica double.
  for (; taken < 40; taken += 1) await take(0, 1_000);
  assert.ok(updates() < 10);
  await pass(1_000);
  let rest = 0;
  while ((await take(1, 1_000)) === true) rest += 1;
  // A second adds 16.7 calls.
  assert.is(taken + rest, 1_016);
});
test('after an outage, calls are allowed again', async () => {
  const memory = createMemoryState(() => new Date());
  let isAway = true;
  const leases = new QuotaLeases(
    {
      ...memory,
      update: async (space, key, step) => {
        if (isAway) throw new StateUnavailable('away');
        return memory.update(space, key, step);
      },
    },
    () => new Date(),
  );
  const call = { server: 'bench', tool: 'read', caller: CALLER, perMinute: 10 };
  for (const answer of await Promise.allSettled([leases.take(call), leases.take(call)]))
    assert.ok(answer.status === 'rejected' && answer.reason instanceof StateUnavailable);
  isAway = false;
  assert.equal(await leases.take(call), { allow: true, retryAfterS: 0 });
});
test('replicas exceed a limit by no more than they held', async () => {
  const step = fc.record({ replica: fc.nat(2), wait: fc.constantFrom(0, 0, 0, 1, 7, 150, 1_100) });
  const perMinute = fc.integer({ min: 1, max: 3_000 });
  await fc.assert(
    fc.asyncProperty(perMinute, fc.array(step, { maxLength: 400 }), async (quota, steps) => {
      const { take, pass } = setUp(3);
      let now = 0;
      const allowed: number[] = [];
      for (const { replica, wait } of steps) {
        await pass(wait);
        now += wait;
        if ((await take(replica, quota)) === true) allowed.push(now);
      }
      // From the start on, nobody holds anything.
      const bound = quota + (now / 60_000) * quota + 0.001;
      assert.ok(allowed.length <= bound, `${allowed.length} calls in ${now} ms, of ${quota} a minute`);
      // Three batches of a tenth at most may be held when a stretch begins.
      for (const [from, first] of allowed.entries()) {
        const stretch = quota + ((now - first) / 60_000) * quota + 3 * (quota / 10) + 0.001;
        assert.ok(allowed.length - from <= stretch);
      }
    }),
    { numRuns: 100 },
  );
});

test.run();
