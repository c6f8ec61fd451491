import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIntrospectAny } from '../../src/oauth/introspection.js';
import { IntrospectionQueue } from '../../src/oauth/introspection-queue.js';
import { TokenGuard } from '../../src/oauth/protection.js';
import type { TokenProblem } from '../../src/oauth/token-errors.js';
import { Fault } from '../../src/wire/fault.js';
import { TestIssuer } from '../support/issuer.js';
import { claimsOf, NOW, RESOURCE, timed, who } from '../support/tokens.js';
import { until } from '../support/until.js';

const test = suite('auth/introspection');

const CLIENT = { clientId: 'barewire', clientSecret: 'secret' };

let as: TestIssuer;
test.before.each(async () => {
  as = await TestIssuer.start();
});
test.after.each(async () => {
  await as.goAway().catch(() => {}); // some tests have already sent it away
});

const verifierOf = (
  others = {},
  introspection: { clientId: string; clientSecret: string; url?: string } = CLIENT,
) => timed({ issuers: [{ issuer: as.issuer, introspection }], ...others });

/** Until `release()` the issuer answers only about `except`. */
function holdIntrospection(except: readonly string[] = []) {
  const route = as.routes.get('/introspect');
  let letGo = (): void => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const held = { size: 0, most: 0, release: () => letGo() };
  as.routes.set('/introspect', async (asked) => {
    if (!except.includes(new URLSearchParams(asked.body).get('token') ?? '')) {
      held.size += 1;
      held.most = Math.max(held.most, held.size);
      await released;
      held.size -= 1;
    }
    return route?.(asked) ?? {};
  });
  return held;
}

const active = (others = {}) => ({ active: true, ...claimsOf(as.issuer), ...others });

test('an opaque token is what its issuer says of it', async () => {
  as.opaque.set('opaque', active({ tenant: 'acme', approved_at: NOW - 60, scope: 'jira:write' }));
  const principal = await verifierOf({ implies: { 'jira:write': ['jira:read'] } }).outcome('opaque');
  assert.equal(principal, {
    issuer: as.issuer,
    user: 'alice',
    tenant: 'acme',
    clientId: 'demo',
    scopes: ['jira:write', 'jira:read'],
    approvedAt: NOW - 60,
    expiresAt: NOW + 3600,
  });
});
test('an answer without issuer, times and type is enough when it names client and audience', async () => {
  as.opaque.set('opaque', { active: true, client_id: 'demo', aud: [RESOURCE], scope: 'jira:read' });
  const principal = await verifierOf().outcome('opaque');
  assert.equal(principal, {
    issuer: as.issuer,
    user: 'demo',
    tenant: 'default',
    clientId: 'demo',
    scopes: ['jira:read'],
    approvedAt: undefined,
    expiresAt: undefined,
  });
});
test('the request holds the token and the credentials in the form of their standards', async () => {
  as.opaque.set('a+b/c~d==', active());
  const odd = { clientId: 'a:b c', clientSecret: 'p%\u00e4&=+ ' };
  assert.is(who(await verifierOf({}, odd).outcome('a+b/c~d==')), 'is alice');
  const asked = as.asked.find(({ path }) => path === '/introspect');
  assert.is(asked?.method, 'POST');
  assert.is(asked?.headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(Object.fromEntries(new URLSearchParams(asked?.body)), {
    token: 'a+b/c~d==',
    token_type_hint: 'access_token',
  });
  const basic = Buffer.from(asked?.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString();
  assert.is(basic, 'a%3Ab+c:p%25%C3%A4%26%3D%2B+');
  assert.is(as.count('/jwks'), 0);
});
test('a configured address is asked instead of the one in the metadata, which is then not needed', async () => {
  as.routes.set('/own', () => ({ body: active() }));
  assert.is(who(await verifierOf({}, { ...CLIENT, url: `${as.origin}/own` }).outcome('opaque')), 'is alice');
  assert.equal(
    as.asked.map(({ path }) => path),
    ['/own'],
  );
});
test('a JWT is never introspected, however bad it is', async () => {
  const verifier = verifierOf();
  const token = as.sign(claimsOf(as.issuer));
  assert.is(who(await verifier.outcome(token)), 'is alice');
  assert.is(await verifier.outcome(token.slice(0, token.lastIndexOf('.') + 1)), 'signature');
  assert.is(await verifier.outcome(as.sign(claimsOf(as.issuer, { exp: 1 }))), 'expired');
  assert.is(await verifier.outcome('a.b.c'), 'malformed');
  assert.is(as.count('/introspect'), 0);
});
test('a text that cannot be a token is never introspected', async () => {
  const verifier = verifierOf();
  for (const token of ['', ' ', 'a b', 'a\r\nb', 'ä', 'a&active=true', '=', 'x'.repeat(16_385)]) {
    const reason = token.length > 100 ? 'too_long' : 'malformed';
    assert.is(await verifier.outcome(token), reason, token.slice(0, 20));
  }
  assert.is(as.asked.length, 0);
});

type Case = [title: string, reason: TokenProblem | 'IssuerUnreachable', answer: object];
const bad: Case[] = [
  ['is not active', 'inactive', { active: false }],
  ['has expired', 'expired', { exp: NOW - 5 }],
  ['is not valid yet', 'not_yet_valid', { nbf: NOW + 6 }],
  ['was issued in the future', 'issued_in_future', { iat: NOW + 6 }],
  ['was approved in the future', 'approved_in_future', { approved_at: NOW + 6 }],
  ['was approved in words', 'claims', { approved_at: 'now' }],
  ['is from another issuer', 'issuer', { iss: 'https://as.example' }],
  ['is from a list of issuers', 'issuer', { iss: ['https://as.example'] }],
  ['is for another server', 'audience', { aud: 'http://localhost:3001/mcp' }],
  ['is for nobody in particular', 'claims', { aud: undefined }],
  ['is for an empty list', 'claims', { aud: [] }],
  ['is of no client', 'claims', { client_id: undefined }],
  ['is of an empty subject', 'claims', { sub: '' }],
  ['ends as a text', 'claims', { exp: '9999999999' }],
  ['has scopes that are none', 'claims', { scope: 1 }],
  ['is bound to a key', 'claims', { cnf: { jkt: 'abc' } }],
  ['is of a type with a proof', 'type', { token_type: 'DPoP' }],
  ['is a refresh token', 'type', { token_type: 'refresh_token' }],
  ['is active as a text', 'IssuerUnreachable', { active: 'true' }],
  ['is active as a number', 'IssuerUnreachable', { active: 1 }],
  ['is not said to be active', 'IssuerUnreachable', { active: undefined }],
];
for (const [title, reason, answer] of bad) {
  test(`an opaque token that ${title} is not accepted: ${reason}`, async () => {
    as.opaque.set('opaque', active(answer));
    assert.is(await verifierOf().outcome('opaque'), reason);
  });
}
test('the type of a token is bearer in any case', async () => {
  for (const type of ['Bearer', 'bearer', 'BEARER']) {
    as.opaque.set(type, active({ token_type: type }));
    assert.is(who(await verifierOf().outcome(type)), 'is alice');
  }
});

test('without the consent of its issuer\u2019s settings an opaque token is malformed', async () => {
  as.opaque.set('opaque', active());
  assert.is(await timed({ issuers: [{ issuer: as.issuer }] }).outcome('opaque'), 'malformed');
  assert.is(as.asked.length, 0);
});
test('an answer counts as long as the cache keeps it, and a revocation shows after that', async () => {
  const verifier = verifierOf({ cacheMs: 1000 });
  as.opaque.set('opaque', active());
  await verifier.verify('opaque');
  as.opaque.delete('opaque');
  verifier.pass(999);
  assert.is(who(await verifier.outcome('opaque')), 'is alice');
  assert.is(as.count('/introspect'), 1);
  verifier.pass(1);
  assert.is(await verifier.outcome('opaque'), 'inactive');
});
test('callers that bring the same opaque token at the same time share one request', async () => {
  as.opaque.set('opaque', active());
  const verifier = verifierOf();
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => verifier.outcome('opaque')));
  assert.equal(new Set(outcomes.map(who)), new Set(['is alice']));
  assert.is(as.count('/introspect'), 1);
});

const troubles: [string, { status?: number; headers?: { [name: string]: string }; body?: string }][] = [
  ['does not know the credentials', { status: 401 }],
  ['does not know the question', { status: 404 }],
  ['is in trouble', { status: 503 }],
  ['sends elsewhere', { status: 307, headers: { location: '/jwks' } }],
  ['answers with no JSON', { body: 'true' }],
  ['answers with a page', { body: '<!doctype html>' }],
  ['answers without an end', { body: `{"active":true,"pad":"${'x'.repeat(1_048_576)}"}` }],
];
for (const [title, reply] of troubles) {
  test(`nothing is known of a token when its issuer ${title}`, async () => {
    as.routes.set('/introspect', () => reply);
    assert.is(await verifierOf().outcome('opaque'), 'IssuerUnreachable');
    assert.is(as.count('/introspect'), 1);
    assert.is(as.count('/jwks'), 0);
  });
}
test('an issuer that is away and comes back is asked again', async () => {
  as.opaque.set('opaque', active());
  const verifier = verifierOf({ cacheEntries: 0 });
  assert.is(who(await verifier.outcome('opaque')), 'is alice');
  await as.goAway();
  assert.is(await verifier.outcome('opaque'), 'IssuerUnreachable');
  await as.comeBack();
  assert.is(who(await verifier.outcome('opaque')), 'is alice');
});
test('a stranger whose tokens make the issuer answer 429 locks nobody else out', async () => {
  as.opaque.set('opaque', active());
  const verifier = verifierOf({ cacheEntries: 0 });
  assert.is(who(await verifier.outcome('opaque')), 'is alice');
  const route = as.routes.get('/introspect');
  as.routes.set('/introspect', () => ({ status: 429 }));
  assert.is(await verifier.outcome('junk'), 'IssuerUnreachable');
  assert.ok(route);
  as.routes.set('/introspect', route);
  assert.is(who(await verifier.outcome('opaque')), 'is alice');
});
/** No request times out: the effect of a busy machine on real deadlines is not tested here. */
const PATIENT = { after: () => () => {}, fetchMs: 2 ** 31 - 1 };

test('no more than 32 requests are open at the same time, and no more than 12 for new tokens of one address', async () => {
  const verifier = verifierOf({ cacheEntries: 0, ...PATIENT });
  await verifier.outcome('first'); // the metadata is known from here on
  const open = holdIntrospection();
  const one = Array.from({ length: 60 }, (_, at) => verifier.outcome(`junk${at}`, '192.0.2.1'));
  await until(() => open.size >= 12);
  const others = [2, 3, 4].flatMap((host) =>
    Array.from({ length: 20 }, (_, at) => verifier.outcome(`junk${host}-${at}`, `192.0.2.${host}`)),
  );
  await until(() => open.size >= 24);
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(open.size, 24); // 8 are left for tokens that were good before
  open.release();
  const outcomes = await Promise.all([...one, ...others]);
  assert.equal(new Set(outcomes), new Set(['inactive']));
  assert.ok(open.most <= 24);
});

const STRANGER = '198.51.100.7';
/** A client at work, and strangers that send 64 made-up tokens over and over, as fast as they get answers. */
async function underAttack(good: readonly string[], address: string): Promise<string[]> {
  for (const token of good) as.opaque.set(token, active());
  const route = as.routes.get('/introspect');
  as.routes.set('/introspect', async (asked) => {
    await new Promise((resolve) => setImmediate(resolve));
    return route?.(asked) ?? {};
  });
  const verifier = verifierOf(PATIENT);
  let attacking = true;
  let brought = 0;
  const strangers = Array.from({ length: 64 }, async () => {
    while (attacking) {
      brought += 1;
      await verifier.outcome(`random-${brought}`, STRANGER);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await until(() => brought > 128);
  const outcomes: string[] = [];
  for (const token of good) outcomes.push(who(await verifier.outcome(token, address)));
  attacking = false;
  await Promise.all(strangers);
  return outcomes;
}
const GOOD = Array.from({ length: 20 }, (_, at) => `good-${at}`);

test('64 strangers with random tokens fail no good token of another address', async () => {
  assert.equal(new Set(await underAttack(GOOD, '192.0.2.1')), new Set(['is alice']));
});
test('64 strangers with random tokens fail no good token of their own address, as behind a proxy', async () => {
  assert.equal(new Set(await underAttack(GOOD, STRANGER)), new Set(['is alice']));
});
test('a token that was good before is introspected while strangers use up all that one address may have open', async () => {
  as.opaque.set('at-work', active());
  const verifier = verifierOf({ cacheMs: 1000, ...PATIENT });
  assert.is(who(await verifier.outcome('at-work', STRANGER)), 'is alice');
  verifier.pass(1000);
  const open = holdIntrospection(['at-work']);
  const junk = Array.from({ length: 300 }, (_, at) => verifier.outcome(`junk${at}`, STRANGER));
  await until(() => open.size >= 12);
  assert.is(who(await verifier.outcome('at-work', STRANGER)), 'is alice');
  open.release();
  const outcomes = await Promise.all(junk);
  // 12 questions are open, 256 wait, and the rest are refused at once.
  assert.is(outcomes.filter((outcome) => outcome === 'IssuerUnreachable').length, 300 - 12 - 256);
});
test('a request counts to the address that its connection came from', async () => {
  as.opaque.set('new', active());
  const options = {
    issuers: [{ issuer: as.issuer, introspection: CLIENT }],
    clock: () => new Date(NOW * 1000),
  };
  const protection = new TokenGuard(RESOURCE, 'test', [], options);
  const open = holdIntrospection(['new']);
  const bring = async (token: string, remoteAddress: string): Promise<number | string> => {
    const rawHeaders = ['Authorization', `Bearer ${token}`];
    try {
      const verified = await protection.authenticate({ rawHeaders, socket: { remoteAddress } });
      return verified instanceof Fault ? verified.status('modern') : verified.user;
    } catch (error) {
      return String(error);
    }
  };
  const junk = Array.from({ length: 300 }, (_, at) => bring(`junk${at}`, STRANGER));
  await until(() => open.size >= 12);
  assert.is(await bring('one-too-many', STRANGER), 503);
  assert.is(await bring('new', '192.0.2.1'), 'alice');
  open.release();
  await Promise.all(junk);
});
test('the addresses of one IPv6 site of 48 bits share what one address may have open', async () => {
  const verifier = verifierOf();
  await verifier.outcome('first');
  const open = holdIntrospection();
  const junk = Array.from({ length: 30 }, (_, at) => verifier.outcome(`junk${at}`, `2001:db8:0:${at}::1`));
  await until(() => open.size >= 12);
  const other = verifier.outcome('other', '2001:db8:1::1');
  await until(() => as.asked.some(({ body }) => body.includes('token=other')));
  assert.is(open.size, 13);
  open.release();
  await Promise.all([...junk, other]);
});
test('newcomers from thousands of addresses take the next turn from nobody', async () => {
  const turns = new IntrospectionQueue(() => () => {});
  let letGo = (): void => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const come = (address: string): Promise<string> =>
    turns
      .run(() => released, { address, wasValid: false })
      .then(
        () => 'asked about',
        () => 'no room',
      );
  const open = Array.from({ length: 24 }, (_, at) => come(`open ${at}`));
  const waiting = Array.from({ length: 1_024 }, (_, at) => come(`waiting ${at}`));
  const newcomers = Array.from({ length: 5_000 }, (_, at) => come(`newcomer ${at}`));
  letGo();
  assert.equal(new Set(await Promise.all(newcomers)), new Set(['no room']));
  assert.equal(new Set(await Promise.all([...open, ...waiting])), new Set(['asked about']));
});
test('a refused token is refused for five seconds without asking, and asked about after that', async () => {
  const verifier = verifierOf();
  assert.is(await verifier.outcome('made-up'), 'inactive');
  for (let again = 0; again < 10; again += 1) assert.is(await verifier.outcome('made-up'), 'inactive');
  verifier.pass(4999);
  assert.is(await verifier.outcome('made-up'), 'inactive');
  assert.is(as.count('/introspect'), 1);
  verifier.pass(1);
  as.opaque.set('made-up', active());
  assert.is(who(await verifier.outcome('made-up')), 'is alice');
});
test('a token that is too early is asked about each time', async () => {
  const verifier = verifierOf();
  as.opaque.set('early', active({ nbf: NOW + 6 }));
  assert.is(await verifier.outcome('early'), 'not_yet_valid');
  verifier.pass(1000);
  assert.is(who(await verifier.outcome('early')), 'is alice');
});
test('the newest 10,000 refused tokens are remembered', async () => {
  const introspect = async (token: string): Promise<undefined> => void asked.push(token);
  const asked: string[] = [];
  const ask = createIntrospectAny([introspect], { ageMs: 60_000, clock: () => new Date(0) });
  const refused = (token: string): Promise<unknown> =>
    ask(token, { key: token, address: '' }).catch(() => {});
  for (let at = 0; at <= 10_000; at += 1) await refused(`junk${at}`);
  await refused('junk10000');
  await refused('junk1');
  assert.is(asked.length, 10_001);
  await refused('junk0');
  assert.equal(asked.slice(10_001), ['junk0']);
});
test('metadata without an introspection endpoint, or with an unsafe one, is no reason to accept a token', async () => {
  for (const url of [undefined, 'http://as.example/introspect']) {
    const metadata = { ...as.metadata, introspection_endpoint: url };
    as.routes.set('/.well-known/oauth-authorization-server', () => ({ body: metadata }));
    assert.is(await verifierOf().outcome('opaque'), 'IssuerUnreachable');
  }
});
test('no refusal holds the secret', async () => {
  as.routes.set('/introspect', () => ({ status: 503 }));
  const { message, cause } = await verifierOf().refusal('opaque-token');
  assert.not.match(`${message} ${cause}`, /secret|opaque-token|barewire/);
});

test('several issuers are asked in order until one accepts the token', async () => {
  const other = await TestIssuer.start();
  const issuers = [as, other].map(({ issuer }) => ({ issuer, tenant: 'acme', introspection: CLIENT }));
  other.opaque.set('others', { active: true, ...claimsOf(other.issuer, { sub: 'bob' }) });
  as.opaque.set('own', active());
  const verifier = timed({ issuers });
  const found = await verifier.outcome('others');
  assert.equal([who(found), typeof found !== 'string' && found.issuer], ['is bob', other.issuer]);
  assert.is(who(await verifier.outcome('own')), 'is alice');
  assert.is(await verifier.outcome('nobodys'), 'inactive');
  assert.equal([as.count('/introspect'), other.count('/introspect')], [3, 2]);
  await other.goAway();
});
test('while one of several issuers is away, its tokens stay unjudged and those of the others are accepted', async () => {
  const other = await TestIssuer.start();
  const issuers = [as, other].map(({ issuer }) => ({ issuer, tenant: 'acme', introspection: CLIENT }));
  other.opaque.set('others', { active: true, ...claimsOf(other.issuer, { sub: 'bob' }) });
  const verifier = timed({ issuers });
  await as.goAway();
  assert.is(who(await verifier.outcome('others')), 'is bob');
  assert.is(await verifier.outcome('unknown'), 'IssuerUnreachable');
  await other.goAway();
});
test("an issuer that knows the token as somebody else's settles it", async () => {
  const other = await TestIssuer.start();
  const issuers = [as, other].map(({ issuer }) => ({ issuer, tenant: 'acme', introspection: CLIENT }));
  as.opaque.set('opaque', active({ aud: 'http://localhost:3001/mcp' }));
  other.opaque.set('opaque', { active: true, ...claimsOf(other.issuer) });
  assert.is(await timed({ issuers }).outcome('opaque'), 'audience');
  assert.is(other.asked.length, 0);
  await other.goAway();
});

test.run();
