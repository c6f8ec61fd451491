import { hash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { type Binding, bindingOf } from '../../src/governance/approval/approval.js';
import { createPlaces } from '../../src/governance/approval/places.js';
import { tenantKey } from '../../src/wire/principal.js';
import { inHeldTime } from '../support/time.js';
import { CALL } from './bench.js';

const test = suite('approval/places');

const MIB = 1024 * 1024;
const ADA = bindingOf('s', CALL);
const of = (user: string, others: Partial<Binding> = {}): Binding => ({ ...ADA, user, ...others });

function bench() {
  const clock = { now: 0 };
  const state = createMemoryState(() => new Date(clock.now));
  const reads = { count: 0 };
  const get: SharedState['get'] = (space, key) => {
    reads.count += 1;
    return state.get(space, key);
  };
  const places = createPlaces({ ...state, get }, () => clock.now);
  let ids = 0;
  /** `count` places of one character each. */
  const fill = async (binding: Binding, count: number, expiresAt = 100) => {
    for (let n = 0; n < count; n += 1) assert.ok(await places.take(binding, `${++ids}`, expiresAt, 1));
  };
  /** Puts this in place of the places of the tenant. */
  const write = (value: unknown) =>
    state.update('approval-places', JSON.stringify(['s', tenantKey(ADA)]), () => ({
      result: undefined,
      put: { value: { places: value }, expiresAt: 1_000 },
    }));
  const stored = () => state.get('approval-places', JSON.stringify(['s', tenantKey(ADA)]));
  return { ...places, clock, reads, fill, write, stored };
}

test('a user has a hundred places, and one that is given back is free at once', async () => {
  const { take, giveBack, fill } = bench();
  await fill(ADA, 99);
  assert.ok(await take(ADA, 'the last', 100, 1));
  assert.not(await take(ADA, 'one more', 100, 1));
  assert.ok(await take(of('eve'), 'other user', 100, 1));
  assert.ok(await take(of('ada', { tenant: 'other' }), 'other tenant', 100, 1));
  assert.ok(await take(of('ada', { server: 'other' }), 'other server', 100, 1));
  await giveBack(ADA, 'nobody has this');
  assert.not(await take(ADA, 'one more', 100, 1));
  await giveBack(ADA, 'the last');
  assert.ok(await take(ADA, 'one more', 100, 1));
});

test('a tenant has two thousand places', async () => {
  const { take, fill } = bench();
  for (let user = 0; user < 20; user += 1) await fill(of(`user-${user}`), user === 0 ? 99 : 100);
  assert.ok(await take(of('the last'), 'x', 100, 1));
  assert.not(await take(of('eve'), 'y', 100, 1));
});

test('the requests of a user have two MiB together, and a smaller one may still fit where a larger one did not', async () => {
  const { take } = bench();
  assert.ok(await take(ADA, 'a', 100, 2 * MIB - 10));
  assert.not(await take(ADA, 'b', 100, 11));
  assert.ok(await take(ADA, 'c', 100, 10));
  assert.not(await take(ADA, 'd', 100, 1));
});

test('the requests of a tenant have sixteen MiB together', async () => {
  const { take } = bench();
  for (let n = 0; n < 16; n += 1)
    assert.ok(await take(of(`user-${n}`), `${n}`, 100, n === 0 ? MIB - 1 : MIB));
  assert.not(await take(of('eve'), 'x', 100, 2));
  assert.ok(await take(of('zoe'), 'y', 100, 1));
});

test('a first request has room, whatever its size', async () => {
  const { take } = bench();
  assert.ok(await take(ADA, 'a', 100, 17 * MIB));
  assert.not(await take(of('eve'), 'b', 100, 1));
});

test('a place ends with its request, and the others remain', async () => {
  const { take, fill, clock } = bench();
  await fill(ADA, 1, 50);
  await fill(ADA, 99, 100);
  clock.now = 49;
  assert.not(await take(ADA, 'x', 100, 2));
  clock.now = 50;
  assert.ok(await take(ADA, 'x', 100, 1));
  assert.not(await take(ADA, 'y', 100, 1));
});

test('places of an earlier version have no size, and an invalid place takes no room', async () => {
  const { take, write, fill } = bench();
  const user = 'somebody';
  const hundred = (place: unknown) => Array.from({ length: 2_000 }, () => place);
  await write(hundred(['id', user, 100]));
  assert.not(await take(ADA, 'x', 100, 1), 'they count');
  for (const place of [
    'id',
    [],
    [1, user, 100, 1],
    ['id', 1, 100, 1],
    ['id', user, '100', 1],
    ['id', user, 100, '1'],
    ['id', user, 100, null],
    null,
    '999',
  ]) {
    await write(hundred(place));
    await fill(of(JSON.stringify(place)), 1);
  }
  await write('none');
  await fill(of('eve'), 1);
});

test('a user who was refused a moment ago is refused without a lookup, but not forever', async () => {
  const { take, reads } = bench();
  await take(of('full'), 'a', 100, 16 * MIB);
  for (let n = 0; n < 10_001; n += 1) assert.not(await take(of(`user-${n}`), 'x', 100, 1));
  const before = reads.count;
  assert.not(await take(of('user-0'), 'x', 100, 1));
  assert.is(reads.count, before + 1, 'of ten thousand users the memory is dropped');
});

test('a user who was refused may ask again after half a second, whatever the others do in between', () =>
  inHeldTime(async ({ pass }) => {
    const { take, giveBack, clock, reads } = bench();
    for (const user of ['ada', 'eve']) {
      await take(of(user), 'a', 100, 2 * MIB);
      assert.not(await take(of(user), 'b', 100, 1));
    }
    await giveBack(of('ada', { tenant: 'other' }), 'a');
    // Their places are free now.
    clock.now = 100;
    const before = reads.count;
    await pass(499);
    for (const user of ['ada', 'eve']) assert.not(await take(of(user), 'b', 200, 1));
    assert.is(reads.count, before, 'nobody looked');
    await pass(1);
    for (const user of ['ada', 'eve']) assert.ok(await take(of(user), 'b', 200, 1));
  }));

test('of two requests for the last place at the same time one gets it', async () => {
  const { take, fill } = bench();
  await fill(ADA, 99);
  assert.equal(await Promise.all([take(ADA, 'a', 100, 1), take(ADA, 'b', 100, 1)]), [true, false]);
});

test('the places of all tenants are counted together, without those that have ended', async () => {
  const { fill, count, clock } = bench();
  assert.is(await count(), 0);
  await fill(ADA, 2, 50);
  await fill(ADA, 3);
  await fill(of('ada', { tenant: 'other' }), 1);
  assert.is(await count(), 6);
  clock.now = 50;
  assert.is(await count(), 4);
});

test('a place is stored under the beginning of the hash of its user, however long the name is', async () => {
  const { take, stored } = bench();
  await take(of('ada'.repeat(1_000)), 'a', 100, 7);
  const user = hash('sha256', 'ada'.repeat(1_000)).slice(0, 32);
  assert.equal(await stored(), { places: [['a', user, 100, 7]] });
});

test.run();
