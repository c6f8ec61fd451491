/** What an approval is based on, and that it no longer counts once any of that has changed. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { isApproval } from '../../src/governance/approval/approval.js';
import { type Basis, basisOf, changeOf } from '../../src/governance/approval/basis.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import type { Tool } from '../../src/wire/mcp/definitions.js';
import { BOB, bench, CALL, NO, NOON, PENDING, YES } from './bench.js';

const test = suite('approval/basis');
const BASIS: Basis = { tool: 'a'.repeat(64), version: '1.0.0', policy: 'p1' };
const CHANGES: [name: keyof Basis, words: string][] = [
  ['tool', 'the tool'],
  ['version', "the server's version"],
  ['policy', 'the policy'],
];
const call = { ...CALL, basis: BASIS };

for (const [name, words] of CHANGES) {
  const later = { ...call, basis: { ...BASIS, [name]: 'other' } };

  test(`after a change of ${words}, an approved call is asked about again`, async () => {
    const approvals = bench();
    assert.is((await approvals.ask(call)).kind, 'asked');
    await approvals.decide('id-1', BOB, YES);
    const again = await approvals.ask(later);
    assert.equal([again.kind, 'changed' in again && again.changed], ['asked', words]);
    assert.equal(approvals.steps, ['asked id-1', 'approved id-1 bob', 'outdated id-1', 'asked id-2']);
  });

  test(`when ${words} has changed between the approval and its use, it is not used, and the rest is asked again`, async () => {
    const approvals = bench();
    await approvals.ask(call);
    await approvals.decide('id-1', BOB, YES);
    const approved = await approvals.ask(call);
    assert.ok('approval' in approved && approved.kind === 'approved');
    let recorded = 0;
    const record = async (): Promise<void> => {
      recorded += 1;
    };
    assert.is(await approvals.consume(approved.approval, record, later.basis), false);
    assert.is(recorded, 0, 'a refused use means that nothing ran');
    assert.is(
      await approvals.consume(approved.approval, record, BASIS),
      true,
      'it is still there for what was approved',
    );
    assert.is(recorded, 1);
  });

  test(`a refusal rests on the same: when ${words} has changed, a person is asked`, async () => {
    const approvals = bench();
    await approvals.ask(call);
    await approvals.decide('id-1', BOB, NO);
    assert.is((await approvals.ask(call)).kind, 'refused');
    assert.is((await approvals.ask(later)).kind, 'asked');
  });
}

test('two replicas with different versions do not use the approvals of each other', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const [old, upgraded] = [bench({ state }), bench({ state, newId: () => 'new-1' })];
  await old.ask(call);
  await old.decide('id-1', BOB, YES);
  const approved = await old.ask(call);
  assert.ok('approval' in approved);
  const { approval } = approved;
  const basis = { ...BASIS, version: '2.0.0' };
  assert.equal((await upgraded.ask({ ...call, basis })).kind, 'asked');
  assert.is(await old.consume(approval, async () => {}, BASIS), false, 'the row has another request now');
});

test('a row from before bases were stored rests on another version', () => {
  assert.is(changeOf(undefined, BASIS), "the server's version");
  assert.is(changeOf(BASIS, undefined), "the server's version");
  assert.is(changeOf(undefined, undefined), undefined);
  assert.ok(isApproval({ ...PENDING }));
  assert.ok(isApproval({ ...PENDING, basis: BASIS }));
  for (const basis of [{ tool: 'a' }, null, 'a']) assert.not(isApproval({ ...PENDING, basis }));
});

test('a tool is its definition and the code of its handler; a policy is its rules and limits', () => {
  const tool: Tool = {
    name: 'write',
    title: 'Write',
    description: 'Writes.',
    scope: 'write',
    destructive: true,
    inputSchema: { type: 'object' },
    handler: () => ({ content: [] }),
  };
  const server = { info: { name: 's', version: '1.0.0' }, policy: undefined };
  const own = basisOf(tool, server);
  assert.equal(basisOf({ ...tool }, server), own, 'the same definition at another replica');
  for (const other of [
    { ...tool, description: 'Deletes.' },
    { ...tool, inputSchema: { type: 'object', required: ['x'] } },
    { ...tool, handler: () => ({ content: [], isError: true }) },
  ])
    assert.is(changeOf(own, basisOf(other, server)), 'the tool');
  const clock = (): Date => new Date(NOON);
  const [policy, same, stricter] = [
    createPolicy({ name: 's', clock }),
    createPolicy({ name: 's', clock }),
    createPolicy({ name: 's', clock, limits: { payloadCaps: { write: 10 } } }),
  ];
  const with1 = basisOf(tool, { ...server, policy });
  assert.is(changeOf(with1, basisOf(tool, { ...server, policy: same })), undefined);
  assert.is(changeOf(with1, basisOf(tool, { ...server, policy: stricter })), 'the policy');
  const { revision: _, ...silent } = createPolicy({ name: 's', clock });
  assert.is(
    changeOf(own, basisOf(tool, { ...server, policy: silent })),
    undefined,
    'it does not describe its rules',
  );
  let revision = 'r1';
  const opa = { decide: async () => ({ allow: true, reason: 'ok' }), revision: () => revision };
  const engine = createPolicy({ name: 's', clock, opa });
  const before = basisOf(tool, { ...server, policy: engine });
  revision = 'r2';
  assert.is(changeOf(before, basisOf(tool, { ...server, policy: engine })), 'the policy');
});

test.run();
