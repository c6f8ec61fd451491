import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TokenCache } from '../../src/oauth/verifier.js';
import type { Principal } from '../../src/wire/principal.js';

const test = suite('auth/token-cache');

function cacheOf({ entries = 10, ageMs = 60_000 } = {}) {
  let ms = 1_000_000;
  const cache = new TokenCache({ entries, ageMs, clock: () => new Date(ms) });
  return { cache, pass: (by: number) => (ms += by) };
}
function principal(user: string, expiresAt?: number): Principal {
  const who = { issuer: 'https://as.example', user, tenant: 'default', clientId: 'demo' };
  return { ...who, scopes: [], approvedAt: undefined, expiresAt };
}

test('an entry exists until it reaches its age, and not a moment longer', () => {
  const { cache, pass } = cacheOf({ ageMs: 1000 });
  cache.set('a', principal('alice'));
  pass(999);
  assert.is(cache.get('a')?.user, 'alice');
  pass(1);
  assert.is(cache.get('a'), undefined);
  assert.is(cache.size, 0);
});
test('an entry does not outlive its token', () => {
  const { cache, pass } = cacheOf();
  cache.set('a', principal('alice', 1000.5));
  pass(499);
  assert.is(cache.get('a')?.user, 'alice');
  pass(1);
  assert.is(cache.get('a'), undefined);
});
test('a token that has ended is not kept at all', () => {
  const { cache } = cacheOf();
  cache.set('a', principal('alice', 1000));
  assert.is(cache.size, 0);
});
test('the oldest entry makes room', () => {
  const { cache } = cacheOf({ entries: 2 });
  for (const user of ['a', 'b', 'c']) cache.set(user, principal(user));
  assert.is(cache.size, 2);
  assert.equal(
    ['a', 'b', 'c'].map((key) => cache.get(key)?.user),
    [undefined, 'b', 'c'],
  );
});
test('an entry that is set again is as young as the newest', () => {
  const { cache } = cacheOf({ entries: 2 });
  for (const user of ['a', 'b', 'a', 'c']) cache.set(user, principal(user));
  assert.equal(
    ['a', 'b', 'c'].map((key) => cache.get(key)?.user),
    ['a', undefined, 'c'],
  );
});
test('a cache of no entries or of no age keeps nothing', () => {
  for (const { cache } of [cacheOf({ entries: 0 }), cacheOf({ ageMs: 0 })]) {
    cache.set('a', principal('alice'));
    assert.is(cache.get('a'), undefined);
    assert.is(cache.size, 0);
  }
});
test('a clock that is set back keeps no entry alive', () => {
  const { cache, pass } = cacheOf();
  cache.set('a', principal('alice'));
  pass(-1);
  assert.is(cache.get('a'), undefined);
});
test.run();
