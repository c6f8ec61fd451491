/** Which approvals an approver sees and can decide: four-eyes, issuers and tenants; over either engine. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import type { Approval } from '../../src/governance/approval/approval.js';
import { principalOf } from '../mcp/ask.js';
import { ACME, type Bench, BOB, bench, CALL, NO, YES } from './bench.js';

export function fourEyesTests(test: Test, open: () => SharedState): void {
  let servers = 0;
  /** Two replicas of one server, whose modes differ. */
  const replicas = (one: boolean, two: boolean): [Bench, Bench] => {
    servers += 1;
    const server = `four-eyes-${servers}`;
    const [first, second] = [one, two].map((fourEyes, at) => {
      let ids = 0;
      return bench({ server, fourEyes, state: open(), newId: () => `${server}-${at}-${++ids}` });
    });
    if (first === undefined || second === undefined) throw new Error('there are two');
    return [first, second];
  };
  const request = async (approvals: Bench, call = CALL): Promise<Approval> => {
    const asked = await approvals.ask(call);
    if (asked.kind === 'too-many') throw new Error('there are too many');
    return asked.approval;
  };
  const own = { ...BOB, user: 'ada' };

  test('the four-eyes rule is stored with the request: a replica in a laxer mode obeys it', async () => {
    const [strict, lax] = replicas(true, false);
    const { id, fourEyes } = await request(strict);
    assert.ok(fourEyes);
    const refused = await lax.decide(id, own, YES);
    assert.equal(refused.kind === 'not-decided' && refused.why, 'own');
    assert.is((await lax.decide(id, own, NO)).kind, 'decided', 'everybody may withdraw their own request');
  });

  test('where self-approval is allowed, such an approval runs nothing at a replica that requires four eyes', async () => {
    const [lax, strict] = replicas(false, true);
    const approval = await request(lax);
    assert.is((await lax.decide(approval.id, own, YES)).kind, 'decided');
    assert.not.ok(await strict.consume(approval));
    const asked = await strict.ask(CALL);
    assert.is(asked.kind, 'asked');
    assert.equal(
      strict.steps.map((step) => step.split(' ')[0]),
      ['replay-refused', 'voided', 'asked'],
    );
    if (asked.kind === 'too-many') throw new Error('there are too many');
    assert.is((await lax.decide(asked.approval.id, BOB, YES)).kind, 'decided');
    assert.ok(await strict.consume(asked.approval));
  });

  test('the approval of somebody who is no longer an approver runs nothing, and a person is asked again', async () => {
    servers += 1;
    const left = new Set<string>();
    const given = { server: `four-eyes-${servers}`, newId: () => `left-${servers}-${++ids}` };
    let ids = 0;
    const isApprover = ({ decidedBy }: Approval) => !left.has(decidedBy?.user ?? '');
    const [one, two] = [1, 2].map(() => bench({ ...given, fourEyes: true, isApprover, state: open() }));
    if (one === undefined || two === undefined) throw new Error('there are two');
    const approval = await request(one);
    assert.is((await one.decide(approval.id, BOB, YES)).kind, 'decided');
    left.add('bob');
    assert.not.ok(await two.consume(approval));
    assert.is((await two.ask(CALL)).kind, 'asked');
    left.delete('bob');
    assert.not.ok(await one.consume(approval), 'the request that replaced it is another one');
    const other = { ...CALL, args: {} };
    const { id } = await request(one, other);
    await one.decide(id, BOB, NO);
    left.add('bob');
    assert.is((await one.ask(other)).kind, 'refused', 'a refusal stays');
  });

  test('the deployment decides which accounts are the same person', async () => {
    servers += 1;
    const approvals = bench({
      server: `four-eyes-${servers}`,
      state: open(),
      newId: () => `same-person-${servers}`,
      fourEyes: true,
      isOwn: ({ user }, approver) => approver.user === `${user}@example.com`,
    });
    const { id } = await request(approvals);
    const refused = await approvals.decide(id, { ...BOB, user: 'ada@example.com' }, YES);
    assert.equal(refused.kind === 'not-decided' && refused.why, 'own');
    assert.is((await approvals.decide(id, BOB, YES)).kind, 'decided');
  });

  test('an approver of another issuer whose tenant has the same name sees nothing, looks at nothing and decides nothing', async () => {
    const [one, two] = replicas(false, false);
    const { id } = await request(one);
    const stranger = { ...BOB, issuer: 'https://other.example' };
    for (const approvals of [one, two]) {
      assert.equal(await approvals.pending(stranger), []);
      assert.is(await approvals.show(id, stranger), undefined);
      for (const verdict of [YES, NO])
        assert.equal(await approvals.decide(id, stranger, verdict), { kind: 'not-decided', why: 'unknown' });
      assert.equal(
        (await approvals.pending(ACME)).map((one) => one.id),
        [id],
      );
    }
    const principal = principalOf({ ...CALL.principal, issuer: stranger.issuer });
    const theirs = await request(two, { ...CALL, principal });
    assert.equal(
      (await one.pending(stranger)).map((one) => one.id),
      [theirs.id],
    );
    assert.equal(
      (await one.pending(ACME)).map((one) => one.id),
      [id],
    );
  });
}
