/** What a step does when its row goes away, whatever its own check says. The rest is in recorded-steps.ts, over each shared state. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { keyOf } from '../../src/governance/approval/approval.js';
import { takeStep } from '../../src/governance/approval/recorded-step.js';
import { createRows } from '../../src/governance/approval/rows.js';
import { after } from '../../src/wire/clock.js';
import { BINDING, KEYS, NOON, PENDING } from './bench.js';

const test = suite('approval/recorded-step');
const KEY = keyOf(BINDING);

test('a step whose check allows a missing approval is a bug, and one whose row went away is voided first', async () => {
  const state = createMemoryState(() => new Date(NOON));
  const now = (): number => NOON;
  const rows = createRows({ state, server: 's', keys: () => KEYS, now, onError: () => {} });
  await rows.update(KEY, () => rows.put(PENDING));
  const steps: string[] = [];
  const remove = () =>
    state.update('approval', KEY, () => ({ result: undefined, put: { value: {}, expiresAt: 0 } }));
  const taken = takeStep(
    {
      key: KEY,
      check: () => undefined,
      record: async () => {
        steps.push('recorded');
        await remove();
      },
      apply: (approval) => approval,
    },
    { now, after, rows, onVoided: async ({ id }) => void steps.push(`voided ${id}`) },
  );
  const error = await taken.catch((thrown: unknown) => thrown);
  assert.is(String(error), 'TypeError: a step needs an approval');
  assert.equal(steps, ['recorded', 'voided id-1']);
});

test.run();
