import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { type Binding, bindingOf } from '../../src/governance/approval/approval.js';
import { createPlaces } from '../../src/governance/approval/places.js';
import { tenantKey } from '../../src/wire/principal.js';
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
  return { ...places, clock, reads, fill, write };
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
  const hundred = (place: unknown[] | string) => Array.from({ length: 2_000 }, () => place);
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

test.run();
