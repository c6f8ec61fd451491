/** Waiting for a row: when it is looked at, and what a wait leaves behind. */
import { getEventListeners } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Approval } from '../../src/governance/approval/approval.js';
import { createWaiters, watchRow } from '../../src/governance/approval/waiters.js';
import { turn } from '../support/until.js';
import { NOON, PENDING } from './bench.js';

const test = suite('approval/waiters');

/** Rows whose changes the test announces, and timers that it runs. */
function bench() {
  const timers: { ms: number; run: () => void }[] = [];
  const watchers = new Set<() => void>();
  const after = (ms: number, run: () => void) => {
    const timer = { ms, run };
    timers.push(timer);
    return () => void timers.splice(timers.indexOf(timer), 1);
  };
  const watch = (listener: () => void) => {
    watchers.add(listener);
    return () => void watchers.delete(listener);
  };
  const change = () => {
    for (const listener of watchers) listener();
  };
  return { rows: { watch }, after, timers, watchers, change };
}

test('a row is looked at immediately, at each change, and every five seconds, until a look has a result', async () => {
  const { timers, watchers, change, ...parts } = bench();
  const { signal } = new AbortController();
  let looks = 0;
  let result: string | undefined;
  const watching = watchRow(
    'key',
    async () => {
      looks += 1;
      return result;
    },
    signal,
    parts,
  );
  await turn();
  assert.equal([looks, timers.map(({ ms }) => ms), watchers.size], [1, [5_000], 1]);
  change();
  await turn();
  assert.equal([looks, timers.map(({ ms }) => ms), watchers.size], [2, [5_000], 1]);
  assert.is(getEventListeners(signal, 'abort').length, 1, 'a look adds no listener to those before');
  result = 'the end';
  timers[0]?.run();
  assert.is(await watching, 'the end');
  assert.equal(
    [looks, timers.length, watchers.size, getEventListeners(signal, 'abort').length],
    [3, 0, 0, 0],
  );
});

test('a watch that is stopped before it begins does not look', async () => {
  const { timers, watchers, change, ...parts } = bench();
  let looks = 0;
  const look = async () => {
    looks += 1;
    return 'a result';
  };
  assert.is(await watchRow('key', look, AbortSignal.abort(), parts), undefined);
  assert.is(looks, 0);
});

/** One request, as its row has it, and how it ends. */
function waiting(approval: Approval = PENDING) {
  const { rows, after, timers, change, watchers } = bench();
  const clock = { now: NOON };
  const row: { approval: Approval | undefined } = { approval };
  const expired: string[] = [];
  const wait = createWaiters({
    rows: {
      ...rows,
      find: async () => row.approval,
      read: async () => ({ approval: row.approval, isForged: false }),
    },
    now: () => clock.now,
    after,
    onExpired: async ({ id }) => void expired.push(id),
    onForged: async () => {},
  });
  return { wait, row, clock, timers, change, watchers, expired };
}

test('a request that is about to expire is looked at when it does', async () => {
  const { wait, clock, timers, expired } = waiting({ ...PENDING, expiresAt: NOON + 6_000 });
  const waits = wait('id-1', new AbortController().signal);
  await turn();
  assert.equal(
    timers.map(({ ms }) => ms),
    [5_000],
  );
  clock.now += 5_600;
  timers[0]?.run();
  await turn();
  assert.equal(
    timers.map(({ ms }) => ms),
    [400],
  );
  clock.now += 400;
  timers[0]?.run();
  assert.is((await waits)?.state, 'pending');
  assert.equal(expired, ['id-1']);
});

test('a request that expired a while ago starts no timer with a negative delay', async () => {
  const asked: number[] = [];
  const { rows } = bench();
  const wait = createWaiters({
    rows: { ...rows, find: async () => PENDING, read: async () => ({ approval: PENDING, isForged: false }) },
    now: () => PENDING.expiresAt + 1,
    after: (ms) => {
      asked.push(ms);
      return () => {};
    },
    onExpired: async () => {},
    onForged: async () => {},
  });
  assert.is(await wait('id-1', new AbortController().signal), PENDING);
  assert.equal(asked, [0]);
});

test('a wait for a request ends when its row has a later request for the same call, or none', async () => {
  for (const later of [{ ...PENDING, id: 'id-2' }, undefined]) {
    const { wait, row, change, watchers } = waiting();
    const waits = wait('id-1', new AbortController().signal);
    await turn();
    row.approval = later;
    change();
    assert.is(await waits, undefined);
    assert.is(watchers.size, 0);
  }
});

test('a call that has waited leaves no listener on its signal, and the next one waits again', async () => {
  const { wait, row, change, timers } = waiting();
  const { signal } = new AbortController();
  const first = wait('id-1', signal);
  await turn();
  row.approval = { ...PENDING, state: 'approved' };
  change();
  assert.is((await first)?.state, 'approved');
  assert.is(getEventListeners(signal, 'abort').length, 0);
  row.approval = PENDING;
  const left = new AbortController();
  const next = wait('id-1', left.signal).catch((error: unknown) => error);
  await turn();
  assert.is(timers.length, 1);
  const reason = new Error('gone');
  left.abort(reason);
  assert.is(await next, reason);
  const last = wait('id-1', signal);
  await turn();
  row.approval = { ...PENDING, state: 'refused' };
  change();
  assert.is((await last)?.state, 'refused');
  await turn();
  assert.is(timers.length, 0);
});

test.run();
