import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { stateTests } from './state.js';

const test = suite('store/memory-state');

const clock = { now: new Date('2026-11-23T12:00:00Z') };
const state = createMemoryState(() => clock.now);
stateTests(test, () => ({ clock, open: () => state }));

test('stored values are limited: expired ones are removed first, then the oldest', async () => {
  const small = createMemoryState(() => clock.now);
  const end = clock.now.getTime() + 1_000;
  const put = (key: string, expiresAt: number) =>
    small.update('s', key, () => ({ result: undefined, put: { value: { key }, expiresAt } }));
  await put('over', clock.now.getTime());
  for (let n = 0; n < 100_000; n += 1) await put(`key-${n}`, end);
  assert.equal(await small.get('s', 'key-0'), { key: 'key-0' });
  await put('one-more', end);
  assert.is(await small.get('s', 'key-0'), undefined);
  assert.equal(await small.get('s', 'one-more'), { key: 'one-more' });
});

test.run();
