import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKeys } from '../../src/oauth/jwks.js';
import { type InvalidToken, IssuerUnreachable } from '../../src/oauth/token-errors.js';
import { makeKey, signToken, TestIssuer } from '../support/issuer.js';
import { claimsOf, timed, who } from '../support/tokens.js';

const test = suite('auth/keys');

const METADATA = '/.well-known/oauth-authorization-server';
const MAX_AGE = 600_000;
const COOLDOWN = 2_000;
const BACK_OFF = 1_000;

let as: TestIssuer;
test.before.each(async () => {
  as = await TestIssuer.start();
});
test.after.each(async () => {
  await as.goAway().catch(() => {}); // some tests have already sent it away
});

/** Lives are long, and nothing is cached, so that only the keys decide. */
const verifierOf = (others = {}) => timed({ issuers: [{ issuer: as.issuer }], cacheEntries: 0, ...others });
const good = (others = {}) => claimsOf(as.issuer, { exp: 2 ** 40, ...others });

test('keys are fetched once for any number of tokens', async () => {
  const verifier = verifierOf();
  for (const sub of ['a', 'b', 'c']) {
    assert.is(who(await verifier.outcome(as.sign(good({ sub })))), `is ${sub}`);
  }
  assert.equal([as.count(METADATA), as.count('/jwks')], [1, 1]);
});
test('callers that need the keys first, all at the same time, share one fetch', async () => {
  const verifier = verifierOf();
  const users = Array.from({ length: 20 }, (_, index) => `user${index}`);
  const outcomes = await Promise.all(users.map((sub) => verifier.outcome(as.sign(good({ sub })))));
  assert.equal(
    outcomes.map(who),
    users.map((user) => `is ${user}`),
  );
  assert.equal([as.count(METADATA), as.count('/jwks')], [1, 1]);
});
test('a new key counts at once, and one that left the set no longer does', async () => {
  const verifier = verifierOf();
  const old = as.sign(good());
  assert.is(who(await verifier.outcome(old)), 'is alice');
  as.rotate('second');
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
  assert.is(await verifier.outcome(old), 'key');
});
test('a key that left the set is forgotten once the keys are too old, even if nobody brought a new one', async () => {
  const verifier = verifierOf();
  const old = as.sign(good());
  await verifier.outcome(old);
  as.rotate('second');
  verifier.pass(MAX_AGE - 1);
  assert.is(who(await verifier.outcome(old)), 'is alice');
  verifier.pass(1);
  assert.is(await verifier.outcome(old), 'key');
});
test('a new key counts beside the old ones, and without key ids too', async () => {
  const verifier = verifierOf();
  const anonymous = { kid: undefined };
  assert.is(who(await verifier.outcome(as.sign(good(), anonymous))), 'is alice');
  as.keys = [...as.keys, makeKey('ES256', 'second')];
  assert.is(who(await verifier.outcome(as.sign(good(), anonymous))), 'is alice');
  assert.is(as.count('/jwks'), 2);
});
test('unknown keys cause no more than one fetch per cooldown', async () => {
  const verifier = verifierOf();
  await verifier.outcome(as.sign(good()));
  for (let index = 0; index < 5; index += 1) {
    assert.is(await verifier.outcome(as.sign(good(), { kid: `unknown${index}` })), 'key');
  }
  assert.is(as.count('/jwks'), 2);
  verifier.pass(COOLDOWN - 1);
  assert.is(await verifier.outcome(as.sign(good(), { kid: 'unknown' })), 'key');
  assert.is(as.count('/jwks'), 2);
  verifier.pass(1);
  assert.is(await verifier.outcome(as.sign(good(), { kid: 'unknown' })), 'key');
  assert.is(as.count('/jwks'), 3);
  assert.is(as.count(METADATA), 1);
});
test('unknown keys at the same time share one fetch', async () => {
  const verifier = verifierOf();
  await verifier.outcome(as.sign(good()));
  as.rotate('second');
  const users = Array.from({ length: 10 }, (_, index) => `user${index}`);
  const outcomes = await Promise.all(users.map((sub) => verifier.outcome(as.sign(good({ sub })))));
  assert.equal(
    outcomes.map(who),
    users.map((user) => `is ${user}`),
  );
  assert.is(as.count('/jwks'), 2);
});
test('a rotation within the cooldown is seen when it is over', async () => {
  const verifier = verifierOf();
  await verifier.outcome(as.sign(good(), { kid: 'unknown' }));
  as.rotate('second');
  assert.is(await verifier.outcome(as.sign(good())), 'key');
  verifier.pass(COOLDOWN);
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
});
test('a wrong signature under a known key id causes no fetch', async () => {
  const verifier = verifierOf();
  await verifier.outcome(as.sign(good()));
  const forged = signToken(makeKey('ES256', 'first'), good());
  assert.is(await verifier.outcome(forged), 'signature');
  assert.is(as.count('/jwks'), 1);
});
test('keys check only signatures of an algorithm that is accepted', async () => {
  const [key, other] = [makeKey('ES256', 'a'), makeKey('RS256', 'b')];
  const cacheOptions = { maxAgeMs: MAX_AGE, cooldownMs: COOLDOWN, clock: () => new Date() };
  const load = async () => [key.jwk, other.jwk];
  const keys = createKeys({ issuer: as.issuer, load, algorithms: ['ES256'], cacheOptions });
  await keys.checkSignature(signToken(key, good()), 'a');
  const refused = await keys.checkSignature(signToken(other, good()), 'b').catch((error: unknown) => error);
  assert.is((refused as InvalidToken).reason, 'key');
});
test('keys that moved to another address are found there', async () => {
  const verifier = verifierOf();
  await verifier.outcome(as.sign(good()));
  as.rotate('second');
  const { keys } = as;
  as.routes.delete('/jwks');
  as.routes.set('/keys', () => ({ body: { keys: keys.map(({ jwk }) => jwk) } }));
  as.routes.set(METADATA, () => ({ body: { ...as.metadata, jwks_uri: `${as.origin}/keys` } }));
  assert.is(await verifier.outcome(as.sign(good())), 'IssuerUnreachable');
  verifier.pass(BACK_OFF);
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
});

test('an issuer that is away from the beginning makes every token wait, and none is judged', async () => {
  const verifier = verifierOf();
  await as.goAway();
  assert.is(await verifier.outcome(as.sign(good())), 'IssuerUnreachable');
  assert.is(await verifier.outcome(as.sign(good({ exp: 1 }))), 'IssuerUnreachable');
});
test('while an issuer is away, known keys count until they are too old', async () => {
  const verifier = verifierOf();
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
  await as.goAway();
  verifier.pass(MAX_AGE - 1);
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
  assert.is(await verifier.outcome(as.sign(good(), { kid: 'unknown' })), 'IssuerUnreachable');
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
  verifier.pass(1);
  assert.is(await verifier.outcome(as.sign(good())), 'IssuerUnreachable');
});
test('an issuer that comes back is trusted again', async () => {
  const verifier = verifierOf();
  await verifier.outcome(as.sign(good()));
  await as.goAway();
  verifier.pass(MAX_AGE);
  assert.is(await verifier.outcome(as.sign(good())), 'IssuerUnreachable');
  await as.comeBack();
  assert.is(await verifier.outcome(as.sign(good())), 'IssuerUnreachable');
  verifier.pass(BACK_OFF);
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
});
test('an issuer that comes back with other keys is trusted at once, and its old keys are not', async () => {
  const verifier = verifierOf();
  const old = as.sign(good());
  await verifier.outcome(old);
  await as.goAway();
  as.rotate('second');
  assert.is(await verifier.outcome(as.sign(good())), 'IssuerUnreachable');
  await as.comeBack();
  verifier.pass(BACK_OFF);
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
  assert.is(await verifier.outcome(old), 'key');
});
test('an issuer in trouble is asked only once in a while, however many tokens come', async () => {
  const verifier = verifierOf();
  as.routes.set(METADATA, () => ({ status: 503 }));
  const storm = () =>
    Promise.all(['a', 'b', 'c', 'd'].map((sub) => verifier.outcome(as.sign(good({ sub })))));
  for (let round = 0; round < 3; round += 1) {
    assert.equal(new Set(await storm()), new Set(['IssuerUnreachable']));
  }
  assert.is(as.count(METADATA), 1);
  verifier.pass(BACK_OFF - 1);
  await storm();
  assert.is(as.count(METADATA), 1);
  verifier.pass(1);
  await storm();
  assert.is(as.count(METADATA), 2);
});
test('one issuer that is away does not keep the tokens of another out', async () => {
  const other = await TestIssuer.start();
  const verifier = timed({ issuers: [{ issuer: as.issuer }, { issuer: other.issuer, tenant: 'acme' }] });
  await as.goAway();
  assert.is(await verifier.outcome(as.sign(good())), 'IssuerUnreachable');
  assert.is(who(await verifier.outcome(other.sign(claimsOf(other.issuer)))), 'is alice');
  await other.goAway();
});
test('a token that was verified a moment ago counts while the issuer is away', async () => {
  const verifier = timed({ issuers: [{ issuer: as.issuer }], keysMaxAgeMs: 0 });
  const token = as.sign(good());
  await verifier.verify(token);
  await as.goAway();
  assert.is(who(await verifier.outcome(token)), 'is alice');
  verifier.pass(60_000);
  assert.is(await verifier.outcome(token), 'IssuerUnreachable');
});

async function readiness(verifier: { ready(): Promise<void> }): Promise<string> {
  try {
    await verifier.ready();
    return 'ready';
  } catch (error) {
    assert.ok(error instanceof IssuerUnreachable);
    return error.name;
  }
}
test('a verifier is ready when the keys of all its issuers are available', async () => {
  const other = await TestIssuer.start();
  const verifier = timed({ issuers: [{ issuer: as.issuer }, { issuer: other.issuer }] });
  await other.goAway();
  assert.is(await readiness(verifier), 'IssuerUnreachable');
  await other.comeBack();
  assert.is(await readiness(verifier), 'IssuerUnreachable');
  verifier.pass(BACK_OFF);
  assert.is(await readiness(verifier), 'ready');
  await other.goAway();
  assert.is(await readiness(verifier), 'ready');
  verifier.pass(MAX_AGE);
  assert.is(await readiness(verifier), 'IssuerUnreachable');
});
test('a clock that is set back causes the keys to be fetched again', async () => {
  const verifier = verifierOf();
  await verifier.ready();
  verifier.pass(-1);
  await verifier.ready();
  assert.is(as.count('/jwks'), 2);
});

test.run();
