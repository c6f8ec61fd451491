import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DatabaseBusy } from '../../src/demo/database/database.js';
import { type Caller, Turns } from '../../src/demo/database/turns.js';
import { failure } from './engine.js';

const test = suite('store/turns');

/** Statements that end on command, and a clock that only they move. */
function setUp(bounds: { atOnce: number; atOncePerTenant?: number; maxWaiting?: number }) {
  let time = 0;
  const turns = new Turns({ ...bounds, clock: () => time });
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const enter = (name: string, caller: Caller): Promise<void> =>
    turns.run(() => {
      started.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    }, caller);
  const end = async (name: string, tookMs: number): Promise<void> => {
    time += tookMs;
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { enter, end, started };
}

test('gives the next turn to the tenant that has used the least time, and keeps the order of its statements', async () => {
  const { enter, end, started } = setUp({ atOnce: 1 });
  const all = ['a1', 'a2', 'a3', 'a4'].map((name) => enter(name, { tenant: 'a' }));
  await end('a1', 5000);
  all.push(...['b1', 'b2', 'b3'].map((name) => enter(name, { tenant: 'b' })), enter('c1', { tenant: 'c' }));
  await end('a2', 5000);
  for (const [name, tookMs] of [
    ['b1', 4000],
    ['c1', 10],
    ['b2', 4000],
  ] as const)
    await end(name, tookMs);
  assert.equal(started, ['a1', 'a2', 'b1', 'c1', 'b2', 'a3']);
  for (const name of ['a3', 'b3', 'a4']) await end(name, 5000);
  await Promise.all(all);
  assert.equal(started, ['a1', 'a2', 'b1', 'c1', 'b2', 'a3', 'b3', 'a4']);
});

test('gives no credit for absence', async () => {
  const { enter, end, started } = setUp({ atOnce: 1 });
  const all = [enter('b1', { tenant: 'b' }), ...[1, 2, 3, 4].map((at) => enter(`a${at}`, { tenant: 'a' }))];
  await end('b1', 1);
  for (const at of [1, 2]) await end(`a${at}`, 1000);
  // b has used 1 ms and a 2000, but b was not here: after its first statement they alternate.
  all.push(...[2, 3].map((at) => enter(`b${at}`, { tenant: 'b' })));
  await end('a3', 3000);
  for (const name of ['b2', 'a4', 'b3']) await end(name, 3500);
  await Promise.all(all);
  assert.equal(started, ['b1', 'a1', 'a2', 'a3', 'b2', 'a4', 'b3']);
});

test('bounds what a tenant may have waiting, and refuses no other tenant for it', async () => {
  const { enter, end, started } = setUp({ atOnce: 1, maxWaiting: 2 });
  const all = ['a1', 'a2', 'a3'].map((name) => enter(name, { tenant: 'a' }));
  const refused = await failure(enter('a4', { tenant: 'a' }));
  assert.ok(refused instanceof DatabaseBusy);
  assert.is(refused.message, 'the database is busy: 1 statement of your tenant is running and 2 waiting');
  all.push(enter('b1', { tenant: 'b' }));
  for (const name of ['a1', 'b1', 'a2', 'a3']) await end(name, 100);
  await Promise.all(all);
  assert.equal(started, ['a1', 'b1', 'a2', 'a3']);
});

test('leaves a turn to other tenants while one has its share running', async () => {
  const { enter, end, started } = setUp({ atOnce: 3, atOncePerTenant: 2 });
  const all = ['a1', 'a2', 'a3'].map((name) => enter(name, { tenant: 'a' }));
  all.push(enter('b1', { tenant: 'b' }));
  assert.equal(started, ['a1', 'a2', 'b1']);
  await end('b1', 1);
  assert.equal(started, ['a1', 'a2', 'b1']);
  for (const name of ['a1', 'a2', 'a3']) await end(name, 1);
  await Promise.all(all);
});

test('lets our own statements of a tenant go ahead of its others, and urgent ones ahead of all', async () => {
  const { enter, end, started } = setUp({ atOnce: 1 });
  const all = ['a1', 'a2'].map((name) => enter(name, { tenant: 'a' }));
  all.push(enter('own', { tenant: 'a', rank: 'own' }), enter('urgent', { rank: 'urgent' }));
  for (const name of ['a1', 'urgent', 'own', 'a2']) await end(name, 1);
  await Promise.all(all);
  assert.equal(started, ['a1', 'urgent', 'own', 'a2']);
});

test.run();
