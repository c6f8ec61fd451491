/** A token that its own issuer reads back. Tokens of other issuers are read in verifier.test.ts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReadLocalJwt, isJwt, type Jwk, mediaType } from '../../src/oauth/jwt.js';
import { encoded, makeKey, type SigningKey, signToken } from '../support/issuer.js';

const test = suite('auth/jwt');

const ISSUER = 'https://as.example';
const privateJwk = ({ privateKey, kid }: SigningKey): Jwk => ({
  ...(privateKey.export({ format: 'jwk' }) as { kty: string; n: string; e: string }),
  kid,
  use: 'sig',
  alg: 'RS256',
});
const [key, older, stranger] = ['newest', 'older', 'newest'].map((kid) => makeKey('RS256', kid)) as [
  SigningKey,
  SigningKey,
  SigningKey,
];
const read = createReadLocalJwt(ISSUER, [key, older].map(privateJwk));
const claims = (others = {}) => ({
  iss: ISSUER,
  exp: Math.floor(Date.now() / 1_000) + 60,
  jti: 'x',
  ...others,
});

test('an issuer reads a token that it signed with any of its keys', async () => {
  for (const own of [key, older]) assert.is((await read(signToken(own, claims())))?.jti, 'x');
});
test('any other token is not one of its own', async () => {
  const good = signToken(key, claims());
  for (const [title, token] of [
    ['of another key', signToken(stranger, claims())],
    ['of another issuer', signToken(key, claims({ iss: 'https://other.example' }))],
    ['that has expired', signToken(key, claims({ exp: 1 }))],
    ['of another type', signToken(key, claims(), { typ: 'JWT' })],
    ['of another algorithm', signToken(key, claims(), { alg: 'PS256' })],
    ['without a signature', `${good.slice(0, good.lastIndexOf('.'))}.`],
    ['that is no token', 'opaque'],
    ['that is empty', ''],
    ['that is unsigned', `${encoded({ alg: 'none', typ: 'at+jwt' })}.${encoded(claims())}.`],
  ] as const)
    assert.is(await read(token), undefined, title);
});
test('a key that cannot be used is an error, and does not make the token foreign', async () => {
  const { kty = '', kid, use, alg } = privateJwk(key);
  const readBroken = createReadLocalJwt(ISSUER, [{ kty, kid, use, alg }]);
  const problem = await readBroken(signToken(key, claims())).catch((error: unknown) => error);
  assert.instance(problem, Error);
});
test('three parts are a JWT, of which only the signature may be empty', () => {
  for (const token of ['a.b.c', 'a.b.', 'a-_9.b.c-_9']) assert.ok(isJwt(token), token);
  for (const token of [
    'a',
    'a.b',
    '.b.c',
    'a..c',
    'a.b.c.d',
    'a.b.c=',
    'a.b.c\n',
    ' a.b.c',
    'a+.b.c',
    'a.b/.c',
  ])
    assert.not(isJwt(token), JSON.stringify(token));
});
test('media types are compared without their case and without application/', () => {
  assert.is(mediaType('Application/AT+JWT'), 'at+jwt');
  assert.is(mediaType('at+jwt'), 'at+jwt');
  assert.is(mediaType('application/x/at+jwt'), 'application/x/at+jwt');
  assert.is(mediaType('x-application/at+jwt'), 'x-application/at+jwt');
  assert.is(mediaType('application/'), 'application/');
});

test.run();
