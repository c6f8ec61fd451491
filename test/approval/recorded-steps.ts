/** Steps that must be on disk before they count, over any shared state: two replicas, and records that fail or never end. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type SharedState, StateUnavailable } from '../../src/cluster/shared-state.js';
import { APPROVAL_TTL_MS, type Approval, keyOf } from '../../src/governance/approval/approval.js';
import type { ApprovalStep } from '../../src/governance/approval/approval-steps.js';
import { until } from '../support/until.js';
import { ACME, type Bench, BOB, bench, CALL, NO, YES } from './bench.js';

class DiskFull extends Error {}

const diskFull = async (): Promise<never> => {
  throw new DiskFull();
};

/** A record that the test ends. */
function pendingRecord() {
  let write = (): void => {};
  const written = new Promise<void>((resolve) => {
    write = resolve;
  });
  return { record: () => written, write };
}

async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error);
}

/** `open` gives one more replica over the same state, whose approvals are kept for `server`. */
export function recordedStepTests(test: Test, open: () => SharedState): void {
  let servers = 0;
  const replicas = (steps: { fails?: ApprovalStep } = {}) => {
    servers += 1;
    const server = `server-${servers}`;
    const log: string[] = [];
    const held: { [Step in ApprovalStep]?: Promise<void> } = {};
    /** The next record of that step ends when the returned function is called. */
    const hold = (step: ApprovalStep): (() => void) => {
      const { record, write } = pendingRecord();
      held[step] = record();
      return write;
    };
    const made = [1, 2].map((at) => {
      let ids = 0;
      return bench({
        server,
        state: open(),
        newId: () => `${server}-${at}-${++ids}`,
        onStep: async (step, { id }) => {
          if (steps.fails === step) throw new DiskFull();
          log.push(`${step} ${id}`);
          const { [step]: wait } = held;
          delete held[step];
          await wait;
        },
      });
    });
    const [one, two] = made as [Bench, Bench];
    const wait = (ms: number) => {
      for (const replica of [one, two]) replica.wait(ms);
    };
    return { one, two, steps, log, wait, hold };
  };
  const approved = async (one: Bench): Promise<Approval> => {
    const asked = await one.ask(CALL);
    if (asked.kind === 'too-many') throw new Error('there are too many');
    await one.decide(asked.approval.id, BOB, YES);
    return asked.approval;
  };

  test('a use whose record fails leaves the approval usable, once, on either replica', async () => {
    const { one, two, log } = replicas();
    const approval = await approved(one);
    assert.instance(await outcome(one.consume(approval, diskFull)), DiskFull);
    assert.instance(await outcome(two.consume(approval, diskFull)), DiskFull);
    assert.ok(await two.consume(approval));
    assert.not.ok(await one.consume(approval));
    assert.equal(
      log.slice(2).map((line) => line.split(' ')[0]),
      ['consumed', 'voided', 'consumed', 'voided', 'consumed', 'replay-refused'],
    );
  });

  test('without a record of the use there is no use', async () => {
    const { one, two, steps } = replicas();
    const approval = await approved(one);
    steps.fails = 'consumed';
    assert.instance(await outcome(one.consume(approval)), DiskFull);
    delete steps.fails;
    assert.ok(await two.consume(approval));
  });

  test('while one use is being recorded, another waits for it and is refused', async () => {
    const { one, two } = replicas();
    const approval = await approved(one);
    const slow = pendingRecord();
    let recorded = false;
    const first = one.consume(approval, slow.record);
    const second = two.consume(approval, async () => {
      recorded = true;
    });
    slow.write();
    assert.equal((await Promise.all([first, second])).filter(Boolean).length, 1);
    assert.is(recorded, !(await first), 'only a use that has its turn is recorded');
  });

  test('after a crash between record and commit the approval is usable again, and the first caller can never run', async () => {
    const { one, two, wait, log } = replicas();
    const approval = await approved(one);
    const crashed = pendingRecord();
    const first = one.consume(approval, crashed.record);
    while (!log.some((line) => line.startsWith('consumed'))) await new Promise((done) => setImmediate(done));
    wait(30_000);
    assert.ok(await two.consume(approval));
    // It was not dead but slow.
    crashed.write();
    assert.is(await first, false);
    assert.equal(
      log.slice(2).map((line) => line.split(' ')[0]),
      ['consumed', 'voided', 'consumed', 'replay-refused'],
      'the use that counted is not followed by a record that says the opposite',
    );
  });

  test('a use that was too slow, and whose record finally fails, does not take the turn of the use that came after it', async () => {
    const { one, two, wait, log } = replicas();
    const approval = await approved(one);
    const [slow, next] = [pendingRecord(), pendingRecord()];
    const uses = () => log.filter((line) => line.startsWith('consumed')).length;
    const first = outcome(one.consume(approval, () => slow.record().then(diskFull)));
    await until(() => uses() === 1, 'the first use');
    wait(30_000);
    const second = two.consume(approval, next.record);
    await until(() => uses() === 2, 'the second use');
    slow.write();
    assert.instance(await first, DiskFull);
    next.write();
    assert.ok(await second);
    assert.is(uses(), 2, 'it did not begin again');
  });

  /** One use was so slow that another has its turn; the slow one is recorded now. */
  const overtaken = async () => {
    const { one, two, wait, log } = replicas();
    const approval = await approved(one);
    const [slow, next] = [pendingRecord(), pendingRecord()];
    const words = () => log.slice(2).map((line) => line.split(' ')[0]);
    const uses = () => words().filter((word) => word === 'consumed').length;
    const first = one.consume(approval, slow.record);
    await until(() => uses() === 1, 'the first use');
    wait(30_000);
    return {
      ...{ slow, next, words, first },
      second: async (record: () => Promise<void>) => {
        const second = outcome(two.consume(approval, record));
        await until(() => uses() === 2, 'the second use');
        slow.write();
        next.write();
        return second;
      },
    };
  };

  test('a use that was too slow does not count while the use after it is being recorded', async () => {
    const { first, second, next, words } = await overtaken();
    assert.is(await second(next.record), true);
    assert.is(await first, false);
    assert.equal(words(), ['consumed', 'voided', 'consumed', 'replay-refused']);
  });

  test('a use that was too slow has another turn when the use after it fails', async () => {
    const { first, second, next, words } = await overtaken();
    assert.instance(await second(() => next.record().then(diskFull)), DiskFull);
    assert.is(await first, true);
    assert.equal(words(), ['consumed', 'voided', 'consumed', 'voided', 'consumed']);
  });

  test('an approval that expires while its use is being recorded runs nothing, and the record says so', async () => {
    const { one, two, wait, log } = replicas();
    const approval = await approved(one);
    assert.is(await one.consume(approval, async () => wait(APPROVAL_TTL_MS)), false);
    const words = () => log.slice(2).map((line) => line.split(' ')[0]);
    assert.equal(words(), ['consumed', 'voided', 'replay-refused']);
    assert.is((await two.ask(CALL)).kind, 'asked');
  });

  test('a use whose row has meanwhile become a later request runs nothing, and the record says so', async () => {
    const { one, two, wait, log } = replicas();
    const approval = await approved(one);
    const replace = async (): Promise<void> => {
      wait(APPROVAL_TTL_MS);
      await two.ask(CALL);
    };
    assert.is(await one.consume(approval, replace), false);
    assert.equal(
      log.slice(2).map((line) => line.split(' ')[0]),
      ['consumed', 'expired', 'asked', 'voided', 'replay-refused'],
    );
    assert.is((await two.ask(CALL)).kind, 'pending');
  });

  test('a use waits one minute for another that hangs, and then says that the approval cannot be used now', async () => {
    const { one, two, log } = replicas();
    const approval = await approved(one);
    const hanging = pendingRecord();
    const first = one.consume(approval, hanging.record);
    await until(() => log.some((line) => line.startsWith('consumed')), 'the first use');
    const real = AbortSignal.timeout;
    const asked: number[] = [];
    AbortSignal.timeout = (ms) => {
      asked.push(ms);
      return AbortSignal.abort();
    };
    const late = await outcome(two.consume(approval)).finally(() => {
      AbortSignal.timeout = real;
    });
    assert.equal(asked, [60_000]);
    assert.instance(late, StateUnavailable);
    assert.match(String(late), 'another use of the approval has not ended by 2026-11-23T12:00:00.000Z');
    hanging.write();
    assert.ok(await first);
  });

  test('a row that is gone when its use is committed runs nothing, and the record says so', async () => {
    const { one, log } = replicas();
    const approval = await approved(one);
    const remove = () =>
      open().update('approval', keyOf(approval), () => ({
        result: undefined,
        put: { value: {}, expiresAt: 0 },
      }));
    assert.is(await one.consume(approval, remove), false);
    assert.equal(
      log.slice(2).map((line) => line.split(' ')[0]),
      ['consumed', 'voided', 'replay-refused'],
    );
  });

  test('a decision that came too late is voided once, before the decision that counts', async () => {
    const { one, two, wait, log, hold } = replicas();
    const asked = await one.ask(CALL);
    if (asked.kind === 'too-many') throw new Error('there are too many');
    const { id } = asked.approval;
    const slow = hold('approved');
    const first = one.decide(id, BOB, YES);
    while (!log.some((line) => line.startsWith('approved'))) await new Promise((done) => setImmediate(done));
    wait(30_001);
    const second = await two.decide(id, { ...BOB, user: 'carol' }, NO);
    assert.is(second.kind, 'decided');
    slow();
    const late = await first;
    assert.is(late.kind === 'not-decided' && late.approval?.decidedBy?.user, 'carol');
    assert.equal(
      log.map((line) => line.split(' ')[0]),
      ['asked', 'approved', 'voided', 'refused'],
    );
  });

  test('a commit whose answer is lost still lets its caller run, once', async () => {
    const { one, two } = replicas();
    const approval = await approved(one);
    const state = open();
    let updates = 0;
    const flaky = bench({
      server: approval.server,
      state: {
        ...state,
        async update(space, key, step) {
          const result = await state.update(space, key, step);
          updates += 1;
          if (updates === 2) throw new StateUnavailable('the answer was lost');
          return result;
        },
      },
    });
    assert.ok(await flaky.consume(approval));
    assert.not.ok(await one.consume(approval));
    assert.not.ok(await two.consume(approval));
  });

  test('a commit that fails for another reason than the state is not repeated', async () => {
    const { one } = replicas();
    const approval = await approved(one);
    const state = open();
    let updates = 0;
    const bug = new TypeError('a bug');
    const broken = bench({
      server: approval.server,
      state: {
        ...state,
        async update(space, key, step) {
          updates += 1;
          if (updates === 2) throw bug;
          return state.update(space, key, step);
        },
      },
    });
    assert.is(await outcome(broken.consume(approval)), bug);
    assert.is(updates, 2);
  });

  test('a decision whose record fails does not count, and another can be taken', async () => {
    const { one, two, steps } = replicas();
    const asked = await one.ask(CALL);
    if (asked.kind === 'too-many') throw new Error('there are too many');
    const { id } = asked.approval;
    steps.fails = 'approved';
    assert.instance(await outcome(one.decide(id, BOB, YES)), DiskFull);
    assert.is((await two.ask(CALL)).kind, 'pending');
    delete steps.fails;
    const refused = await two.decide(id, BOB, NO);
    assert.is(refused.kind === 'decided' && refused.approval.state, 'refused');
  });

  test('a request whose record fails is not kept', async () => {
    const { one, two, steps } = replicas({ fails: 'asked' });
    assert.instance(await outcome(one.ask(CALL)), DiskFull);
    assert.equal(await two.pending(ACME), []);
    delete steps.fails;
    assert.is((await two.ask(CALL)).kind, 'asked');
  });
}
