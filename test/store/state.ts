/** What every shared state must do, whichever engine keeps it: `open` gives one more replica over the same state. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type SharedState, StateUnavailable } from '../../src/cluster/shared-state.js';
import type { JsonObject } from '../../src/wire/value.js';
import { listens } from '../support/listens.js';
import { until } from '../support/until.js';

export type StateBench = {
  clock: { now: Date };
  /** Another replica; on an engine of one process the same again. */
  open(): SharedState;
};

const LATER = 60_000;

export function stateTests(test: Test, bench: () => StateBench): void {
  const end = (): number => bench().clock.now.getTime() + LATER;
  const put = (state: SharedState, space: string, key: string, value: JsonObject, expiresAt = end()) =>
    state.update(space, key, () => ({ result: undefined, put: { value, expiresAt, tell: true } }));

  test('a stored value is read by its space and key, even by another replica', async () => {
    const [one, two] = [bench().open(), bench().open()];
    const odd = "it's \u0000 {} \ud800 \u{1f600}";
    await put(one, 'read', 'a', { n: 1, text: odd, list: [null, true] });
    await put(one, 'read', 'ab', { n: 2 });
    assert.equal(await two.get('read', 'a'), { n: 1, text: odd, list: [null, true] });
    assert.equal(await two.get('read', 'ab'), { n: 2 });
    assert.is(await two.get('read', 'b'), undefined);
    assert.is(await two.get('reada', 'b'), undefined, 'space and key do not run into each other');
  });
  test('fifty updates at the same time, over two replicas, each see the result of the one before', async () => {
    const states = [bench().open(), bench().open()] as const;
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        states[at % 2 === 0 ? 0 : 1].update('count', 'one', (value) => {
          const n = Number(value?.n ?? 0) + 1;
          return { result: n, put: { value: { n }, expiresAt: end() } };
        }),
      ),
    );
    assert.equal(
      results.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, at) => at + 1),
    );
  });
  test('a step that puts nothing changes nothing, and one that fails tells its caller', async () => {
    const state = bench().open();
    await put(state, 'steps', 'a', { n: 1 });
    assert.is(await state.update('steps', 'a', (value) => ({ result: value?.n })), 1);
    const mistake = new RangeError('no');
    const failed = await state
      .update('steps', 'a', () => {
        throw mistake;
      })
      .catch((error: unknown) => error);
    assert.is(failed, mistake);
    assert.equal(await state.get('steps', 'a'), { n: 1 });
  });
  test('a value whose time has passed is gone', async () => {
    const state = bench().open();
    const { clock } = bench();
    await put(state, 'time', 'a', { n: 1 });
    clock.now = new Date(clock.now.getTime() + LATER - 1);
    assert.equal(await state.get('time', 'a'), { n: 1 });
    clock.now = new Date(clock.now.getTime() + 1);
    assert.is(await state.get('time', 'a'), undefined);
    assert.equal(await state.list('time', 10), []);
    assert.is(await state.update('time', 'a', (value) => ({ result: value })), undefined);
  });
  test('the newest value is listed first, and no more than the requested number', async () => {
    const state = bench().open();
    for (const [key, n] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['a', 4],
    ] as const)
      await put(state, 'list', key, { n });
    const listed = async (most: number) => (await state.list('list', most)).map(({ n }) => n);
    assert.equal(await listed(10), [4, 3, 2]);
    assert.equal(await listed(2), [4, 3]);
  });
  test('a group is read page by page, the newest value first, and holds nothing of other groups', async () => {
    const state = bench().open();
    const putIn = (group: string | undefined, key: string, n: number) =>
      state.update('paged', key, () => ({
        result: undefined,
        put: { value: { n }, expiresAt: end(), ...(group === undefined ? {} : { group }) },
      }));
    for (let n = 1; n <= 5; n += 1) await putIn('ours', `a${n}`, n);
    for (let n = 1; n <= 50; n += 1) await putIn('theirs', `b${n}`, n);
    const pages: unknown[][] = [];
    let after: string | undefined;
    do {
      const page = await state.page('paged', 'ours', 2, after);
      pages.push(page.values.map(({ n }) => n));
      after = page.next;
    } while (after !== undefined && pages.length < 10);
    assert.equal(pages, [[5, 4], [3, 2], [1]]);
    await putIn('ours', 'a2', 22);
    await putIn('theirs', 'a3', 33);
    await putIn('', 'a4', 44);
    const all = await state.page('paged', 'ours', 10);
    assert.equal([all.values.map(({ n }) => n), all.next], [[22, 5, 1], undefined]);
    bench().clock.now = new Date(end());
    assert.equal(await state.page('paged', 'ours', 10), { values: [] });
    assert.equal(await state.page('nothing', 'ours', 10), { values: [] });
  });
  test('a watcher of a space is notified of new values, on every replica, until it stops', async () => {
    const [one, two] = [bench().open(), bench().open()];
    const keys: (string | undefined)[] = [];
    const unwatch = [one, two].map((state) => state.watch('watched', (key) => void keys.push(key)));
    for (const state of [one, two]) await listens(state);
    keys.length = 0;
    await put(one, 'watched', 'a', { n: 1 });
    await put(one, 'elsewhere', 'b', { n: 1 });
    await until(() => keys.length === 2, 'the key at both');
    assert.equal(keys, ['a', 'a']);
    const quiet = { result: undefined, put: { value: { n: 2 }, expiresAt: end() } };
    await one.update('watched', 'a', () => quiet);
    for (const stop of unwatch) stop();
    await put(two, 'watched', 'a', { n: 3 });
    // Whatever is put later comes later.
    for (const state of [one, two]) await listens(state);
    assert.is(keys.length, 2);
  });
  test('it is ready', async () => {
    await bench().open().ready();
  });
}

export type ServerBench = StateBench & {
  server: { halt(): Promise<void>; start(): Promise<void> };
  /** Where nothing listens. */
  nowhere(): SharedState;
  /** What `onError` received. */
  errors: string[];
  /** Ends the connections on which replicas hear of changes. */
  disconnect(): Promise<unknown>;
  /** Sends a message on the channel of the replicas. */
  send(message: string): Promise<unknown>;
};

/** What every state on a server of its own must do besides. */
export function serverStateTests(test: Test, bench: ServerBench): void {
  const { clock, errors, open, server } = bench;
  const put = (state: SharedState, key: string) =>
    state.update('again', key, () => ({
      result: undefined,
      put: { value: {}, expiresAt: clock.now.getTime() + LATER, tell: true },
    }));
  const watching = async (state: SharedState) => {
    const changes: (string | undefined)[] = [];
    state.watch('again', (key) => void changes.push(key));
    await until(() => changes.includes(undefined), 'listening');
    changes.length = 0;
    return changes;
  };

  test('after a lost connection, watchers are told that they may have missed a change', async () => {
    const state = open();
    const changes = await watching(state);
    await bench.disconnect();
    await until(() => changes.includes(undefined), 'listening again');
    // Another connection may have been lost as well: its caller gets an error, and the next try succeeds.
    await put(state, 'a').catch(() => put(state, 'a'));
    await until(() => changes.includes('a'), 'the change');
  });
  test('a message that no replica sent ends no process, and the next one arrives', async () => {
    const state = open();
    const changes = await watching(state);
    errors.length = 0;
    for (const message of ['no JSON', '', '[]', '{"space":7}']) await bench.send(message);
    await put(state, 'after');
    await until(() => changes.includes('after'), 'the next message');
    assert.ok(errors.filter((error) => error.includes('no replica sent it')).length >= 4);
  });
  test('a server that is away is reported as away, keeps its data, and is found when it comes back', async () => {
    const state = open();
    await put(state, 'a');
    await server.halt();
    for (const refused of [
      await state.get('again', 'a').catch((error: unknown) => error),
      await put(state, 'a').catch((error: unknown) => error),
      await state.ready().catch((error: unknown) => error),
    ])
      assert.instance(refused, StateUnavailable);
    await server.start();
    const isFound = (): Promise<boolean> =>
      put(state, 'b').then(
        () => true,
        () => false,
      );
    await until(isFound, 'the server');
    assert.equal(await state.get('again', 'a'), {});
  });
  test('an address where nothing listens fails in time', async () => {
    const nowhere = bench.nowhere();
    assert.instance(await nowhere.ready().catch((error: unknown) => error), StateUnavailable);
    await nowhere.close();
  });
}
