/** Attacks by somebody with write access to the shared state but no approval key; over either engine. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { APPROVAL_TTL_MS, type Approval, bindingOf, keyOf } from '../../src/governance/approval/approval.js';
import { sealRow } from '../../src/governance/approval/rows.js';
import type { JsonObject } from '../../src/wire/value.js';
import { until } from '../support/until.js';
import { ACME, type Bench, BOB, bench, CALL, KEYS, NOON, YES } from './bench.js';
import { groupOf, tamper, type Writer } from './rows.js';

const WRONG_KEYS = [Buffer.alloc(32, 9)];
const DECIDED = {
  decidedBy: { issuer: BOB.issuer, user: 'bob' },
  decidedVia: 'page',
  decidedAt: NOON,
  comment: '',
};

export function forgedRowTests(test: Test, open: () => { state: SharedState; writer: Writer }): void {
  let servers = 0;
  const begin = (given: Parameters<typeof bench>[0] = {}) => {
    servers += 1;
    const server = `forged-${servers}`;
    const { state, writer } = open();
    const reads = { ended: 0 };
    const get: SharedState['get'] = (space, key) =>
      state.get(space, key).finally(() => {
        reads.ended += 1;
      });
    const errors: string[] = [];
    let ids = 0;
    const common = {
      server,
      state: { ...state, get },
      newId: () => `${server}-${++ids}`,
      onError: (error: unknown) => void errors.push(String(error)),
    };
    return { ...bench({ ...common, ...given }), common, server, writer, errors, reads };
  };
  const request = async (approvals: Bench): Promise<Approval> => {
    const asked = await approvals.ask(CALL);
    if (asked.kind === 'too-many') throw new Error('there are too many');
    return asked.approval;
  };
  const names = (steps: readonly string[]) => steps.map((step) => step.split(' ')[0]);

  test('a row that somebody else has set to approved is not an approval: the call is asked about again, and that is recorded', async () => {
    const one = begin();
    const approval = await request(one);
    await tamper(one.writer, approval, (row) => ({ ...row, ...DECIDED, state: 'approved' }));
    const asked = await one.ask(CALL);
    assert.is(asked.kind, 'asked');
    assert.not.ok(await one.consume(approval));
    assert.equal(names(one.steps), ['asked', 'seal-refused', 'asked', 'replay-refused']);
    assert.match(one.errors.join(), /does not match its seal/);
    assert.is(one.errors.length, 1, 'each such row is reported once');
  });

  test('without a key nobody can change what an approver sees, when it ends, whose it is, or the four-eyes rule', async () => {
    const changes: JsonObject[] = [
      { args: { project: 'OPS', summary: 'harmless' } },
      { reason: 'nothing to see here' },
      { expiresAt: NOON + 10 * APPROVAL_TTL_MS },
      { createdAt: NOON + 1 },
      { fourEyes: false },
      { user: 'eve' },
      { tenant: 'other' },
      { issuer: 'https://other.example' },
      { clientId: 'other' },
      { tool: 'jira.search' },
      { digest: '0'.repeat(64) },
      { reservation: { by: 'nobody', until: NOON * 2 } },
      { committedBy: 'somebody' },
      { more: true },
      { seal: undefined },
      { seal: '' },
      { seal: 7 },
    ];
    for (const change of changes) {
      const one = begin({ fourEyes: true });
      const approval = await request(one);
      await tamper(one.writer, approval, (row) => ({ ...row, ...change }));
      const said = JSON.stringify(change);
      assert.is(await one.show(approval.id, BOB), undefined, said);
      assert.equal(await one.decide(approval.id, BOB, YES), { kind: 'not-decided', why: 'unknown' }, said);
      assert.equal(await one.pending(ACME), [], said);
      assert.is((await one.ask(CALL)).kind, 'asked', said);
    }
  });

  test('the record of a forged row has the first hundred characters of its id, or says that it has none', async () => {
    for (const [id, recorded] of [
      ['x'.repeat(101), 'x'.repeat(100)],
      [7, 'unknown'],
    ] as const) {
      const one = begin();
      const approval = await request(one);
      await tamper(one.writer, approval, (row) => ({ ...row, id }));
      assert.is((await one.ask(CALL)).kind, 'asked');
      assert.is(one.steps[1], `seal-refused ${recorded}`);
    }
  });

  test('an approval cannot be moved to another call, nor to another request for the same call', async () => {
    const one = begin();
    const approval = await request(one);
    await one.decide(approval.id, BOB, YES);
    const approved = await one.writer.read('approval', keyOf(approval));
    const other = { ...CALL, args: { project: 'OPS', summary: 'something else' } };
    const key = keyOf(bindingOf(one.server, other));
    const expiresAt = NOON + 2 * APPROVAL_TTL_MS;
    for (const value of [approved, { ...approved, digest: bindingOf(one.server, other).digest }]) {
      await one.writer.write('approval', key, { value, expiresAt });
      const asked = await one.ask(other);
      assert.is(asked.kind, 'asked');
      if (asked.kind === 'too-many') throw new Error('there are too many');
      // A pointer to another approval's row does not reveal that row.
      await one.writer.write('approval-id', asked.approval.id, {
        value: { key: keyOf(approval) },
        expiresAt,
      });
      assert.is(await one.show(asked.approval.id, BOB), undefined);
      await one.writer.write('approval', key, { value: {}, expiresAt: 0 });
    }
  });

  test('an invented row, or one sealed with another key, is not a request: a replica without an approval key creates none', async () => {
    const one = begin();
    const binding = bindingOf(one.server, CALL);
    const times = { createdAt: NOON, expiresAt: NOON + APPROVAL_TTL_MS };
    const made = { ...binding, ...times, id: 'made-up', args: {}, reason: 'x', fourEyes: false };
    const approved: Approval = { ...made, ...DECIDED, state: 'approved' };
    const text = JSON.stringify({ ...approved, seal: 'AAAA' });
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const rows: (JsonObject | string)[] = [
      { ...approved },
      { ...approved, seal: 'AAAA' },
      sealRow(approved, WRONG_KEYS),
      text.replace(`"expiresAt":${approved.expiresAt}`, '"expiresAt":1e999'),
      text.replace('"args":{}', `"args":${deep}`),
      text.replace('"id":"made-up"', `"id":${deep}`),
      text.replace('"seal":"AAAA"', `"seal":${deep}`),
      `${text.slice(0, -1)},"__proto__":{"seal":"AAAA"}}`,
    ];
    for (const value of rows) {
      const expiresAt = NOON + 2 * APPROVAL_TTL_MS;
      await one.writer.write('approval', keyOf(binding), { value, expiresAt, group: groupOf(binding) });
      await one.writer.write('approval-id', 'made-up', { value: { key: keyOf(binding) }, expiresAt });
      assert.equal(await one.pending(ACME), []);
      assert.is(await one.show('made-up', BOB), undefined);
      assert.is((await one.ask(CALL)).kind, 'asked');
      await one.writer.write('approval', keyOf(binding), { value: {}, expiresAt: 0 });
    }
  });

  test('an approval that was used up runs nothing again in its process, even if its row is put back', async () => {
    const one = begin();
    const approval = await request(one);
    await one.decide(approval.id, BOB, YES);
    const approved = await one.writer.read('approval', keyOf(approval));
    assert.ok(await one.consume(approval));
    await tamper(one.writer, approval, () => approved);
    assert.not.ok(await one.consume(approval));
    const again = await one.ask(CALL);
    assert.is(again.kind, 'asked');
    assert.is(again.kind === 'asked' && again.approval.id === approval.id, false);
    assert.equal(names(one.steps).slice(2), ['consumed', 'replay-refused', 'replay-refused', 'asked']);
  });

  test('a waiter is not let through when its row is changed behind its back, and the change is recorded', async () => {
    const one = begin();
    const approval = await request(one);
    const before = one.reads.ended;
    const waits = one.waitForDecision(approval.id, AbortSignal.timeout(10_000));
    // The pointer, its row, and that row once more after listening has begun.
    await until(() => one.reads.ended >= before + 3, 'the first look');
    await tamper(one.writer, approval, (row) => ({ ...row, ...DECIDED, state: 'approved' }));
    assert.is(await waits, undefined);
    assert.equal(one.steps, [`asked ${approval.id}`, `seal-refused ${approval.id}`]);
  });

  test('the first key seals and every key opens, so that keys can be replaced while requests wait', async () => {
    const [old, fresh] = [KEYS[0] ?? Buffer.alloc(0), Buffer.alloc(32, 2)];
    const one = begin({ keys: [old] });
    const approval = await request(one);
    const both = bench({ ...one.common, keys: () => [fresh, old] });
    assert.is((await both.ask(CALL)).kind, 'pending');
    await both.decide(approval.id, BOB, YES);
    const next = bench({ ...one.common, keys: [fresh] });
    assert.is((await next.ask(CALL)).kind, 'approved');
    assert.ok(await next.consume(approval));
    // A row sealed only with the removed key is not valid, so approval is requested again.
    assert.is((await one.ask({ ...CALL, tool: 'jira.delete' })).kind, 'asked');
    assert.is((await next.ask({ ...CALL, tool: 'jira.delete' })).kind, 'asked');
  });

  test('rows of the version before seals are read but approve nothing: each call is asked about again and can then run', async () => {
    for (const state of ['pending', 'approved', 'refused', 'consumed'] as const)
      for (const grouped of [false, true]) {
        const one = begin();
        const binding = bindingOf(one.server, CALL);
        const key = keyOf(binding);
        const expiresAt = NOON + APPROVAL_TTL_MS;
        const value = {
          ...binding,
          id: 'earlier',
          args: { project: 'OPS', summary: 'mail [email]' },
          reason: CALL.reason,
          createdAt: NOON,
          expiresAt,
          state,
          ...(state === 'pending' ? {} : DECIDED),
          ...(state === 'consumed' ? { consumedAt: NOON, committedBy: 'a replica' } : {}),
        };
        const group = grouped ? { group: groupOf(binding) } : {};
        await one.writer.write('approval', key, { value, expiresAt: expiresAt + 3_600_000, ...group });
        await one.writer.write('approval-id', 'earlier', { value: { key }, expiresAt });
        assert.is(await one.show('earlier', BOB), undefined);
        assert.equal(await one.decide('earlier', BOB, YES), { kind: 'not-decided', why: 'unknown' });
        assert.match(one.errors.join(), /has no seal: an earlier version wrote it/);
        const asked = await one.ask(CALL);
        assert.is(asked.kind, 'asked', state);
        if (asked.kind === 'too-many') throw new Error('there are too many');
        assert.is.not(
          asked.approval.id,
          'earlier',
          'a decision on the page of the earlier request decides nothing',
        );
        assert.equal(
          (await one.pending(ACME)).map(({ id }) => id),
          [asked.approval.id],
        );
        await one.decide(asked.approval.id, BOB, YES);
        assert.ok(await one.consume(asked.approval));
        assert.equal(one.steps.slice(0, 2), ['seal-refused earlier', `asked ${asked.approval.id}`]);
      }
  });
}
