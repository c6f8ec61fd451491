/** What a waiting call learns about its approval: each state, and what happens while nobody can be asked. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StateUnavailable } from '../../src/cluster/shared-state.js';
import type { Approval } from '../../src/governance/approval/approval.js';
import type { Approvals, RequestOutcome } from '../../src/governance/approval/approvals.js';
import { createApproving } from '../../src/governance/approval/waiting/approving.js';
import { AuditUnavailable } from '../../src/governance/audit/disk.js';
import { Fault } from '../../src/wire/fault.js';
import { bench, CALL, NOON, PENDING } from './bench.js';

const BASIS = { tool: 'a'.repeat(64), version: '1.0.0', policy: 'p' };
const test = suite('approval/approving');

const NOTICE = {
  id: 'id-1',
  url: 'https://pages.example/id-1',
  expiresAt: '2026-11-23T12:00:01.000Z',
  slack: false,
};
const signal = new AbortController().signal;

function approvingWith(given: Partial<Approvals>, hasCard?: (approval: Approval) => boolean) {
  const asked: string[] = [];
  const approving = createApproving(
    { ...bench(), ...given },
    (id) => `https://pages.example/${id}`,
    ({ id }) => void asked.push(id),
    hasCard === undefined ? {} : { hasCard },
  );
  return { ...approving, asked };
}

test('a new request is announced to people once, and not again while it waits', async () => {
  for (const [kind, expected] of [
    ['asked', ['id-1']],
    ['pending', []],
  ] as const) {
    const { ask, asked } = approvingWith({ ask: async () => ({ kind, approval: PENDING }) });
    assert.equal(await ask(CALL), { kind: 'waiting', notice: NOTICE });
    assert.equal(asked, expected);
  }
});

test('a call whose earlier approval rests on something else learns what has changed', async () => {
  const { ask } = approvingWith({
    ask: async () => ({ kind: 'asked', approval: PENDING, changed: 'the policy' }),
  });
  assert.equal(await ask(CALL), { kind: 'waiting', notice: { ...NOTICE, changed: 'the policy' } });
});

test('the number of waiting calls of one caller is limited, and one that has left makes room once', () => {
  const { enter } = createApproving(
    bench(),
    (id) => id,
    () => {},
    { waitingCallsPerPrincipal: 2 },
  );
  const { principal } = CALL;
  const leave = enter(principal);
  enter(principal);
  const full = (): unknown => {
    try {
      return enter(principal);
    } catch (error) {
      return error instanceof Fault ? error.message : error;
    }
  };
  assert.match(String(full()), 'waiting calls');
  assert.match(String(full()), 'waiting-calls-per-principal');
  assert.type(enter({ ...principal, user: 'eve' }), 'function');
  leave();
  leave();
  assert.type(full(), 'function');
  assert.type(full(), 'string');
});

test('a tenant has five thousand waiting calls and a process ten thousand, and the refusal says which limit is reached', () => {
  const { enter } = createApproving(
    bench(),
    (id) => id,
    () => {},
    { waitingCallsPerPrincipal: 10_000 },
  );
  const { principal } = CALL;
  const fill = (tenant: string): void => {
    for (let n = 0; n < 5_000; n += 1) enter({ ...principal, tenant });
  };
  const refusalFor = (tenant: string): unknown => {
    try {
      return enter({ ...principal, tenant, user: 'eve' });
    } catch (error) {
      return error instanceof Fault ? error.detail : error;
    }
  };
  fill('one');
  assert.is(refusalFor('one'), '5000 calls of your tenant wait for a person');
  fill('two');
  assert.is(refusalFor('three'), '10000 calls wait for a person; try again later');
});

test('a call learns whether its request has a card in Slack, and that there are too many', async () => {
  const outcome: RequestOutcome = { kind: 'pending', approval: PENDING };
  const { ask } = approvingWith({ ask: async () => outcome }, ({ id }) => id === 'id-1');
  assert.equal(await ask(CALL), { kind: 'waiting', notice: { ...NOTICE, slack: true } });
  const full = approvingWith({ ask: async () => ({ kind: 'too-many' }) });
  assert.equal(await full.ask(CALL), { kind: 'too-many' });
});

test('a decision is returned at once or after a wait: the time of an approval, the comment of a refusal', async () => {
  const decided = async (approval: Approval) => {
    const { ask, waitForDecision } = approvingWith({
      ask: async () => ({ kind: 'approved', approval }),
      waitForDecision: async () => approval,
    });
    const [now, later] = [await ask(CALL), await waitForDecision(NOTICE, signal)];
    assert.equal({ ...later, consume: undefined }, { ...now, consume: undefined });
    return now;
  };
  const approved = await decided({ ...PENDING, state: 'approved', decidedAt: NOON + 500 });
  assert.equal(approved.kind === 'approved' && [approved.approvedAt, approved.notice], [
    NOON / 1_000 + 0.5,
    NOTICE,
  ]);
  const refused = { ...PENDING, state: 'refused' } as const;
  assert.equal(await decided({ ...refused, comment: 'no' }), {
    kind: 'refused',
    notice: NOTICE,
    comment: 'no',
  });
  assert.equal(await decided(refused), { kind: 'refused', notice: NOTICE, comment: '' });
});

test('a wait that ends without a decision says why', async () => {
  const ended = (approval: Approval | undefined) =>
    approvingWith({ waitForDecision: async () => approval }).waitForDecision(NOTICE, signal);
  assert.equal(await ended(undefined), { kind: 'over', why: 'gone' });
  assert.equal(await ended({ ...PENDING, state: 'consumed' }), { kind: 'over', why: 'used' });
  assert.equal(await ended(PENDING), { kind: 'over', why: 'expired' });
});

test('using an approval up is what the store says, with the record of the call', async () => {
  const approval: Approval = { ...PENDING, state: 'approved', decidedAt: NOON };
  for (const isUsed of [true, false]) {
    const given: unknown[] = [];
    const { ask } = approvingWith({
      ask: async () => ({ kind: 'approved', approval }),
      consume: async (...all) => {
        given.push(...all);
        return isUsed;
      },
    });
    const status = await ask(CALL);
    const record = async () => {};
    assert.is(status.kind === 'approved' && (await status.consume(record, BASIS)), isUsed);
    assert.equal(given, [approval, record, BASIS]);
  }
});

test('while the state or the audit log is away, the caller may come back in a moment; a fault of ours is no such thing', async () => {
  const failing = (error: Error) => {
    const fails = async () => Promise.reject(error);
    const { ask, waitForDecision } = approvingWith({ ask: fails, waitForDecision: fails });
    const attempts: Promise<unknown>[] = [ask(CALL), waitForDecision(NOTICE, signal)];
    return Promise.all(attempts.map((attempt) => attempt.catch((came: unknown) => came)));
  };
  for (const away of [new StateUnavailable('away'), new AuditUnavailable('the disk is full')])
    for (const fault of await failing(away)) {
      assert.instance(fault, Fault);
      const { message, cause, headers } = fault as Fault;
      assert.match(message, /nobody can be asked for an approval just now; try again$/);
      assert.equal([cause, headers], [away, { 'retry-after': '5' }]);
    }
  const bug = new TypeError('a bug');
  assert.equal(await failing(bug), [bug, bug]);
});

test.run();
