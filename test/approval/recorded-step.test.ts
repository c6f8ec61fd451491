/** What a step does when its row goes away, whatever its own check says. The rest is in recorded-steps.ts, over each shared state. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { type Approval, keyOf } from '../../src/governance/approval/approval.js';
import { takeStep } from '../../src/governance/approval/recorded-step.js';
import { createRows, type Rows } from '../../src/governance/approval/rows.js';
import { after } from '../../src/wire/clock.js';
import { BINDING, KEYS, NOON, PENDING } from './bench.js';

const test = suite('approval/recorded-step');
const KEY = keyOf(BINDING);

/** One step that anything may take; `interfere` changes the row while the step is recorded for the first time. */
async function stepWith(interfere: (rows: Rows, remove: () => Promise<void>) => Promise<void>) {
  const state = createMemoryState(() => new Date(NOON));
  const now = (): number => NOON;
  const rows = createRows({ state, server: 's', keys: () => KEYS, now, onError: () => {} });
  const remove = () =>
    state.update('approval', KEY, () => ({ result: undefined, put: { value: {}, expiresAt: 0 } }));
  await rows.update(KEY, () => rows.put(PENDING));
  const steps: string[] = [];
  const record = async (): Promise<void> => {
    if (steps.push('recorded') === 1) await interfere(rows, remove);
  };
  const onVoided = async ({ id }: Approval) => void steps.push(`voided ${id}`);
  const step = { key: KEY, check: () => undefined, record, apply: (approval: Approval) => approval };
  const end = await takeStep(step, { now, after, rows, onVoided }).then(({ kind }) => kind, String);
  return { end, steps };
}

test('a step whose row went away is voided, and a check that allows a missing approval is a bug', async () => {
  const { end, steps } = await stepWith((_rows, remove) => remove());
  assert.equal(steps, ['recorded', 'voided id-1']);
  assert.is(end, 'TypeError: a step needs an approval');
});

test('a step whose reservation went away is voided, and recorded again before it counts', async () => {
  const { end, steps } = await stepWith(async ({ update, put }) => {
    await update(KEY, () => put(PENDING));
  });
  assert.equal(steps, ['recorded', 'voided id-1', 'recorded']);
  assert.is(end, 'taken');
});

test.run();
