import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StateUnavailable } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { APPROVAL_TTL_MS, type Approval, type Call } from '../../src/governance/approval/approval.js';
import { createApprovals, type RequestOutcome } from '../../src/governance/approval/approvals.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { principalOf } from '../mcp/ask.js';
import { turn, within } from '../support/until.js';
import { ACME, BOB, bench, CALL, KEYS, NO, NOON, YES } from './bench.js';
import { forgedRowTests } from './forged-rows.js';
import { fourEyesTests } from './four-eyes.js';
import { limitTests } from './limits.js';
import { recordedStepTests } from './recorded-steps.js';
import { memoryWriter } from './rows.js';
import { waiterTests } from './waiters.js';

const test = suite('approval/approvals');

function approvalIn(asked: RequestOutcome): Approval {
  if (asked.kind === 'too-many') throw new Error('there are too many');
  return asked.approval;
}

test('a call is asked for once, with everything a person has to see, and its arguments redacted', async () => {
  const { ask, steps } = bench();
  const first = await ask(CALL);
  assert.is(first.kind, 'asked');
  const { digest, sealed = '', ...approval } = approvalIn(first);
  assert.equal(approval, {
    id: 'id-1',
    server: 'internal-destructive-mcp',
    tool: 'jira.create',
    issuer: 'https://issuer.example',
    tenant: 'acme',
    user: 'ada',
    clientId: 'demo',
    args: { project: 'OPS', summary: 'mail [email]' },
    masked: true,
    reason: CALL.reason,
    createdAt: NOON,
    expiresAt: NOON + APPROVAL_TTL_MS,
    fourEyes: false,
    state: 'pending',
  });
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.match(sealed, /^[\w-]{50,}$/);
  // In another order they are the same arguments (RFC 8785).
  const again = await ask({ ...CALL, args: { summary: 'mail bob@example.com', project: 'OPS' } });
  assert.equal([again.kind, approvalIn(again).id], ['pending', 'id-1']);
  assert.equal(steps, ['asked id-1']);
});

test('the latest decisions of a tenant are listed, newest first, without requests that still wait', async () => {
  const { ask, decide, consume, decided, pending, wait } = bench();
  const first = approvalIn(await ask({ ...CALL, args: { n: 1 }, resumes: 'repeats' }));
  await ask({ ...CALL, args: { n: 2 } });
  await ask({ ...CALL, args: { n: 3 } });
  await decide('id-1', BOB, YES);
  wait(1);
  await decide('id-2', BOB, NO);
  // Written last, and still the older decision.
  assert.ok(await consume(first));
  assert.equal(
    (await decided(ACME)).map(({ id, state, resumes }) => [id, state, resumes]),
    [
      ['id-2', 'refused', undefined],
      ['id-1', 'consumed', 'repeats'],
    ],
  );
  assert.equal(
    (await pending(ACME)).map(({ id }) => id),
    ['id-3'],
  );
  assert.equal(await decided({ ...ACME, tenant: 'other' }), []);
  assert.equal(await decided({ ...ACME, issuer: 'https://other.example' }), []);
});

test('an approved call runs once, and a second use is refused and reported', async () => {
  const { ask, decide, consume, steps } = bench();
  const approval = approvalIn(await ask(CALL));
  assert.not.ok(await consume(approval), 'not before somebody has approved');
  assert.is((await decide('id-1', BOB, YES)).kind, 'decided');
  const approved = await ask(CALL);
  assert.equal(
    [approved.kind, approvalIn(approved).decidedBy],
    ['approved', { issuer: BOB.issuer, user: 'bob' }],
  );
  assert.ok(await consume(approval));
  assert.not.ok(await consume(approval));
  const next = await ask(CALL);
  assert.is(next.kind, 'asked');
  assert.is.not(approvalIn(next).id, 'id-1');
  assert.equal(steps, [
    'asked id-1',
    'replay-refused id-1',
    'approved id-1 bob',
    'consumed id-1',
    'replay-refused id-1',
    'replay-refused id-1',
    `asked ${approvalIn(next).id}`,
  ]);
});

test('an approval is for that call alone: it does not apply if anything differs', async () => {
  const { principal } = CALL;
  const others: Call[] = [
    { ...CALL, tool: 'jira.delete' },
    { ...CALL, args: { ...CALL.args, summary: 'mail carol@example.com' } },
    { ...CALL, args: { ...CALL.args, more: null } },
    { ...CALL, principal: { ...principal, user: 'eve' } },
    { ...CALL, principal: { ...principal, tenant: 'other' } },
    { ...CALL, principal: { ...principal, clientId: 'other' } },
    { ...CALL, principal: { ...principal, issuer: 'https://other.example' } },
  ];
  const state = createMemoryState(() => new Date(NOON));
  const { ask, decide } = bench({ state });
  await ask(CALL);
  await decide('id-1', BOB, YES);
  for (const other of others) assert.is((await ask(other)).kind, 'asked');
  const elsewhere = bench({ state, server: 'another-server', newId: () => 'elsewhere' });
  assert.is((await elsewhere.ask(CALL)).kind, 'asked');
  assert.is((await elsewhere.decide('id-1', BOB, YES)).kind, 'not-decided', 'nor is it decided there');
  assert.is((await ask(CALL)).kind, 'approved');
});

test('a refused call stays refused until its time has passed, with the comment of the approver', async () => {
  const { ask, decide, consume, wait } = bench();
  const approval = approvalIn(await ask(CALL));
  await decide('id-1', BOB, NO);
  const refused = await ask(CALL);
  assert.equal([refused.kind, approvalIn(refused).comment], ['refused', 'not today']);
  assert.not.ok(await consume(approval));
  wait(APPROVAL_TTL_MS);
  assert.equal((await ask(CALL)).kind, 'asked');
});

test('after a quarter of an hour nobody can decide it and nobody can use it', async () => {
  const { ask, decide, consume, show, pending, wait, steps } = bench();
  const approval = approvalIn(await ask(CALL));
  wait(APPROVAL_TTL_MS - 1);
  assert.is((await pending(ACME)).length, 1);
  await decide('id-1', BOB, YES);
  wait(1);
  assert.not.ok(await consume(approval), 'approved in time and used too late');
  assert.equal(await pending(ACME), []);
  const next = approvalIn(await ask(CALL));
  wait(APPROVAL_TTL_MS);
  const late = await decide(next.id, BOB, YES);
  assert.equal(late.kind === 'not-decided' && late.why, 'expired');
  assert.is((await show(next.id, BOB))?.state, 'pending', 'it stays known for a while');
  assert.ok(steps.includes(`expired ${next.id}`));
});

test('a request is decided once, and the second approver learns who was first', async () => {
  const { ask, decide } = bench();
  await ask(CALL);
  const [one, two] = await Promise.all([
    decide('id-1', BOB, YES),
    decide('id-1', { ...BOB, user: 'carol' }, NO),
  ]);
  assert.is(one.kind, 'decided');
  assert.equal(two.kind === 'not-decided' && [two.why, two.approval?.decidedBy?.user], ['decided', 'bob']);
});

test('an approver of another tenant finds nothing', async () => {
  const { ask, decide, show, pending } = bench();
  await ask(CALL);
  const stranger = { ...BOB, tenant: 'other' };
  assert.equal(await decide('id-1', stranger, YES), { kind: 'not-decided', why: 'unknown' });
  assert.is(await show('id-1', stranger), undefined);
  assert.equal(await pending({ ...ACME, tenant: 'other' }), []);
  for (const id of ['id-9', '', 'id-1\u0000', '../id-1', 'x'.repeat(101)])
    assert.equal(await decide(id, BOB, YES), { kind: 'not-decided', why: 'unknown' });
});

test('with four eyes nobody approves their own request, and everybody may withdraw theirs', async () => {
  const own = { ...BOB, user: 'ada' };
  const strict = bench({ fourEyes: true });
  await strict.ask(CALL);
  const refused = await strict.decide('id-1', own, YES);
  assert.equal(refused.kind === 'not-decided' && refused.why, 'own');
  assert.is((await strict.decide('id-1', { ...own, user: 'bob' }, YES)).kind, 'decided');
  const back = bench({ fourEyes: true });
  await back.ask(CALL);
  assert.is((await back.decide('id-1', own, NO)).kind, 'decided');
  const loose = bench();
  await loose.ask(CALL);
  assert.is((await loose.decide('id-1', own, YES)).kind, 'decided');
});

test('a comment is limited in length', async () => {
  const { ask, decide } = bench();
  await ask(CALL);
  const decided = await decide('id-1', BOB, { approve: true, comment: `  ${'x'.repeat(900)}  ` });
  assert.is(decided.kind === 'decided' && decided.approval.comment?.length, 500);
});

test('one user cannot bury an approver, and others can still ask', async () => {
  const { ask } = bench();
  for (let n = 0; n < 100; n += 1) assert.is((await ask({ ...CALL, args: { n } })).kind, 'asked');
  assert.equal(await ask({ ...CALL, args: { n: 100 } }), { kind: 'too-many' });
  assert.is((await ask({ ...CALL, args: { n: 7 } })).kind, 'pending');
  const other = { ...CALL, principal: principalOf({ user: 'eve', tenant: 'acme', clientId: 'demo' }) };
  assert.is((await ask(other)).kind, 'asked');
});

test('a tenant has at most two thousand requests, no matter which of its users asks', async () => {
  const { ask, pending } = bench();
  const principal = (user: string, tenant = 'acme') => principalOf({ user, tenant, clientId: 'demo' });
  for (let at = 0; at < 2_000; at += 1)
    await ask({ ...CALL, principal: principal(`user-${at % 20}`), args: { at } });
  assert.is((await pending(ACME)).length, 2_000);
  assert.equal(await ask({ ...CALL, principal: principal('the last') }), { kind: 'too-many' });
  assert.is((await ask({ ...CALL, principal: principal('the last', 'other') })).kind, 'asked');
});

test('without a key, or with a short one, there are no approvals at all', () => {
  assert.throws(() => bench({ keys: [] }), /at least one key/);
  assert.throws(() => bench({ keys: [Buffer.alloc(16)] }), /expected at least 32 bytes, received 16/);
});

test('fifty uses at the same time run one call', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const [one, two] = [bench({ state }), bench({ state, newId: () => 'other' })] as const;
  const approval = approvalIn(await one.ask(CALL));
  await two.decide('id-1', BOB, YES);
  const used = await Promise.all(
    Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : two).consume(approval)),
  );
  assert.is(used.filter(Boolean).length, 1);
});

test('a waiter is notified of the decision and of the end, and stops on request', async () => {
  const waits = bench();
  await waits.ask(CALL);
  const forever = new AbortController();
  const decided = waits.waitForDecision('id-1', forever.signal);
  await waits.decide('id-1', BOB, YES);
  assert.is((await decided)?.state, 'approved');

  const silent = bench({ after: () => () => {} });
  await silent.ask(CALL);
  const heard = silent.waitForDecision('id-1', forever.signal);
  await silent.decide('id-1', BOB, YES);
  assert.is((await within(heard, 'a decision that needs no timer'))?.state, 'approved');

  const timers: (() => void)[] = [];
  const after = (_ms: number, run: () => void) => {
    timers.push(run);
    return () => {};
  };
  const late = bench({ after });
  await late.ask(CALL);
  const over = late.waitForDecision('id-1', forever.signal);
  await new Promise((done) => setImmediate(done));
  late.wait(APPROVAL_TTL_MS);
  timers.at(-1)?.();
  assert.is((await over)?.state, 'pending');
  assert.equal(late.steps, ['asked id-1', 'expired id-1']);

  const stopped = bench({ after });
  await stopped.ask(CALL);
  const reason = new Error('gone');
  const waiting = stopped.waitForDecision('id-1', forever.signal).catch((error: unknown) => error);
  await new Promise((done) => setImmediate(done));
  forever.abort(reason);
  assert.is(await waiting, reason);
  assert.is(await stopped.waitForDecision('id-9', new AbortController().signal), undefined);
});

test('equal calls that arrive at the same time and find no place are all refused', async () => {
  const { ask } = bench();
  for (let n = 0; n < 100; n += 1) await ask({ ...CALL, args: { n } });
  const outcomes = await Promise.all([ask(CALL), ask(CALL)]);
  assert.equal(outcomes, [{ kind: 'too-many' }, { kind: 'too-many' }]);
});

test('masked values take up room with their encrypted form', async () => {
  const { ask } = bench();
  const args = { ...CALL.args, words: 'x'.repeat(900 * 1024) };
  assert.is((await ask({ ...CALL, args })).kind, 'asked');
  assert.is((await ask({ ...CALL, args: { words: 'x'.repeat(100) } })).kind, 'too-many');
});

test('an approval does not run a later request for the same call', async () => {
  const { ask, decide, consume, wait } = bench();
  const first = approvalIn(await ask(CALL));
  wait(APPROVAL_TTL_MS);
  const second = approvalIn(await ask(CALL));
  await decide(second.id, BOB, YES);
  assert.not.ok(await consume(first));
  assert.ok(await consume(second));
});

test('a request that ended before its basis changed is recorded with how it ended', async () => {
  const basis = { tool: 'a'.repeat(64), version: '1', policy: 'p' };
  const later = { ...CALL, basis: { ...basis, version: '2' } };
  const used = bench();
  const approval = approvalIn(await used.ask({ ...CALL, basis }));
  await used.decide('id-1', BOB, YES);
  assert.ok(await used.consume(approval));
  const late = bench();
  await late.ask({ ...CALL, basis });
  late.wait(APPROVAL_TTL_MS);
  for (const [{ ask, steps }, end] of [
    [used, 'replay-refused id-1'],
    [late, 'expired id-1'],
  ] as const) {
    const asked = await ask(later);
    assert.equal([asked.kind, 'changed' in asked && asked.changed], ['asked', undefined]);
    assert.equal(steps.slice(-2), [end, 'asked id-2']);
  }
});

test('a request that was decided before its record failed is not withdrawn', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const [one, two] = [
    bench({
      state,
      onStep: async (step) => {
        if (step !== 'asked') return;
        assert.is((await two.decide('id-1', BOB, NO)).kind, 'decided');
        throw new Error('the disk is full');
      },
    }),
    bench({ state }),
  ];
  await one.ask(CALL).catch(() => {});
  assert.is((await two.ask(CALL)).kind, 'refused');
});

test('a request that is withdrawn ends the waits for it at once', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const two = bench({ state, after: () => () => {} });
  let waits: Promise<unknown> = Promise.resolve('nobody waited');
  const one = bench({
    state,
    onStep: async () => {
      waits = two.waitForDecision('id-1', new AbortController().signal);
      await turn();
      throw new Error('the disk is full');
    },
  });
  await one.ask(CALL).catch(() => {});
  assert.is(await within(waits, 'the end of the wait'), undefined);
});

test('a place that cannot be given back is an error for the operator, and the decision counts', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const errors: string[] = [];
  let isAway = false;
  const { ask, decide } = bench({
    onError: (error, about) => void errors.push(`${about}: ${String(error)}`),
    state: {
      ...state,
      update: (space, key, step) =>
        isAway && space === 'approval-places'
          ? Promise.reject(new StateUnavailable('away'))
          : state.update(space, key, step),
    },
  });
  await ask(CALL);
  isAway = true;
  assert.is((await decide('id-1', BOB, YES)).kind, 'decided');
  assert.equal(errors, ['approval.failed: StateUnavailable: away']);
});

test('while the state cannot be reached, everything is refused', async () => {
  const away = () => Promise.reject(new StateUnavailable('away'));
  const state = {
    ...createMemoryState(() => new Date(NOON)),
    get: away,
    update: away,
    list: away,
    page: away,
  };
  const { ask, decide, pending, show } = bench({ state });
  for (const refused of [ask(CALL), decide('id-1', BOB, YES), pending(ACME), show('id-1', BOB)])
    assert.instance(await refused.catch((error: unknown) => error), StateUnavailable);
});

test('a step that cannot be recorded stops everything that depends on it', async () => {
  const steps: string[] = [];
  const approvals = createApprovals({
    state: createMemoryState(() => new Date(NOON)),
    server: 's',
    keys: KEYS,
    clock: () => new Date(NOON),
    sealer: () => createSealer(KEYS, () => new Date(NOON)),
    newId: () => 'id-1',
    onStep: async (step) => {
      steps.push(step);
      if (step === 'consumed') throw new Error('the disk is full');
    },
  });
  const approval = approvalIn(await approvals.ask(CALL));
  await approvals.decide('id-1', BOB, YES);
  const used = await approvals.consume(approval).catch((error: Error) => error.message);
  assert.is(used, 'the disk is full');
  assert.equal(steps, ['asked', 'approved', 'consumed']);
});

test('an approval that another replica has used answers no call: a person is asked again', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const [one, two] = [bench({ state }), bench({ state, newId: () => 'other' })];
  const approval = approvalIn(await one.ask(CALL));
  await one.decide('id-1', BOB, YES);
  assert.ok(await one.consume(approval));
  const next = await two.ask(CALL);
  assert.equal([next.kind, approvalIn(next).id], ['asked', 'other']);
  assert.equal(two.steps, ['replay-refused id-1', 'asked other']);
});

test('a step is recorded with the approval as it is after the step', async () => {
  const states: string[] = [];
  const { ask, decide, consume } = bench({
    onStep: async (step, { state }) => void states.push(`${step}: ${state}`),
  });
  const approval = approvalIn(await ask(CALL));
  await decide('id-1', BOB, YES);
  await consume(approval);
  assert.equal(states, ['asked: pending', 'approved: approved', 'consumed: consumed']);
});

test('those who watch the lists are called at each change, until they stop', async () => {
  const { ask, decide, watch } = bench();
  let calls = 0;
  const stop = watch(() => {
    calls += 1;
  });
  await ask(CALL);
  const afterRequest = calls;
  assert.ok(afterRequest > 0);
  await decide('id-1', BOB, YES);
  const afterDecision = calls;
  assert.ok(afterDecision > afterRequest);
  stop();
  await ask({ ...CALL, args: { n: 2 } });
  assert.is(calls, afterDecision);
});

test('an approver sees the arguments as they are stored when no others are known', async () => {
  const { ask, show } = bench({ reveal: 'never' });
  const approval = approvalIn(await ask({ ...CALL, args: { project: 'OPS' } }));
  assert.equal(await show('id-1', BOB), approval);
});

test('a request that replaced one whose record failed is not withdrawn', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const two = bench({ state, newId: () => 'other' });
  const one = bench({
    state,
    onStep: async () => {
      two.wait(APPROVAL_TTL_MS);
      assert.is((await two.ask(CALL)).kind, 'asked');
      throw new Error('the disk is full');
    },
  });
  await one.ask(CALL).catch(() => {});
  const found = await two.ask(CALL);
  assert.equal([found.kind, approvalIn(found).id], ['pending', 'other']);
});

const shared = createMemoryState(() => new Date(NOON));
recordedStepTests(test, () => shared);
forgedRowTests(test, () => ({ state: shared, writer: memoryWriter(shared) }));
fourEyesTests(test, () => shared);
limitTests(test, () => shared);
waiterTests(test, () => shared);

test.run();
