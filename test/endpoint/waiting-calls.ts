/** Calls that wait for a person never run unapproved, multiply, or leave anything behind, over any shared state. */
import { createHash } from 'node:crypto';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Approval } from '../../src/governance/approval/approval.js';
import type { Approvals } from '../../src/governance/approval/approvals.js';
import { tamper } from '../approval/rows.js';
import { csrfOf, openBench, signedIn } from '../approver/bench.js';
import { approvable, type Shared } from './approvable.js';
import type { Json } from './guarded.js';

const errorOf = (task: Json) => task.error as { code: number; message: string };

export function waitingCallTests(test: Test, open: () => Shared): void {
  const stepsIn = (records: readonly Json[]) =>
    records.filter(({ kind }) => kind === 'approval').map(({ outcome }) => outcome);
  const only = (approvals: readonly Approval[]): Approval => {
    const [first] = approvals;
    if (first === undefined || approvals.length > 1) throw new Error(`${approvals.length} requests wait`);
    return first;
  };

  test('of equal calls that wait for one approval one runs, and the others leave no request behind', async () => {
    const endpoint = await approvable(open());
    const ids = await Promise.all([1, 2, 3, 4].map(() => endpoint.begin()));
    await Promise.all(ids.map((id) => endpoint.until(id, 'input_required')));
    await endpoint.decide(only(await endpoint.pending()).id);
    const ends = await Promise.all(
      ids.map(async (id) => {
        for (;;) {
          const task = await endpoint.task(id);
          if (task.status === 'completed' || task.status === 'failed') return task;
        }
      }),
    );
    assert.is(ends.filter(({ status }) => status === 'completed').length, 1);
    for (const task of ends.filter(({ status }) => status === 'failed')) {
      assert.is(errorOf(task).code, 403);
      assert.match(errorOf(task).message, /the approval was used by an equal call/);
    }
    assert.is(endpoint.runs(), 1);
    assert.equal(await endpoint.pending(), [], 'an invented request');
    assert.is(stepsIn(endpoint.records()).filter((step) => step === 'asked').length, 1);
    // Sending the call again makes a new request, which the caller knows of.
    assert.is((await endpoint.once()).status, 403);
    assert.is((await endpoint.pending()).length, 1);
  });

  test('equal calls whose request a person refuses, or nobody decides, end without another request', async () => {
    const refused = await approvable(open());
    const ids = await Promise.all([1, 2].map(() => refused.begin()));
    await Promise.all(ids.map((id) => refused.until(id, 'input_required')));
    await refused.decide(only(await refused.pending()).id, false);
    for (const id of ids)
      assert.match(errorOf(await refused.until(id, 'failed')).message, /a person refused/);
    assert.equal(stepsIn(refused.records()), ['asked', 'refused']);

    const late = await approvable(open());
    const waiting = await Promise.all([1, 2].map(() => late.begin()));
    await Promise.all(waiting.map((id) => late.until(id, 'input_required')));
    late.clock.ahead = 15 * 60_000;
    for (const id of waiting)
      assert.match(errorOf(await late.until(id, 'failed')).message, /nobody approved/);
    assert.equal(await late.pending(), []);
    assert.equal(stepsIn(late.records()), ['asked', 'expired']);
  });

  test('a caller has as many calls waiting as its share; one more is refused with 429, asks for nothing, and stops nobody else', async () => {
    const endpoint = await approvable(open(), { waitingCallsPerPrincipal: 3 });
    const ids = await Promise.all([endpoint.begin(), endpoint.begin(), endpoint.begin({ n: 2 })]);
    for (const args of [{ n: 1 }, { n: 3 }]) {
      const full = await endpoint.call(args);
      assert.equal([full.status, full.body.error?.code, full.headers.get('retry-after')], [429, 429, '10']);
      assert.match(
        full.body.error?.message ?? '',
        /you have 3 of 10000 waiting calls.*--waiting-calls-per-principal/,
      );
    }
    assert.is((await endpoint.pending()).length, 2, 'a refused call leaves no request');
    assert.is((await endpoint.call({ n: 1 }, { sub: 'eve' })).body.result?.resultType, 'task');
    // A call that does not wait takes no place.
    assert.is((await endpoint.once({ n: 4 })).status, 403);
    const mine = (await endpoint.pending()).find(
      ({ user, args }) => user === 'ada' && (args as Json).n === 2,
    );
    await endpoint.decide(mine?.id ?? '');
    await endpoint.until(ids[2] ?? '', 'completed');
    assert.is(
      (await endpoint.call({ n: 5 })).body.result?.resultType,
      'task',
      'a call that ended makes room',
    );
    assert.is((await endpoint.call({ n: 1 })).status, 429);
    await endpoint.cancel(ids[0] ?? '');
    await endpoint.until(ids[0] ?? '', 'cancelled');
    assert.is((await endpoint.call({ n: 1 })).body.result?.resultType, 'task', 'and so does a cancelled one');
  });

  test('a call that cannot become a task asks nobody, and leaves no request behind', async () => {
    const endpoint = await approvable(open(), { tasksPerPrincipal: 1 });
    const id = await endpoint.begin({ n: 1 });
    await endpoint.until(id, 'input_required');
    const full = await endpoint.call({ n: 2 });
    assert.equal([full.status, full.body.error?.code], [429, 429]);
    assert.match(full.body.error?.message ?? '', /--tasks-per-principal/);
    assert.is((await endpoint.pending()).length, 1, 'a request whose caller was never told of it');
    await endpoint.decide(only(await endpoint.pending()).id);
    await endpoint.until(id, 'completed');
    assert.is((await endpoint.call({ n: 2 })).body.result?.resultType, 'task', 'an ended call makes room');
  });

  test('a waiting call does not run when somebody else sets its row to approved, and the audit log says so', async () => {
    const endpoint = await approvable(open());
    const id = await endpoint.begin();
    await endpoint.until(id, 'input_required');
    const request = only(await endpoint.pending());
    const decidedBy = { issuer: request.issuer, user: 'the-ceo' };
    await tamper(endpoint.writer, request, (row) => ({
      ...row,
      state: 'approved',
      decidedBy,
      decidedVia: 'page',
      decidedAt: Date.now(),
    }));
    const task = await endpoint.until(id, 'failed');
    assert.match(errorOf(task).message, /the request for approval is no longer there/);
    assert.is((await endpoint.once()).status, 403);
    assert.is(endpoint.runs(), 0);
    const refusals = endpoint.records().filter(({ outcome }) => outcome === 'seal-refused');
    assert.ok(refusals.length >= 1);
    for (const record of refusals) {
      assert.is(record.approvalId, request.id);
      assert.not.match(JSON.stringify(record), /the-ceo/);
    }
  });

  test('the record of an approval that is used names who gave it, and where', async () => {
    const endpoint = await approvable(open());
    await endpoint.once();
    const { id, issuer } = only(await endpoint.pending());
    await endpoint.decide(id);
    assert.is((await endpoint.once()).status, 200);
    const consumed = endpoint.records().find(({ outcome }) => outcome === 'consumed');
    assert.equal(consumed?.approver, { issuer, user: 'bob', via: 'page' });
    if (consumed === undefined) throw new Error('nothing was used');
    const { hash, principal, ...others } = consumed;
    assert.is((principal as Json).user, 'ada');
    const rest = { ...others, principal };
    // The line is canonical with the new member in it: its hash is that of the line without the hash.
    const canonical = JSON.stringify(
      Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))),
    );
    assert.is(createHash('sha256').update(canonical).digest('hex'), hash);
  });

  test('while the audit log cannot be written no step counts: the page answers 500, and nothing is approved, refused, requested or used', async () => {
    let approvals: Approvals | undefined;
    const decider = (): Approvals => {
      if (approvals === undefined) throw new Error('not yet');
      return approvals;
    };
    const pages = await openBench({
      service: {
        pending: (tenant) => decider().pending(tenant),
        decided: (tenant) => decider().decided(tenant),
        show: (id, approver) => decider().show(id, approver),
        decide: (id, approver, verdict) => decider().decide(id, approver, verdict),
        watch: (listener) => decider().watch(listener),
      },
    });
    try {
      const endpoint = await approvable(open(), { issuer: pages.issuer });
      approvals = endpoint.approvals;
      const bob = await signedIn(pages, { sub: 'bob', tenant: 'default' });
      const statesNow = async () => (await endpoint.pending()).map(({ state }) => state);

      for (const broken of ['write', 'sync'] as const) {
        const n = broken === 'write' ? 1 : 2;
        endpoint.fault[broken] = 'ENOSPC';
        assert.is((await endpoint.once({ n })).status, 503);
        assert.equal(await statesNow(), [], `${broken}: a request that is not recorded does not exist`);
        endpoint.fault[broken] = undefined;
        assert.is((await endpoint.once({ n })).status, 403);
        const { id } = only(await endpoint.pending());
        const csrf = csrfOf(await bob.get(`/approvals/${id}`));
        const press = (verdict: string) => bob.post(`/approvals/${id}`, { csrf, verdict });

        endpoint.fault[broken] = 'ENOSPC';
        for (const verdict of ['approve', 'refuse', 'approve']) {
          assert.is((await press(verdict)).status, 500, `${broken}: ${verdict}`);
          assert.equal(await statesNow(), ['pending'], `${broken}: ${verdict} does not stand`);
        }
        endpoint.fault[broken] = undefined;
        assert.is((await endpoint.once({ n })).status, 403, 'and nothing runs with it later');

        assert.is((await press('approve')).status, 303);
        endpoint.fault[broken] = 'ENOSPC';
        assert.is(
          (await endpoint.once({ n })).status,
          503,
          `${broken}: a use that is not recorded does not count`,
        );
        assert.is(endpoint.runs(), n - 1);
        endpoint.fault[broken] = undefined;
        assert.is((await endpoint.once({ n })).status, 200);
        assert.is(endpoint.runs(), n);
      }
      const approved = endpoint.records().filter(({ outcome }) => outcome === 'approved');
      assert.ok(approved.every(({ principal }) => (principal as Json).user === 'bob'));
    } finally {
      await pages.close();
    }
  });
}
