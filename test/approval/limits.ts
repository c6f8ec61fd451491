/** Limits on waiting requests, so that one tenant's cannot hide another's; over either engine. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { principalOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { ACME, type Bench, BOB, bench, CALL, YES } from './bench.js';

export function limitTests(test: Test, open: () => SharedState): void {
  let servers = 0;
  const replicas = (): [Bench, Bench] => {
    servers += 1;
    const server = `limits-${servers}`;
    const made = [1, 2].map((at) => {
      let ids = 0;
      return bench({ server, state: open(), newId: () => `${server}-${at}-${++ids}` });
    });
    return made as [Bench, Bench];
  };
  const callOf = (user: string, n: number, tenant = 'acme') => ({
    ...CALL,
    principal: principalOf({ user, tenant, clientId: 'demo' }),
    args: { n },
  });

  test('a thousand requests of ten users hide no request of another tenant, nor of another user of the same tenant', async () => {
    const [one, two] = replicas();
    await one.ask(callOf('carol', 1, 'other'));
    await one.ask(callOf('zoe', 1));
    for (let n = 0; n < 100; n += 1)
      await Promise.all(
        Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? one : two).ask(callOf(`user-${at}`, n))),
      );
    assert.equal(
      (await two.pending({ ...ACME, tenant: 'other' })).map(({ user }) => user),
      ['carol'],
    );
    const all = await two.pending(ACME);
    assert.is(all.length, 1_001);
    assert.is(all.at(-1)?.user, 'zoe');
    assert.is(new Set(all.map(({ id }) => id)).size, 1_001);
    assert.equal(await one.ask(callOf('user-3', 100)), { kind: 'too-many' });
  });

  test('large arguments fill no list: the requests of one user, and those of one tenant, are limited in total size', async () => {
    const [one, two] = replicas();
    const words = 'one word and another '.repeat(40_000);
    const ask = (approvals: Bench, user: string, n: number, tenant?: string) =>
      approvals.ask({ ...callOf(user, n, tenant), args: { n, words } });
    const kinds = await Promise.all(
      Array.from({ length: 12 }, (_, n) => ask(n % 2 === 0 ? one : two, 'ada', n)),
    );
    assert.is(kinds.filter(({ kind }) => kind === 'asked').length, 2, 'of 840,000 characters each');
    assert.is((await one.ask(callOf('ada', 1))).kind, 'asked', 'a small one has room beside them');
    for (let n = 0; n < 20; n += 1) await ask(two, `user-${n}`, n);
    const size = (await one.pending(ACME)).reduce((sum, { args }) => sum + JSON.stringify(args).length, 0);
    assert.ok(size <= 16 * 1024 * 1024, `${size} characters`);
    assert.equal(await ask(one, 'the last', 1), { kind: 'too-many' });
    assert.is((await ask(one, 'the last', 1, 'other')).kind, 'asked', 'another tenant has its own');
    const alone = { ...callOf('zoe', 1, 'third'), args: { words: words.repeat(4) } };
    assert.is((await one.ask(alone)).kind, 'asked', 'one request always has room');
  });

  test('two replicas that are asked at the same time give one user a hundred requests and no more', async () => {
    const [one, two] = replicas();
    const asked = await Promise.all(
      Array.from({ length: 150 }, (_, n) => (n % 2 === 0 ? one : two).ask(callOf('ada', n))),
    );
    const kinds = asked.map(({ kind }) => kind);
    assert.equal(
      [kinds.filter((kind) => kind === 'asked').length, kinds.filter((kind) => kind === 'too-many').length],
      [100, 50],
    );
    assert.is((await one.pending(ACME)).length, 100);
    // Decided and expired requests make room.
    const [first] = await one.pending(ACME);
    await two.decide(first?.id ?? '', BOB, YES);
    // The other replica may remember for a moment that it was full.
    await until(
      async () => (await one.ask(callOf('ada', 1_000))).kind !== 'too-many',
      'a place that was given back',
    );
    assert.is((await one.ask(callOf('ada', 1_000))).kind, 'pending');
    assert.equal(await two.ask(callOf('ada', 1_001)), { kind: 'too-many' });
    // A user with the same name, in a tenant with the same name, of another issuer has separate places.
    const principal = principalOf({
      user: 'ada',
      tenant: 'acme',
      issuer: 'https://other.example',
      clientId: 'demo',
    });
    assert.is((await one.ask({ ...CALL, principal })).kind, 'asked');
  });

  test('a flood of calls that find no place reads the places of its tenant once in a while, and not for each call', async () => {
    servers += 1;
    const state = open();
    const looks = { places: 0 };
    const server = `limits-${servers}`;
    let ids = 0;
    const approvals = bench({
      server,
      newId: () => `${server}-${++ids}`,
      state: {
        ...state,
        get: (space, key) => {
          if (space === 'approval-places') looks.places += 1;
          return state.get(space, key);
        },
      },
    });
    for (let n = 0; n < 100; n += 1) await approvals.ask(callOf('ada', n));
    looks.places = 0;
    const began = performance.now();
    for (let n = 100; n < 400; n += 1)
      assert.equal(await approvals.ask(callOf('ada', n)), { kind: 'too-many' });
    const most = 2 + (performance.now() - began) / 500;
    assert.ok(looks.places <= most, `${looks.places} looks`);
    assert.is((await approvals.ask(callOf('eve', 1))).kind, 'asked', 'others of the tenant find a place');
    const [first] = (await approvals.pending(ACME)).filter(({ user }) => user === 'ada');
    await approvals.decide(first?.id ?? '', BOB, YES);
    assert.is((await approvals.ask(callOf('ada', 400))).kind, 'asked', 'a decision makes room at once');
  });

  test('a request that another replica finds while it is being created can be waited for', async () => {
    servers += 1;
    const [state, other] = [open(), open()];
    const server = `limits-${servers}`;
    const two = bench({ server, state: other, newId: () => `${server}-two` });
    const stop = new AbortController();
    let found: Promise<unknown> | undefined;
    const one = bench({
      server,
      newId: () => `${server}-one`,
      state: {
        ...state,
        async update(space, key, step) {
          const result = await state.update(space, key, step);
          if (space !== 'approval' || found !== undefined) return result;
          const seen = await two.ask(callOf('ada', 1));
          assert.is(seen.kind, 'pending');
          found = two.waitForDecision(`${server}-one`, stop.signal).catch((error: unknown) => error);
          // Long enough for a wait without a result to end.
          await two.show(`${server}-one`, BOB);
          return result;
        },
      },
    });
    assert.is((await one.ask(callOf('ada', 1))).kind, 'asked');
    await one.decide(`${server}-one`, BOB, YES);
    const decided = await found;
    assert.ok(decided, 'the request was said to be gone');
    assert.is((decided as { state: string }).state, 'approved');
  });

  test('equal calls that arrive at the same time create one request and take one place', async () => {
    const [one, two] = replicas();
    const asked = await Promise.all(
      Array.from({ length: 400 }, (_, n) => (n % 2 === 0 ? one : two).ask(callOf('ada', 1))),
    );
    assert.is(asked.filter(({ kind }) => kind === 'asked').length, 1);
    assert.is(asked.filter(({ kind }) => kind === 'pending').length, 399);
    for (let n = 2; n <= 100; n += 1) assert.is((await one.ask(callOf('ada', n))).kind, 'asked');
    assert.equal(await one.ask(callOf('ada', 101)), { kind: 'too-many' });
  });
}
