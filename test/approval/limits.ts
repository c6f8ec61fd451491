/** Limits on waiting requests, so that one tenant's cannot hide another's; over either engine. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/shared-state.js';
import { principalOf } from '../mcp/ask.js';
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

  test('a thousand requests of ten users hide no request of another tenant, nor of another user of theirs', async () => {
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
    assert.is((await one.ask(callOf('ada', 1_000))).kind, 'asked');
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

  test('equal calls that come at the same time make one request and take one place', async () => {
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
