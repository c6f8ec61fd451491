import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createUses } from '../../src/governance/approval/uses.js';

const test = suite('approval/uses');

const LATER = 1_000;
const MAX_USED = 100_000;

function bench() {
  const clock = { now: 0 };
  /** Waiting periods that have not ended. */
  const timers = new Map<() => void, number>();
  const waits = { begun: 0 };
  const uses = createUses({
    now: () => clock.now,
    after: (ms, run) => {
      waits.begun += 1;
      timers.set(run, ms);
      return () => timers.delete(run);
    },
  });
  return { ...uses, clock, timers, waits };
}

/** A use that ends when the test says so. */
function heldUse() {
  const held = { begun: 0, end: (_isUsed: boolean): void => {}, fail: (_error: Error): void => {} };
  const use = () => {
    held.begun += 1;
    return new Promise<boolean>((resolve, reject) => {
      Object.assign(held, { end: resolve, fail: reject });
    });
  };
  return { held, use };
}
const succeeds = async () => true;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('an approval that was used is not used again, and nobody is asked', async () => {
  const { take, has, waits } = bench();
  const { held, use } = heldUse();
  assert.not(has('a'));
  assert.ok(await take('a', LATER, succeeds));
  assert.ok(has('a'));
  assert.not(await take('a', LATER, use));
  assert.is(held.begun, 0);
  assert.is(waits.begun, 0, 'it waited for nothing');
});

test('what was refused is not used up', async () => {
  const { take, has } = bench();
  assert.not(await take('a', LATER, async () => false));
  assert.not(has('a'));
  assert.ok(await take('a', LATER, succeeds));
});

test('a second use waits for the first, but not for the use of another approval', async () => {
  const { take, timers } = bench();
  const [first, second] = [heldUse(), heldUse()];
  const one = take('a', LATER, first.use);
  const two = take('a', LATER, second.use);
  assert.ok(await take('b', LATER, succeeds));
  await settled();
  assert.equal([first.held.begun, second.held.begun], [1, 0]);
  assert.equal([...timers.values()], [30_000]);
  first.held.end(true);
  assert.equal(await Promise.all([one, two]), [true, false]);
  assert.equal([second.held.begun, timers.size], [0, 0]);
});

test('a use that failed or was refused passes its turn to the next', async () => {
  for (const how of ['fails', 'is refused'] as const) {
    const { take } = bench();
    const { held, use } = heldUse();
    const one = take('a', LATER, use).catch((error: Error) => error.message);
    const two = take('a', LATER, succeeds);
    await settled();
    if (how === 'fails') held.fail(new Error('the disk is full'));
    else held.end(false);
    assert.equal(await Promise.all([one, two]), [how === 'fails' ? 'the disk is full' : false, true], how);
  }
});

test('a use that hangs is waited for half a minute', async () => {
  const { take, timers } = bench();
  const hanging = heldUse();
  void take('a', LATER, hanging.use);
  const two = take('a', LATER, succeeds);
  await settled();
  for (const run of timers.keys()) run();
  assert.ok(await two);
});

test('each use waits for the one before it, even if an earlier one has ended meanwhile', async () => {
  const { take } = bench();
  const [first, second, third] = [heldUse(), heldUse(), heldUse()];
  const one = take('a', LATER, first.use);
  void take('a', LATER, second.use);
  first.held.end(false);
  await one;
  await settled();
  void take('a', LATER, third.use);
  await settled();
  assert.equal([second.held.begun, third.held.begun], [1, 0]);
});

test('it remembers as many as people can approve, and forgets the oldest first', async () => {
  const { take, has } = bench();
  for (let n = 0; n < MAX_USED; n += 1) await take(`${n}`, LATER, succeeds);
  assert.ok(has('0'));
  await take('one more', LATER, succeeds);
  assert.equal([has('0'), has('1'), has('one more')], [false, true, true]);
});

test('while there is room, it remembers expired approvals, so that a second use is recorded as one', async () => {
  const { take, has, clock } = bench();
  await take('a', 10, succeeds);
  clock.now = 10;
  await take('b', LATER, succeeds);
  assert.ok(has('a'));
});

test('it forgets expired approvals first', async () => {
  const { take, has, clock } = bench();
  for (let n = 0; n < MAX_USED; n += 1) await take(`${n}`, n === 1 || n === 3 ? 10 : 11, succeeds);
  clock.now = 10;
  await take('one more', LATER, succeeds);
  assert.equal(
    ['0', '1', '2', '3', '4', 'one more'].map((id) => has(id)),
    [true, false, true, false, true, true],
  );
});

test.run();
