/** What approvers see of arguments that are masked elsewhere, and that nobody can approve arguments that they cannot see. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { cardOf } from '../../src/governance/approval/slack/card.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { BOB, bench, CALL, KEYS, NO, NOON, YES } from './bench.js';

const test = suite('approval/reveal');
const REAL = { project: 'OPS', summary: 'mail bob@example.com' };
const MASKED = { project: 'OPS', summary: 'mail [email]' };
const slack = { ...BOB, via: 'slack' } as const;

test('an approver on the page sees what the tool receives, and the log says who did', async () => {
  const approvals = bench();
  await approvals.ask(CALL);
  const shown = await approvals.show('id-1', BOB);
  assert.equal([shown?.args, shown?.realArgs], [MASKED, REAL]);
  assert.equal(approvals.steps, ['asked id-1', 'revealed id-1 bob']);
  assert.is(await approvals.show('id-1', { ...BOB, tenant: 'other' }), undefined);
});

test('two calls that look the same when masked are two different calls to the approver', async () => {
  const approvals = bench();
  await approvals.ask(CALL);
  await approvals.ask({ ...CALL, args: { ...REAL, summary: 'mail carol@example.com' } });
  const [one, two] = [await approvals.show('id-1', BOB), await approvals.show('id-2', BOB)];
  assert.equal(one?.args, two?.args);
  assert.not.equal(one?.realArgs, two?.realArgs);
});

test('the state never holds a masked value in clear text, and holds none at all after a decision', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const approvals = bench({ state });
  await approvals.ask(CALL);
  const rows = async (): Promise<string> => JSON.stringify((await approvals.pending(BOB)) ?? []);
  assert.match(await rows(), '"sealed"');
  assert.not.match(await rows(), 'bob@example.com');
  await approvals.decide('id-1', BOB, YES);
  const decided = await approvals.show('id-1', BOB);
  assert.equal([decided?.state, decided?.sealed, decided?.realArgs], ['approved', undefined, undefined]);
  assert.is(approvals.steps.at(-1), 'shown id-1 bob');
});

test('arguments with nothing to mask are stored once, and can be approved anywhere', async () => {
  const approvals = bench({ reveal: 'never' });
  const asked = await approvals.ask({ ...CALL, args: { project: 'OPS' } });
  assert.ok('approval' in asked);
  assert.equal([asked.approval.masked, asked.approval.sealed], [undefined, undefined]);
  assert.is((await approvals.decide('id-1', slack, YES)).kind, 'decided');
});

test('a masked call can be approved on the page only, and refused anywhere', async () => {
  const approvals = bench();
  await approvals.ask(CALL);
  const pressed = await approvals.decide('id-1', slack, YES);
  assert.ok(pressed.kind === 'not-decided' && pressed.why === 'masked');
  assert.is((await approvals.decide('id-1', BOB, YES)).kind, 'decided');
  await approvals.ask({ ...CALL, args: { ...REAL, project: 'PAY' } });
  assert.is((await approvals.decide('id-2', slack, NO)).kind, 'decided');
});

test('where nobody may see masked values, or nothing encrypts them, they are not stored, and the call can only be refused', async () => {
  for (const given of [{ reveal: 'never' }, { sealer: undefined }] as const) {
    const approvals = bench(given);
    const asked = await approvals.ask(CALL);
    assert.ok('approval' in asked);
    assert.equal([asked.approval.masked, asked.approval.sealed], [true, undefined]);
    assert.is((await approvals.show('id-1', BOB))?.realArgs, undefined);
    const decided = await approvals.decide('id-1', BOB, YES);
    assert.ok(decided.kind === 'not-decided' && decided.why === 'masked');
    assert.is((await approvals.decide('id-1', BOB, NO)).kind, 'decided');
  }
});

test('a replica that shows masked values to nobody, or has no key for them, does not show those that another one stored', async () => {
  const state = createMemoryState(() => new Date(NOON));
  await bench({ state }).ask(CALL);
  for (const given of [{ reveal: 'never' }, { sealer: undefined }] as const) {
    const approvals = bench({ state, ...given });
    assert.is((await approvals.show('id-1', BOB))?.realArgs, undefined);
    assert.equal(approvals.steps, ['shown id-1 bob']);
    const decided = await approvals.decide('id-1', BOB, YES);
    assert.ok(decided.kind === 'not-decided' && decided.why === 'masked');
  }
});

test('another key, or the arguments of another approval, open nothing', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const own = bench({ state });
  const asked = await own.ask(CALL);
  const other = bench({ state, sealer: () => createSealer([Buffer.alloc(32, 9)], () => new Date(NOON)) });
  assert.is((await other.show('id-1', BOB))?.realArgs, undefined);
  const sealer = createSealer(KEYS, () => new Date(NOON));
  const sealed = 'approval' in asked ? (asked.approval.sealed ?? '') : '';
  assert.is(await sealer.open(sealed, 'arguments of id-1'), JSON.stringify(REAL));
  assert.is(await sealer.open(sealed, 'arguments of id-2'), undefined);
});

test('a card in Slack has no button that approves what it masks', async () => {
  const approvals = bench();
  const masked = await approvals.ask(CALL);
  const plain = await approvals.ask({ ...CALL, args: { project: 'OPS' } });
  assert.ok('approval' in masked && 'approval' in plain);
  const actionsOf = (approval: typeof masked.approval): string[] =>
    [...JSON.stringify(cardOf(approval, 'https://page')).matchAll(/"action_id":"(\w+)"/g)].map(
      ([, id = '']) => id,
    );
  assert.equal(actionsOf(masked.approval), ['refuse', 'open']);
  assert.equal(actionsOf(plain.approval), ['approve', 'refuse', 'open']);
  assert.match(JSON.stringify(cardOf(masked.approval, 'https://page')), /Some arguments are masked here/);
});

test.run();
