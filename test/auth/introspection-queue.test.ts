import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressShare, IntrospectionQueue } from '../../src/oauth/introspection-queue.js';
import { IssuerUnreachable } from '../../src/oauth/token-errors.js';
import { heapUsed } from '../support/heap.js';
import { turn, until } from '../support/until.js';

const test = suite('auth/introspection-queue');

/** A queue whose requests and deadlines end when the test says so. */
function held() {
  const deadlines: (() => void)[] = [];
  const queue = new IntrospectionQueue((_, run) => {
    deadlines.push(run);
    return () => {};
  });
  /** The names of the open requests, oldest first, and how each one ends. */
  const open = new Map<string, () => void>();
  const refused: string[] = [];
  function come(names: readonly string[], address: string, wasValid = false): void {
    for (const name of names) {
      const introspect = () => new Promise<void>((resolve) => open.set(name, resolve));
      queue.run(introspect, { address, wasValid }).catch((error: unknown) => {
        assert.instance(error, IssuerUnreachable);
        assert.match(String(error), '32 questions about tokens are open, and too many wait');
        refused.push(name);
      });
    }
  }
  /** Ends that many of the oldest open requests. */
  async function finish(count = 1): Promise<void> {
    for (const [name, end] of [...open].slice(0, count)) {
      open.delete(name);
      end();
    }
    await turn();
  }
  return { come, finish, open, refused, deadlines };
}
const names = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name}${at}`);

test('32 requests are open at the same time, of which 24 may be for tokens not seen before', async () => {
  const { come, open } = held();
  come(names('new', 30), 'a');
  come(names('new-too', 30), 'b');
  await turn();
  assert.is(open.size, 24);
  come(names('valid', 30), 'a', true);
  await turn();
  assert.is(open.size, 32);
});
test('tokens that were valid before may take all the places, and new ones wait then', async () => {
  const { come, open, finish } = held();
  come(names('valid', 40), 'a', true);
  come(['new'], 'b');
  await turn();
  assert.equal([...open.keys()], names('valid', 32));
  await finish(8);
  assert.equal([open.size, open.has('new')], [32, false]);
  await finish();
  assert.equal([open.size, open.has('new')], [32, true]);
});
test('each end lets one request start', async () => {
  const { come, open, finish } = held();
  come(names('a', 20), 'a');
  await turn();
  assert.equal([...open.keys()], names('a', 12));
  await finish();
  assert.equal([...open.keys()], names('a', 13).slice(1));
});
test('valid tokens that were asked about leave the limit of new ones as it was', async () => {
  const { come, open, finish } = held();
  come(names('valid', 8), 'a', true);
  await turn();
  await finish(8);
  for (const address of ['a', 'b', 'c']) come(names(address, 12), address);
  await turn();
  assert.is(open.size, 24);
});
test('an address has the same limit after some of its requests have ended', async () => {
  const { come, open, finish } = held();
  come(names('first', 12), 'a');
  await turn();
  await finish();
  come(names('next', 12), 'a');
  await turn();
  assert.is(open.size, 12);
});
test('addresses take turns', async () => {
  const { come, open, finish } = held();
  come(names('x', 12), 'x');
  come(names('y', 12), 'y');
  for (const address of ['a', 'b']) come(names(address, 3), address);
  await turn();
  await finish(6);
  assert.equal([...open.keys()].slice(-6), ['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
});
test('a request whose turn does not come in time is refused, and the next one of its address is not', async () => {
  const { come, open, finish, refused, deadlines } = held();
  for (const address of ['x', 'y']) come(names(address, 12), address);
  come(['late', 'next'], 'a');
  await turn();
  deadlines[0]?.();
  await turn();
  assert.equal(refused, ['late']);
  await finish();
  assert.ok(open.has('next'));
});
test('256 requests of an address wait, and the next one is refused at once', async () => {
  const { come, refused } = held();
  come(names('a', 12 + 257), 'a');
  await turn();
  assert.equal(refused, ['a268']);
});
test('where too many wait, the last of the longest line makes room', async () => {
  const { come, finish, open, refused } = held();
  for (const address of ['x', 'y']) come(names(address, 12), address);
  for (const address of ['a', 'b', 'c']) come(names(address, 256), address);
  come(names('d', 255), 'd');
  come(['e'], 'e');
  await turn();
  assert.equal(refused, []);
  come(['newcomer'], 'f');
  await turn();
  come(['would-make-it-as-long'], 'd');
  await turn();
  assert.equal(refused, ['a255', 'would-make-it-as-long']);
  await finish(24);
  assert.ok(open.has('newcomer'));
  come(names('later', 20), 'g');
  await turn();
  assert.is(refused.length, 2);
});

test('an address with nothing open and nothing waiting takes no memory', async () => {
  const queue = new IntrospectionQueue(() => () => {});
  const before = await heapUsed();
  for (let at = 0; at < 50_000; at += 1)
    await queue.run(async () => {}, { address: `address ${at}`, wasValid: false });
  await until(async () => (await heapUsed()) - before < 2_000_000, 'little memory is used', 2_000);
  // The queue itself must still be there.
  await queue.run(async () => {}, { address: 'last', wasValid: false });
});

test('an IPv4 address has its own share, and an IPv6 address that of its site of 48 bits', () => {
  for (const [address, share] of [
    [undefined, ''],
    ['192.0.2.101', '192.0.2.101'],
    ['::ffff:192.0.2.101', '192.0.2.101'],
    ['::FFFF:192.168.100.101', '192.168.100.101'],
    ['1::ffff:192.0.2.101', '1:0:0::/48'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['2001::1', '2001:0:0::/48'],
    ['2001:db8::', '2001:db8:0::/48'],
    ['1::3:4:5:6:7:8', '1:0:3::/48'],
    ['::2:3:4:5:6:7:8', '0:2:3::/48'],
    ['::1', '0:0:0::/48'],
    ['::', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
  ] as const)
    assert.is(addressShare(address), share, address);
});

test.run();
