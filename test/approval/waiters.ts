/** The cost of many calls that wait for the same approval; over either engine. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { until } from '../support/until.js';
import { BOB, bench, CALL, YES } from './bench.js';

const CALLS = 4_000;

export function waiterTests(test: Test, open: () => SharedState): void {
  let servers = 0;
  /** One process, whose requests to the shared state are counted and whose timers run when the test says so. */
  const begin = () => {
    servers += 1;
    const server = `waiters-${servers}`;
    const state = open();
    const asked = { begun: 0, ended: 0 };
    const counted =
      <Args extends unknown[], Result>(ask: (...args: Args) => Promise<Result>) =>
      (...args: Args): Promise<Result> => {
        asked.begun += 1;
        return ask(...args).finally(() => {
          asked.ended += 1;
        });
      };
    const timers = new Set<() => void>();
    const approvals = bench({
      server,
      newId: () => `${server}-id`,
      state: {
        ...state,
        get: counted(state.get),
        list: counted(state.list),
        page: counted(state.page),
        update: (space, key, step) => counted(() => state.update(space, key, step))(),
      },
      after: (_ms, run) => {
        timers.add(run);
        return () => timers.delete(run);
      },
    });
    const quiet = () => until(() => asked.begun === asked.ended, 'the end of the looks');
    return { ...approvals, server, asked, timers, quiet };
  };

  test(`${CALLS} calls that wait for one approval share one look at it now and then`, async () => {
    const one = begin();
    const made = await one.ask(CALL);
    if (made.kind === 'too-many') throw new Error('there are too many');
    const { id } = made.approval;
    const before = one.asked.begun;
    const waits = Array.from({ length: CALLS }, () => one.waitForDecision(id, new AbortController().signal));
    await until(() => one.timers.size > 0, 'the wait');
    await one.quiet();
    assert.ok(one.asked.begun - before <= 3, `${one.asked.begun - before} at first`);
    assert.is(one.timers.size, 1, 'one slow look for all of them');
    for (let turn = 0; turn < 5; turn += 1) {
      const looks = one.asked.begun;
      for (const run of [...one.timers]) run();
      await until(() => one.asked.begun > looks, 'the next look');
      await one.quiet();
      await until(() => one.timers.size > 0, 'the next wait');
      // One read each time, and one more if the message about the request itself arrives late.
      assert.ok(one.asked.begun - looks <= 2, `${one.asked.begun - looks} looks`);
    }
    // Changes to other calls' approvals cause no reads.
    const looks = one.asked.begun;
    const other = bench({ server: one.server, state: open(), newId: () => 'another' });
    await other.ask({ ...CALL, args: { other: true } });
    await one.quiet();
    assert.is(one.asked.begun, looks);

    await other.decide(id, BOB, YES);
    // If the message has not arrived yet, the next read finds the decision.
    for (const run of [...one.timers]) run();
    const decided = await Promise.all(waits);
    assert.ok(decided.every((approval) => approval?.state === 'approved'));
    await one.quiet();
    assert.ok(one.asked.begun - looks <= 4, `${one.asked.begun - looks} to see the decision`);

    const used = await Promise.all(decided.map((approval) => approval && one.consume(approval)));
    assert.is(used.filter(Boolean).length, 1);
    assert.ok(one.asked.begun - looks <= 8, `${one.asked.begun - looks} to run one of them`);
  });

  test('a call that stops waiting leaves the others waiting, and the last one ends the looks', async () => {
    const one = begin();
    const made = await one.ask(CALL);
    if (made.kind === 'too-many') throw new Error('there are too many');
    const { id } = made.approval;
    const [leaves, stays] = [new AbortController(), new AbortController()];
    const left = one.waitForDecision(id, leaves.signal).catch((error: unknown) => error);
    const waits = one.waitForDecision(id, stays.signal);
    await until(() => one.timers.size === 1, 'the wait');
    const reason = new Error('gone');
    leaves.abort(reason);
    assert.is(await left, reason);
    await one.decide(id, BOB, YES);
    for (const run of [...one.timers]) run();
    assert.is((await waits)?.state, 'approved');
    await until(() => one.timers.size === 0, 'the end of the looks');

    const next = await one.ask({ ...CALL, args: {} });
    const last = new AbortController();
    if (next.kind === 'too-many') throw new Error('there are too many');
    const alone = one.waitForDecision(next.approval.id, last.signal).catch((error: unknown) => error);
    await until(() => one.timers.size === 1, 'the wait');
    last.abort(reason);
    assert.is(await alone, reason);
    await until(() => one.timers.size === 0, 'the end of the looks');
    await assertThrown(one.waitForDecision(next.approval.id, last.signal), reason);
  });
}

async function assertThrown(work: Promise<unknown>, reason: Error): Promise<void> {
  assert.is(await work.catch((error: unknown) => error), reason);
}
