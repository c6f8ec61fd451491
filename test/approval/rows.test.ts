/** The rows of approvals: how long they are kept, and what is reported to the operator about rows that this server did not write. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { APPROVAL_TTL_MS, type Approval, keyOf } from '../../src/governance/approval/approval.js';
import { checkKeys, createRows, type Rows, sealRow } from '../../src/governance/approval/rows.js';
import type { OnError } from '../../src/wire/log.js';
import { BINDING, BOB, bench, CALL, KEYS, NOON, PENDING } from './bench.js';

const test = suite('approval/rows');

const KEY = keyOf(BINDING);

function rowsWith(keys = KEYS) {
  const heard: string[] = [];
  const state = createMemoryState(() => new Date(NOON));
  const onError: OnError = (error, about, context) =>
    void heard.push(`${about} at ${String(context?.server)}: ${error}`);
  return { ...createRows({ state, server: 's', keys: () => keys, now: () => NOON, onError }), heard };
}

test('an approval is kept for an hour after its end, so that pages can name it', async () => {
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

test('a row with a valid seal is its approval, under its own key only', () => {
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

test('the operator is told once why a row is not genuine', () => {
  const { open, heard } = rowsWith();
  const { seal: _, ...bare } = sealRow(PENDING, KEYS);
  const end = 'It approves nothing; the caller has to send the call again';
  const start = `approval.row-forged at s: the row ${KEY.slice(0, 16)}…`;
  for (let times = 0; times < 2; times += 1) {
    assert.is(open(bare, KEY), undefined);
    assert.is(open({ ...bare, seal: 'AAAA' }, KEY), undefined);
  }
  assert.equal(heard, [
    `${start} has no seal: an earlier version wrote it, or somebody without an approval key. ${end}`,
    `${start} does not match its seal: somebody without an approval key changed it, or the keys were replaced. ${end}`,
  ]);
  open({ ...bare, id: 'other', seal: 'AAAA' }, KEY);
  assert.is(heard.length, 3, 'another row is reported');
});

test('after a thousand such rows it forgets which ones it has reported', () => {
  const { open, heard } = rowsWith();
  for (let n = 0; n < 1_000; n += 1) open({ id: `${n}` }, KEY);
  open({ id: '0' }, KEY);
  assert.is(heard.length, 1_000);
  open({ id: 'one more' }, KEY);
  open({ id: '0' }, KEY);
  assert.is(heard.length, 1_002);
});

test('an invalid key is an error of ours, and its rows do not look forged', () => {
  const keys = [{ byteLength: 32 }] as unknown as typeof KEYS;
  const { open, heard } = rowsWith(keys);
  assert.throws(
    () => open(sealRow(PENDING, KEYS), KEY),
    (error: unknown) => error instanceof TypeError,
  );
  assert.equal(heard, []);
});

test('rows that differ only at the end of a long name are reported once', () => {
  const { open, heard } = rowsWith();
  for (const end of ['a', 'b']) open({ id: 'x'.repeat(200) + end, seal: 'AAAA' }, KEY);
  assert.is(heard.length, 1);
});

/** Rows over a state whose answers the test gives, and the requests that they make. */
function rowsOver(given: Partial<SharedState>) {
  const asked: string[] = [];
  const memory = createMemoryState(() => new Date(NOON));
  const state: SharedState = {
    ...memory,
    async get(space, key) {
      asked.push(`${space} ${key}`);
      return memory.get(space, key);
    },
    ...given,
  };
  const rows = createRows({ state, server: 's', keys: () => KEYS, now: () => NOON, onError: () => {} });
  return { ...rows, memory, asked };
}

test('an id that no request has had is not looked up, and one without the key of a row names nothing', async () => {
  const { find, point, memory, asked } = rowsOver({});
  for (const id of ['', 'x'.repeat(101), '../x', 'x/', 'x\n', ' x']) assert.is(await find(id), undefined);
  assert.equal(asked, []);
  const longest = '-_aZ9'.repeat(20);
  await point(longest, KEY, NOON);
  assert.is(await find(longest), undefined);
  assert.equal(asked, [`approval-id ${longest}`, `approval ${KEY}`]);
  const put = { value: { key: 7 }, expiresAt: NOON + 1 };
  await memory.update('approval-id', 'odd', () => ({ result: undefined, put }));
  assert.is(await find('odd'), undefined);
  assert.equal(asked.slice(2), ['approval-id odd']);
});

test('an endless list of requests is read for fifty pages', async () => {
  let pages = 0;
  const { pending } = rowsOver({
    page: async () => {
      pages += 1;
      return { values: [], next: 'more' };
    },
  });
  assert.equal(await pending(PENDING), []);
  assert.is(pages, 50);
});

test('a list of requests is read to its end, and no further', async () => {
  const asked: unknown[] = [];
  const { pending } = rowsOver({
    page: async (_space, _group, _size, after) => {
      asked.push(after);
      return after === undefined ? { values: [], next: 'more' } : { values: [] };
    },
  });
  await pending(PENDING);
  assert.equal(asked, [undefined, 'more']);
});

test('a row that is not there is not a forged one', async () => {
  assert.equal(await rowsOver({}).read(KEY), { approval: undefined, isForged: false });
});

/** The rows of two servers over one state. */
function twoServers() {
  const state = createMemoryState(() => new Date(NOON));
  const [own, other] = ['s', 'another'].map((server) =>
    createRows({ state, server, keys: () => KEYS, now: () => NOON, onError: () => {} }),
  ) as [Rows, Rows];
  return { own, other };
}

test('an approval is found by its own server only', async () => {
  const { own, other } = twoServers();
  await own.update(KEY, () => own.put(PENDING));
  await own.point('id-1', KEY, NOON);
  assert.equal([(await own.find('id-1'))?.id, await other.find('id-1')], ['id-1', undefined]);
});

test('a hundred decisions are listed, newest first, and those of other tenants and servers take no room', async () => {
  const { own, other } = twoServers();
  const write = async ({ update, put }: Rows, change: Partial<Approval>): Promise<void> => {
    const approval: Approval = { ...PENDING, state: 'refused', ...change };
    await update(keyOf(approval), () => put(approval));
  };
  for (const decidedAt of [2, 3, 1])
    await write(own, { id: `at-${decidedAt}`, decidedAt, digest: `${decidedAt}` });
  for (let n = 0; n < 100; n += 1) {
    await write(own, { digest: `${n}`, tenant: 'another' });
    await write(other, { digest: `${n}`, server: 'another' });
  }
  assert.equal(
    (await own.decided(PENDING)).map(({ id }) => id),
    ['at-3', 'at-2', 'at-1'],
  );
});

test('rows that somebody put into another list are not shown there, and damaged ones do not affect the others', async () => {
  const rows = [
    sealRow(PENDING, KEYS),
    sealRow({ ...PENDING, id: 'id-4', server: 'another' }, KEYS),
    sealRow({ ...PENDING, id: 'id-5', tenant: 'another' }, KEYS),
    sealRow({ ...PENDING, id: 'id-2', state: 'approved' }, KEYS),
    sealRow({ ...PENDING, id: 'id-3', state: 'refused', expiresAt: NOON }, KEYS),
    {},
    { ...PENDING, server: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown },
  ];
  const { pending, decided } = rowsOver({ page: async () => ({ values: rows }) });
  assert.equal(
    (await pending(PENDING)).map(({ id }) => id),
    ['id-1'],
  );
  assert.equal(
    (await decided(PENDING)).map(({ id }) => id),
    ['id-2', 'id-3'],
  );
});

test('a change of a row is reported to those who watch it or all rows, and a possible change to everybody', () => {
  let tell = (_key: string | undefined): void => {};
  const { watch } = rowsOver({
    watch: (_space, listener) => {
      tell = listener;
      return () => {};
    },
  });
  const heard = (key: string | undefined, changed: string | undefined): number => {
    let calls = 0;
    watch(() => {
      calls += 1;
    }, key);
    tell(changed);
    return calls;
  };
  assert.equal([heard('a', 'a'), heard('a', 'b'), heard('a', undefined)], [1, 0, 1]);
  assert.equal([heard(undefined, 'a'), heard(undefined, undefined)], [1, 1]);
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
