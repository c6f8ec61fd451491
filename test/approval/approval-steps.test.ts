import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Approval, bindingOf } from '../../src/governance/approval/approval.js';
import { type ApprovalStep, recordSteps } from '../../src/governance/approval/approval-steps.js';
import type { AuditEntry } from '../../src/governance/audit/record.js';
import { BOB, CALL } from './bench.js';

const test = suite('approval/approval-steps');

const { issuer } = BOB;
const ASKED: Approval = {
  ...bindingOf('s', CALL),
  id: 'id-1',
  args: { project: 'OPS' },
  reason: 'needs a person',
  createdAt: 1_000,
  expiresAt: 2_000,
  fourEyes: false,
  state: 'pending',
};
const DECIDED: Approval = { ...ASKED, decidedBy: { issuer, user: 'bob' }, decidedVia: 'slack' };
const COMMON = {
  kind: 'approval',
  tenant: 'acme',
  issuer,
  principal: { issuer, user: 'ada', clientId: 'demo' },
  server: 's',
  tool: 'jira.create',
  args: { project: 'OPS' },
  approvalId: 'id-1',
};
const NEEDED = { allow: false, reason: 'needs a person' };
const BY_BOB = { issuer, user: 'bob', clientId: 'page' };

async function recorded(...taken: Parameters<ReturnType<typeof recordSteps>>) {
  const records: [entry: AuditEntry, isDurable: boolean | undefined][] = [];
  const log = {
    append: async (entry: AuditEntry, { durable }: { durable?: boolean } = {}) =>
      void records.push([entry, durable]),
    healthy: true,
  };
  await recordSteps({ log })(...taken);
  return records;
}

test("a step without a person is recorded as the caller's, with the reason of the policy", async () => {
  const steps: ApprovalStep[] = ['asked', 'expired', 'consumed', 'replay-refused', 'voided', 'seal-refused'];
  for (const step of steps)
    assert.equal(await recorded(step, ASKED), [[{ ...COMMON, outcome: step, decision: NEEDED }, true]], step);
});

test("a look is recorded as the approver's, and need not be on disk first", async () => {
  const entry = { ...COMMON, principal: BY_BOB, outcome: 'shown', decision: NEEDED };
  assert.equal(await recorded('shown', ASKED, BOB), [[entry, false]]);
});

test("a verdict is recorded as the approver's, with their words or else the verdict itself", async () => {
  for (const [step, allow] of [
    ['approved', true],
    ['refused', false],
  ] as const)
    for (const [comment, reason] of [
      ['not on Fridays', 'not on Fridays'],
      ['', step],
    ] as const)
      assert.equal(await recorded(step, { ...DECIDED, comment }, BOB), [
        [{ ...COMMON, principal: BY_BOB, outcome: step, decision: { allow, reason } }, true],
      ]);
});

test('the record of a use names the approver and the channel, and no other record does', async () => {
  const use = { ...COMMON, outcome: 'consumed', decision: NEEDED };
  assert.equal(await recorded('consumed', DECIDED), [
    [{ ...use, approver: { issuer, user: 'bob', via: 'slack' } }, true],
  ]);
  const { decidedVia: _, ...unknownWay } = DECIDED;
  assert.equal(await recorded('consumed', unknownWay), [
    [{ ...use, approver: { issuer, user: 'bob', via: '' } }, true],
  ]);
  const [[replay] = []] = await recorded('replay-refused', DECIDED);
  assert.is(replay?.approver, undefined);
});

test.run();
