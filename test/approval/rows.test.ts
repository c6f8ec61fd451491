/** The rows of approvals: how long they are kept, and what the operator hears of those that nobody here wrote. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { APPROVAL_TTL_MS, keyOf } from '../../src/governance/approval/approval.js';
import { checkKeys, createRows, sealRow } from '../../src/governance/approval/rows.js';
import { BINDING, BOB, bench, CALL, KEYS, NOON, PENDING } from './bench.js';

const test = suite('approval/rows');

const KEY = keyOf(BINDING);

function rowsWith(keys = KEYS) {
  const heard: string[] = [];
  const state = createMemoryState(() => new Date(NOON));
  const onError = (error: unknown, about: string) => void heard.push(`${about}: ${error}`);
  return { ...createRows({ state, server: 's', keys: () => keys, now: () => NOON, onError }), heard };
}

test('an approval is kept for an hour behind its end, so that pages can name it', async () => {
  for (const [ms, isKept] of [
    [3_600_000 - 1, true],
    [3_600_000, false],
  ] as const) {
    const { ask, show, wait } = bench();
    await ask(CALL);
    wait(APPROVAL_TTL_MS + ms);
    assert.is((await show('id-1', BOB)) !== undefined, isKept, `${ms}`);
  }
});

test('a row with a valid seal is its approval, under its own key alone', () => {
  const { open, heard } = rowsWith();
  const { seal, ...content } = sealRow(PENDING, KEYS);
  assert.equal(content, PENDING);
  assert.match(String(seal), /^[\w-]{43}$/);
  assert.equal(open({ ...content, seal }, KEY), PENDING);
  assert.is(open(undefined, KEY), undefined);
  assert.equal(heard, []);
  assert.is(open({ ...content, seal }, 'another key'), undefined);
  assert.is(heard.length, 1);
});

test('of a row that is not genuine the operator hears why, once', () => {
  const { open, heard } = rowsWith();
  const { seal: _, ...bare } = sealRow(PENDING, KEYS);
  const end = 'It approves nothing; the caller has to send the call again';
  const start = `approvals: Error: the row ${KEY.slice(0, 16)}…`;
  for (let times = 0; times < 2; times += 1) {
    assert.is(open(bare, KEY), undefined);
    assert.is(open({ ...bare, seal: 'AAAA' }, KEY), undefined);
  }
  assert.equal(heard, [
    `${start} has no seal: an earlier version wrote it, or somebody without an approval key. ${end}`,
    `${start} does not match its seal: somebody without an approval key changed it, or the keys were replaced. ${end}`,
  ]);
  open({ ...bare, id: 'other', seal: 'AAAA' }, KEY);
  assert.is(heard.length, 3, 'another row is told of');
});

test('after a thousand such rows it forgets which it told of', () => {
  const { open, heard } = rowsWith();
  for (let n = 0; n < 1_000; n += 1) open({ id: `${n}` }, KEY);
  open({ id: '0' }, KEY);
  assert.is(heard.length, 1_000);
  open({ id: 'one more' }, KEY);
  open({ id: '0' }, KEY);
  assert.is(heard.length, 1_002);
});

test('keys that would stop nobody are refused', () => {
  const problem = (read: () => unknown): string => {
    try {
      read();
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
    return '';
  };
  assert.is(checkKeys(KEYS), KEYS);
  assert.is(
    problem(() => checkKeys([])),
    'approvals: expected at least one key to seal rows with, received none',
  );
  assert.is(
    problem(() => checkKeys([Buffer.alloc(32), Buffer.alloc(31)])),
    'approval key: expected at least 32 bytes, received 31',
  );
  assert.is(
    problem(() => sealRow(PENDING, [])),
    'approvals: expected a key to seal with, received none',
  );
});

test.run();
