import { createPublicKey } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenProblem } from '../../src/oauth/token-errors.js';
import { encoded, macToken, makeKey, signToken, TestIssuer } from '../support/issuer.js';
import { claimsOf, NOW, RESOURCE, timed, who } from '../support/tokens.js';

const test = suite('auth/verifier');

let as: TestIssuer;
const rsa = makeKey('RS256', 'rsa');
test.before(async () => {
  as = await TestIssuer.start();
  as.keys = [rsa, ...as.keys];
});
test.after(() => as.goAway());

const verifierOf = (others = {}) => timed({ issuers: [{ issuer: as.issuer }], ...others });
const good = (others = {}) => claimsOf(as.issuer, others);

test('a good token becomes a principal', async () => {
  const token = as.sign(
    good({ tenant: 'acme', approved_at: NOW - 60, scope: 'jira:write approved:by:human' }),
  );
  const principal = await verifierOf({ implies: { 'jira:write': ['jira:read'] } }).outcome(token);
  assert.equal(principal, {
    issuer: as.issuer,
    user: 'alice',
    tenant: 'acme',
    clientId: 'demo',
    scopes: ['jira:write', 'approved:by:human', 'jira:read'],
    approvedAt: NOW - 60,
    expiresAt: NOW + 3600,
  });
  assert.ok(typeof principal !== 'string' && Object.isFrozen(principal) && Object.isFrozen(principal.scopes));
});
test('without tenant, scope and approval, a token has the default tenant, no scopes and no approval', async () => {
  const principal = await verifierOf().verify(as.sign(good({ scope: undefined })));
  assert.equal([principal.tenant, principal.scopes, principal.approvedAt], ['default', [], undefined]);
});
test('the client may have its older claim names, and the standard one comes first', async () => {
  const verifier = verifierOf();
  const client = async (claims: object) => (await verifier.verify(as.sign(good(claims)))).clientId;
  assert.is(await client({ client_id: undefined, azp: 'b', cid: 'c' }), 'b');
  assert.is(await client({ client_id: undefined, cid: 'c' }), 'c');
  assert.is(await client({ azp: 'b' }), 'demo');
});
test('each algorithm that can be allowed is verified', async () => {
  const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
  const all = [...algorithms, 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
  const known = as.keys;
  as.keys = all.map((alg) => makeKey(alg, alg));
  try {
    const verifier = verifierOf();
    for (const key of as.keys) {
      assert.is(who(await verifier.outcome(signToken(key, good()))), 'is alice', key.alg);
    }
  } finally {
    as.keys = known;
  }
});

type Case = [title: string, reason: TokenProblem, claims: () => object, header?: { [name: string]: unknown }];
const bad: Case[] = [
  ['that has expired', 'expired', () => ({ exp: NOW - 5 })],
  ['that ended in 1970', 'expired', () => ({ exp: 0 })],
  ['that is not valid yet', 'not_yet_valid', () => ({ nbf: NOW + 6 })],
  ['that was issued in the future', 'issued_in_future', () => ({ iat: NOW + 6 })],
  ['that was approved in the future', 'approved_in_future', () => ({ approved_at: NOW + 6 })],
  ['for another server', 'audience', () => ({ aud: 'http://localhost:3001/mcp' })],
  ['for this server with a slash at the end', 'audience', () => ({ aud: `${RESOURCE}/` })],
  ['for something below this server', 'audience', () => ({ aud: `${RESOURCE}/tools` })],
  ['for the origin of this server', 'audience', () => ({ aud: 'http://localhost:3000' })],
  ['for the client', 'audience', () => ({ aud: 'demo' })],
  ['for nobody', 'claims', () => ({ aud: undefined })],
  ['for an empty list', 'claims', () => ({ aud: [] })],
  ['from another issuer', 'issuer', () => ({ iss: 'https://as.example' })],
  ['from the issuer with a slash at the end', 'issuer', () => ({ iss: `${as.issuer}/` })],
  ['from the issuer in upper case', 'issuer', () => ({ iss: as.issuer.toUpperCase() })],
  ['from a list of issuers', 'issuer', () => ({ iss: [as.issuer] })],
  ['from nobody', 'claims', () => ({ iss: undefined })],
  ['that never ends', 'claims', () => ({ exp: undefined })],
  ['that ends as a text', 'claims', () => ({ exp: `${NOW + 60}` })],
  ['that ends with null', 'claims', () => ({ exp: null })],
  ['that ends before 1970', 'claims', () => ({ exp: -1 })],
  ['that begins as a text', 'claims', () => ({ nbf: '0' })],
  ['that was never issued', 'claims', () => ({ iat: undefined })],
  ['of nobody', 'claims', () => ({ sub: undefined })],
  ['of an empty subject', 'claims', () => ({ sub: '' })],
  ['of a numbered subject', 'claims', () => ({ sub: 1 })],
  ['of no client', 'claims', () => ({ client_id: undefined })],
  ['of a listed client', 'claims', () => ({ client_id: ['demo'], azp: 'demo' })],
  ['of a null tenant', 'claims', () => ({ tenant: null })],
  ['of an empty tenant', 'claims', () => ({ tenant: '' })],
  ['of several tenants', 'claims', () => ({ tenant: ['a', 'b'] })],
  ['approved in words', 'claims', () => ({ approved_at: 'just now' })],
  ['approved as a text', 'claims', () => ({ approved_at: `${NOW}` })],
  ['approved by true', 'claims', () => ({ approved_at: true })],
  ['approved by null', 'claims', () => ({ approved_at: null })],
  ['with a numbered scope', 'claims', () => ({ scope: 1 })],
  ['bound to a key', 'claims', () => ({ cnf: { jkt: 'abc' } })],
  ['of the type of an ID token', 'type', () => ({}), { typ: 'JWT' }],
  ['without a type', 'type', () => ({}), { typ: undefined }],
  ['with a type that is no text', 'type', () => ({}), { typ: ['at+jwt'] }],
  ['of a type below application/', 'type', () => ({}), { typ: 'application/x/at+jwt' }],
  ['with an unknown extension', 'malformed', () => ({}), { crit: ['exp'], exp: NOW }],
  ['with an unencoded payload', 'malformed', () => ({}), { crit: ['b64'], b64: false }],
  ['with an empty list of extensions', 'malformed', () => ({}), { crit: [] }],
  ['with a key id that is no text', 'malformed', () => ({}), { kid: 1 }],
  ['with a key that is not known', 'key', () => ({}), { kid: 'nobody' }],
  ['with the key id of another kind of key', 'key', () => ({}), { kid: 'rsa' }],
  ['without an algorithm', 'algorithm', () => ({}), { alg: undefined }],
  ['with a list of algorithms', 'algorithm', () => ({}), { alg: ['ES256'] }],
  ['with an algorithm in lower case', 'algorithm', () => ({}), { alg: 'es256' }],
  ['with an algorithm named like a member of every object', 'algorithm', () => ({}), { alg: 'constructor' }],
];
for (const [title, reason, claims, header] of bad) {
  test(`a token ${title} is refused: ${reason}`, async () => {
    assert.is(await verifierOf().outcome(as.sign(good(claims()), header)), reason);
  });
}

test('a token that ends at infinity was never valid', async () => {
  const claims = JSON.stringify(good({ exp: 0 })).replace('"exp":0', '"exp":1e999');
  assert.match(claims, /1e999/);
  assert.is(await verifierOf().outcome(as.sign(claims)), 'claims');
});
test('times are accepted within the tolerance, to the second', async () => {
  const verifier = verifierOf({ clockToleranceS: 10 });
  const at = async (claims: object) => who(await verifier.outcome(as.sign(good(claims))));
  assert.is(await at({ exp: NOW - 9 }), 'is alice');
  assert.is(await at({ exp: NOW - 10 }), 'expired');
  for (const name of ['nbf', 'iat', 'approved_at']) {
    assert.is(await at({ [name]: NOW + 10 }), 'is alice', name);
    assert.is.not(await at({ [name]: NOW + 11 }), 'is alice', name);
  }
});
test('the type of a token has no case, and may be written in full', async () => {
  const verifier = verifierOf();
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+JWT']) {
    assert.is(who(await verifier.outcome(as.sign(good(), { typ }))), 'is alice', typ);
  }
});
test('the operator chooses the claim that names the client', async () => {
  const verifier = verifierOf({ clientClaims: ['appid', 'azp'] });
  const named = async (claims: object) => {
    const outcome = await verifier.outcome(as.sign({ ...good(), client_id: undefined, ...claims }));
    return typeof outcome === 'string' ? outcome : outcome.clientId;
  };
  assert.is(await named({ appid: 'entra', azp: 'other' }), 'entra');
  assert.is(await named({ azp: 'other' }), 'other');
  assert.is(await named({ client_id: 'demo' }), 'claims');
  assert.is(await named({ appid: '' }), 'claims');
});
test('another type counts once it is allowed', async () => {
  const verifier = verifierOf({ tokenTypes: ['JWT'] });
  assert.is(who(await verifier.outcome(as.sign(good(), { typ: 'jwt' }))), 'is alice');
  assert.is(await verifier.outcome(as.sign(good())), 'type');
});
test('where several types or algorithms are allowed, the log names all of them', async () => {
  const verifier = verifierOf({ tokenTypes: ['JWT', 'custom'], algorithms: ['RS256', 'ES256'] });
  const message = async (header: { [name: string]: unknown }) =>
    (await verifier.refusal(as.sign(good(), header))).message;
  assert.match(await message({ typ: 'at+jwt' }), /^expected "typ" jwt or custom, received "at\+jwt"/);
  assert.is(await message({ alg: 'PS256' }), 'expected "alg" RS256 or ES256, received "PS256"');
});
test('an algorithm that is not allowed is refused before anybody is asked', async () => {
  const other = await TestIssuer.start();
  const verifier = timed({ issuers: [{ issuer: other.issuer }], algorithms: ['RS256'] });
  assert.is(await verifier.outcome(other.sign(claimsOf('https://nobody.example'))), 'algorithm');
  assert.is(await verifier.outcome(other.sign('no JSON')), 'algorithm');
  assert.is(other.asked.length, 0);
  await other.goAway();
});

test('alg "none" is refused, in any spelling, with or without a signature', async () => {
  const verifier = verifierOf();
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    const unsigned = `${encoded({ alg, typ: 'at+jwt' })}.${encoded(good())}.`;
    assert.is(await verifier.outcome(unsigned), 'algorithm', alg);
    assert.is(await verifier.outcome(`${unsigned}AAAA`), 'algorithm', alg);
  }
});
test('a token whose signature was cut off, in part or in whole, is refused', async () => {
  const verifier = verifierOf();
  const token = as.sign(good());
  const unsigned = token.slice(0, token.lastIndexOf('.') + 1);
  assert.is(await verifier.outcome(unsigned), 'signature');
  assert.is(await verifier.outcome(token.slice(0, -8)), 'signature');
  assert.is(await verifier.outcome(`${token}AAAA`), 'signature');
  assert.is(await verifier.outcome(unsigned.slice(0, -1)), 'malformed');
});
test('the public key of the issuer is not a secret to sign with', async () => {
  const pem = createPublicKey(rsa.privateKey);
  const secrets = [
    pem.export({ type: 'spki', format: 'pem' }),
    pem.export({ type: 'pkcs1', format: 'pem' }),
    pem.export({ type: 'spki', format: 'der' }),
    JSON.stringify(rsa.jwk),
    String(rsa.jwk.n),
    '',
  ];
  const verifier = verifierOf();
  for (const secret of secrets) {
    assert.is(await verifier.outcome(macToken(secret, good(), { kid: 'rsa' })), 'algorithm');
    // The algorithm is another's, the signature a MAC.
    assert.is(await verifier.outcome(macToken(secret, good(), { kid: 'rsa', alg: 'RS256' })), 'signature');
  }
});
test('a signature belongs to exactly this header and these claims', async () => {
  const verifier = verifierOf();
  const [header, claims, signature] = as.sign(good()).split('.');
  const forged = encoded(good({ sub: 'mallory' }));
  assert.is(await verifier.outcome(`${header}.${forged}.${signature}`), 'signature');
  const typed = encoded({ alg: 'ES256', kid: 'first', typ: 'AT+JWT' });
  assert.is(await verifier.outcome(`${typed}.${claims}.${signature}`), 'signature');
});
test('a key that the token brings along, or an address where to find one, is never used', async () => {
  const mallory = await TestIssuer.start();
  const [key] = mallory.keys;
  assert.ok(key !== undefined);
  const url = `${mallory.origin}/jwks`;
  const verifier = verifierOf();
  const before = as.asked.length;
  const pem = key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  for (const brought of [
    { jwk: key.jwk },
    { jku: url },
    { x5u: url },
    { x5c: [pem] },
    { 'x5t#S256': 'abc' },
  ]) {
    // With the id of a good key, with an id of its own, and without one.
    assert.is(await verifier.outcome(signToken(key, good(), brought)), 'signature');
    assert.is(await verifier.outcome(signToken(key, good(), { ...brought, kid: 'own' })), 'key');
    assert.is(await verifier.outcome(signToken(key, good(), { ...brought, kid: undefined })), 'signature');
  }
  assert.is(mallory.asked.length, 0);
  assert.ok(as.asked.slice(before).every(({ path }) => path === '/jwks' || path.startsWith('/.well-known/')));
  await mallory.goAway();
});
test('a good token that brings a key along is verified with the issuer’s key', async () => {
  const token = as.sign(good(), { jwk: makeKey('ES256', 'first').jwk, jku: 'https://nobody.example/' });
  assert.is(who(await verifierOf().outcome(token)), 'is alice');
});
test('an issuer vouches for itself only, even if its keys have the same ids as another’s', async () => {
  const other = await TestIssuer.start('/other');
  const verifier = timed({ issuers: [as, other].map(({ issuer }) => ({ issuer, tenant: 'acme' })) });
  assert.is(as.keys.at(-1)?.kid, other.keys.at(-1)?.kid);
  assert.is(who(await verifier.outcome(other.sign(claimsOf(other.issuer, { sub: 'bob' })))), 'is bob');
  assert.is(who(await verifier.outcome(as.sign(good()))), 'is alice');
  assert.is(await verifier.outcome(other.sign(good())), 'signature');
  assert.is(await verifier.outcome(as.sign(claimsOf(other.issuer))), 'signature');
  await other.goAway();
});
test('a token without a key id is checked with every key that fits', async () => {
  const [first, second] = [makeKey('ES256', 'one'), makeKey('ES256', 'two')];
  const other = await TestIssuer.start();
  other.keys = [first, second];
  const verifier = timed({ issuers: [{ issuer: other.issuer }] });
  for (const key of [first, second]) {
    const token = signToken(key, claimsOf(other.issuer), { kid: undefined });
    assert.is(who(await verifier.outcome(token)), 'is alice', key.kid);
  }
  const stranger = signToken(makeKey('ES256', 'one'), claimsOf(other.issuer), { kid: undefined });
  assert.is(await verifier.outcome(stranger), 'signature');
  await other.goAway();
});
test('keys that are too short, private, secret or for another purpose verify nothing', async () => {
  const other = await TestIssuer.start();
  const weak = makeKey('RS256', 'weak', 1024);
  const leaked = makeKey('ES256', 'leaked');
  leaked.jwk = { ...leaked.privateKey.export({ format: 'jwk' }), kid: 'leaked' };
  const cipher = makeKey('ES256', 'cipher');
  cipher.jwk = { ...cipher.jwk, use: 'enc' };
  const foreign = makeKey('ES256', 'foreign');
  foreign.jwk = { ...foreign.jwk, alg: 'ES384' };
  const odd = makeKey('ES256', 'odd');
  odd.jwk = { kty: 'EC', crv: 'P-256', kid: 'odd', x: 'AA', y: 'AA' };
  const secret = makeKey('ES256', 'secret');
  secret.jwk = { kty: 'oct', k: 'c2VjcmV0', kid: 'secret' };
  other.keys = [weak, leaked, cipher, foreign, odd, secret];
  const verifier = timed({ issuers: [{ issuer: other.issuer }] });
  for (const key of other.keys) {
    assert.is(await verifier.outcome(signToken(key, claimsOf(other.issuer))), 'key', key.kid);
  }
  assert.is(
    await verifier.outcome(macToken('secret', claimsOf(other.issuer), { kid: 'secret' })),
    'algorithm',
  );
  await other.goAway();
});

const malformed: [string, () => string][] = [
  ['of no text', () => ''],
  ['of two parts', () => 'a.b'],
  ['of four parts', () => `${as.sign(good())}.AAAA`],
  ['of five parts, which is encrypted', () => 'a.b.c.d.e'],
  ['with a header that is no JSON', () => `AAAA.${encoded(good())}.AAAA`],
  ['with a header that is a list', () => `${encoded('["ES256"]')}.${encoded(good())}.AAAA`],
  ['with a header that is null', () => `${encoded('null')}.${encoded(good())}.AAAA`],
  ['with claims that are no JSON', () => as.sign('claims')],
  ['with claims that are a list', () => as.sign('[]')],
  ['with claims that are not UTF-8', () => as.sign(Buffer.from('{"a":"\xff"}', 'latin1'))],
  ['with a line break behind it', () => `${as.sign(good())}\n`],
  ['with a blank inside', () => as.sign(good()).replace('.', ' .')],
  ['with characters of plain base64', () => `${as.sign(good()).slice(0, -2)}+/`],
];
for (const [title, token] of malformed) {
  test(`a token ${title} is malformed`, async () => {
    assert.is(await verifierOf().outcome(token()), 'malformed');
  });
}
test('a token of 16 KiB is read, and a longer one is not', async () => {
  const verifier = verifierOf();
  const padded = (size: number) => {
    const room = as.sign(good({ pad: '' })).length;
    const token = as.sign(good({ pad: 'x'.repeat(Math.floor(((size - room) * 3) / 4)) }));
    return token;
  };
  const largest = padded(16_384);
  assert.ok(largest.length > 16_380 && largest.length <= 16_384, `${largest.length}`);
  assert.is(who(await verifier.outcome(largest)), 'is alice');
  assert.is(await verifier.outcome(padded(16_390)), 'too_long');
  assert.is(await verifier.outcome('x'.repeat(16_385)), 'too_long');
  assert.is(await verifier.outcome('x'.repeat(16_384)), 'malformed');
});

test('the log names the expected and the received value, and the response does not', async () => {
  const verifier = verifierOf();
  const issuer = await verifier.refusal(as.sign(good({ iss: 'https://evil.example' })));
  assert.is(issuer.message, `expected "iss" ${as.issuer}, received "https://evil.example"`);
  const audience = await verifier.refusal(as.sign(good({ aud: ['https://evil.example'] })));
  assert.is(audience.message, `expected "aud" ${RESOURCE}, received ["https://evil.example"]`);
  for (const refused of [issuer, audience]) {
    assert.ok('publicMessage' in refused);
    assert.not.match(refused.publicMessage, /evil|localhost|127/);
  }
});
const told: [title: string, message: string, claims: object, header?: { [name: string]: unknown }][] = [
  ['no expiry', 'the token has no "exp"', { exp: undefined }],
  ['no time of issue', 'the token has no "iat"', { iat: undefined }],
  ['no user', 'the token has no "sub"', { sub: undefined }],
  ['a user that is no text', '"sub" must be a text, received 1', { sub: 1 }],
  [
    'no client',
    'the token has no "client_id" or "azp" or "cid"; --client-claims says which claim names the client',
    { client_id: undefined },
  ],
  ['a key that binds it', '"cnf" binds the token to a key', { cnf: {} }],
  ['an expiry in the past', `"exp" is ${NOW - 60}, and now it is ${NOW}`, { exp: NOW - 60 }],
  ['a beginning in the future', `"nbf" is ${NOW + 60}, and now it is ${NOW}`, { nbf: NOW + 60 }],
  ['an issue in the future', `"iat" is ${NOW + 60}, and now it is ${NOW}`, { iat: NOW + 60 }],
  [
    'an approval in the future',
    `"approved_at" is ${NOW + 60}, which is in the future`,
    { approved_at: NOW + 60 },
  ],
  ['a time that is none', '"exp" must be seconds since 1970, received "soon"', { exp: 'soon' }],
  ['scopes that are none', '"scope" must be scopes, received 1', { scope: 1 }],
  ['an audience that is none', `expected "aud" ${RESOURCE}, received nothing`, { aud: undefined }],
  [
    'another type',
    'expected "typ" at+jwt, received "JWT"; --token-types says which are accepted',
    {},
    { typ: 'JWT' },
  ],
  ['a type that is no text', '"typ" is ["at+jwt"]', {}, { typ: ['at+jwt'] }],
  ['a key id that is no text', '"kid" is 1', {}, { kid: 1 }],
  ['an extension', '"crit" asks for ["exp"]', {}, { crit: ['exp'], exp: NOW }],
  ['another algorithm', 'expected "alg" ES256, received "RS256"', {}, { alg: 'RS256' }],
];
for (const [title, message, claims, header] of told) {
  test(`the log says what is wrong with a token with ${title}`, async () => {
    const verifier = verifierOf({ algorithms: ['ES256'] });
    assert.is((await verifier.refusal(as.sign(good(claims), header))).message, message);
  });
}
test('the log says which part of a malformed token is wrong, and how long an overlong token is', async () => {
  const verifier = verifierOf();
  const message = async (token: string) => (await verifier.refusal(token)).message;
  assert.is(await message(as.sign('no JSON')), 'the payload of the token cannot be read');
  assert.is(await message(`AAAA.${encoded(good())}.AAAA`), 'the header of the token cannot be read');
  assert.instance((await verifier.refusal(as.sign('[]'))).cause, Error);
  assert.is(await message('a,b'), 'the token has characters that no token has');
  assert.is(await message('opaque'), 'the token is not a JWT, and no issuer has introspection');
  assert.is(await message('x'.repeat(16_385)), 'the token has 16385 characters');
  const stranger = makeKey('ES256', 'stranger');
  const behind = `, kid "stranger" of ${as.issuer}`;
  assert.is(await message(signToken(stranger, good())), `there is no key to check it with${behind}`);
  const known = signToken(makeKey('ES256', 'first'), good());
  assert.is(await message(known), `the signature does not match, kid "first" of ${as.issuer}`);
  // One digit of Base64 is no byte.
  const cut = known.slice(0, known.lastIndexOf('.') + 2);
  assert.is(await message(cut), `the signature cannot be read, kid "first" of ${as.issuer}`);
  assert.is(await verifier.outcome(cut), 'malformed');
  for (const token of [known, cut, signToken(stranger, good())])
    assert.instance((await verifier.refusal(token)).cause, Error);
});
test('no refusal holds the token or a part of it', async () => {
  const verifier = verifierOf();
  const tokens = [
    as.sign(good({ exp: 1 })),
    as.sign(good(), { kid: 'nobody' }),
    as.sign('no JSON'),
    signToken(makeKey('ES256', 'first'), good()),
    'an-opaque-token',
  ];
  for (const token of tokens) {
    const error = await verifier.refusal(token);
    const all = `${error.message} ${error.cause}`;
    for (const part of token.split('.')) assert.not.ok(all.includes(part), all);
  }
});

test('a token that was verified a moment ago is accepted at once', async () => {
  const verifier = verifierOf();
  const token = as.sign(good());
  const first = verifier.verify(token);
  assert.instance(first, Promise);
  const principal = await first;
  assert.is(verifier.verify(token), principal);
  verifier.pass(59_999);
  assert.is(verifier.verify(token), principal);
  verifier.pass(1);
  assert.instance(verifier.verify(token), Promise);
});
test('a token that was verified a moment ago is refused from the moment it ends', async () => {
  const verifier = verifierOf({ clockToleranceS: 0 });
  const token = as.sign(good({ exp: NOW + 10 }));
  await verifier.verify(token);
  verifier.pass(9_999);
  assert.not.instance(verifier.verify(token), Promise);
  verifier.pass(1);
  assert.is(await verifier.outcome(token), 'expired');
});
test('a refusal is not remembered', async () => {
  const verifier = verifierOf();
  const token = as.sign(good({ nbf: NOW + 10 }));
  assert.is(await verifier.outcome(token), 'not_yet_valid');
  verifier.pass(5_000);
  assert.is(who(await verifier.outcome(token)), 'is alice');
});
test('callers that bring the same token at the same time share the work and its outcome', async () => {
  const verifier = verifierOf({ cacheEntries: 0 });
  const [fine, ended] = [as.sign(good()), as.sign(good({ exp: 1 }))];
  const first = verifier.verify(fine);
  assert.is(verifier.verify(fine), first);
  await first;
  assert.is.not(verifier.verify(fine), first);
  const outcomes = await Promise.all([ended, ended, fine].map((token) => verifier.outcome(token)));
  assert.equal(outcomes.map(who), ['expired', 'expired', 'is alice']);
});
test('two verifiers for two resources never accept each other’s tokens', async () => {
  const elsewhere = 'http://localhost:3001/mcp';
  const [here, there] = [verifierOf(), timed({ issuers: [{ issuer: as.issuer }] }, elsewhere)];
  const tokens = [as.sign(good()), as.sign(good({ aud: elsewhere }))];
  const table = await Promise.all(
    [here, there].map((verifier) =>
      Promise.all(tokens.map(async (token) => who(await verifier.outcome(token)))),
    ),
  );
  assert.equal(table, [
    ['is alice', 'audience'],
    ['audience', 'is alice'],
  ]);
});

test.run();
