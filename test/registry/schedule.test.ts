/** When servers are checked, with a clock of the test, so that hours pass at once. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CheckOutcome, createSchedule } from '../../src/services/registry/schedule.js';
import type { Contact } from '../../src/services/registry/view.js';

const test = suite('registry/schedule');

const MINUTE = 60_000;
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** Time that passes on command. */
function bench(
  check: (address: string) => Promise<CheckOutcome>,
  { concurrency = 4, random = 0.5, leads = async () => true } = {},
) {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const contacts = new Map<string, Contact>();
  const asked: [address: string, at: number][] = [];
  const schedule = createSchedule({
    intervalMs: MINUTE,
    concurrency,
    check: (address) => {
      asked.push([address, now]);
      return check(address);
    },
    onContact: (address, contact) => contacts.set(address, contact),
    leads,
    clock: () => new Date(now),
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    random: () => random,
    onError: () => undefined,
  });
  return {
    schedule,
    asked,
    contacts,
    timers,
    async pass(ms: number): Promise<void> {
      const end = now + ms;
      for (;;) {
        await turns();
        const due = [...timers].filter(({ at }) => at <= end).sort((one, two) => one.at - two.at)[0];
        if (due === undefined) break;
        now = due.at;
        timers.delete(due);
        due.run();
      }
      now = end;
      await turns();
    },
    times: (address: string) => asked.filter(([one]) => one === address).map(([, at]) => at / MINUTE),
  };
}
const fine = async (): Promise<CheckOutcome> => ({ reached: true, changed: false });

test('a server that answers is checked once an interval, and at once when it is new', async () => {
  const { schedule, pass, times, contacts } = bench(fine);
  schedule.add('a', true);
  await pass(3 * MINUTE);
  assert.equal(times('a'), [0, 1, 2, 3]);
  assert.equal(contacts.get('a')?.failures, 0);
  await schedule.close();
});

test('servers that are taken over together are checked some time within the interval, and never all at once', async () => {
  for (const [random, first] of [
    [0, 0],
    [0.25, 0.25],
    [0.999, 0.999],
  ] as const) {
    const { schedule, pass, times } = bench(fine, { random });
    schedule.add('a', false);
    await pass(MINUTE);
    assert.ok(Math.abs((times('a')[0] ?? 9) - first) < 0.01);
    // A little earlier or later than the interval, by a tenth at most.
    await pass(MINUTE * 1.2);
    const gap = (times('a')[1] ?? 0) - (times('a')[0] ?? 0);
    assert.ok(gap >= 0.9 && gap <= 1.1, String(gap));
    await schedule.close();
  }
});

test('a server that does not answer is checked less and less often, an hour apart at most, and as before once it answers', async () => {
  let reached = true;
  const { schedule, pass, times, contacts } = bench(async () => ({ reached, changed: false }));
  schedule.add('a', true);
  await pass(0);
  reached = false;
  await pass(127 * MINUTE);
  assert.equal(times('a'), [0, 1, 3, 7, 15, 31, 63, 123]);
  assert.is(contacts.get('a')?.failures, 7);
  reached = true;
  await pass(57.5 * MINUTE);
  assert.equal(times('a').slice(-3), [123, 183, 184]);
  await schedule.close();
});

test('a server that has never answered is checked again after seconds, then minutes, then hours', async () => {
  const { schedule, pass, asked } = bench(async () => ({ reached: false, changed: false }));
  schedule.add('a', true);
  await pass(3 * 60 * MINUTE);
  assert.equal(
    asked.map(([, at]) => at / 1000),
    [0, 2, 6, 14, 30, 62, 126, 254, 510, 1022, 2046, 4094, 7694],
  );
  await schedule.close();
});

test('a server that changes at each check is checked less and less often as well, after the first time', async () => {
  const { schedule, pass, times } = bench(async () => ({ reached: true, changed: true }));
  schedule.add('a', true);
  await pass(16 * MINUTE);
  assert.equal(times('a'), [0, 1, 3, 7, 15]);
  await schedule.close();
});

test('a check that fails counts as one that reached nothing', async () => {
  const { schedule, pass, contacts } = bench(async () => {
    throw new Error('a mistake');
  });
  schedule.add('a', true);
  await pass(0);
  assert.is(contacts.get('a')?.failures, 1);
  await schedule.close();
});

test('no more than a number of checks run at the same time', async () => {
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const { schedule, pass } = bench(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
      return { reached: true, changed: false };
    },
    { concurrency: 3 },
  );
  for (let at = 0; at < 10; at += 1) schedule.add(`a${at}`, true);
  for (let turn = 0; turn < 10; turn += 1) {
    await pass(0);
    ends.shift()?.();
  }
  await pass(0);
  assert.equal([most, schedule.busy.waiting], [3, 0]);
  for (const end of ends) end();
  await schedule.close();
});

test('a replica that does not lead checks only the servers that it is asked to check', async () => {
  const { schedule, pass, asked } = bench(fine, { leads: async () => false });
  schedule.add('a', true);
  await pass(5 * MINUTE);
  assert.equal(asked, []);
  await schedule.now('a');
  assert.is(asked.length, 1);
  await schedule.close();
});

test('a caller who asks for a check while one runs waits for that one', async () => {
  const ends: (() => void)[] = [];
  const { schedule, pass, asked } = bench(async () => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return { reached: true, changed: false };
  });
  schedule.add('a', true);
  await pass(0);
  const both = Promise.all([schedule.now('a'), schedule.now('a')]);
  ends.shift()?.();
  await both;
  assert.is(asked.length, 1);
  await schedule.close();
});

test('a removed server is not checked any more, and nothing is left after closing', async () => {
  const { schedule, pass, times, timers } = bench(fine);
  schedule.add('a', true);
  schedule.add('b', true);
  await pass(0);
  schedule.remove('a');
  await pass(2 * MINUTE);
  assert.equal([times('a'), times('b')], [[0], [0, 1, 2]]);
  await schedule.close();
  assert.is(timers.size, 0);
});

test('a check that waits to hear whether this replica leads does not begin after closing', async () => {
  let answer = (_leads: boolean): void => {};
  const leads = () => new Promise<boolean>((resolve) => (answer = resolve));
  const { schedule, pass, asked } = bench(fine, { leads });
  schedule.add('a', true);
  await pass(0);
  await schedule.close();
  answer(true);
  await turns();
  assert.equal(asked, []);
});

test.run();
