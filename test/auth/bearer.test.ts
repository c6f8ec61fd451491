import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBearer } from '../../src/oauth/protection.js';
import { InvalidToken } from '../../src/oauth/token-errors.js';

const test = suite('auth/bearer');

const MALFORMED = /^InvalidToken: .*characters/;
const read = (value: string, target = '/mcp') => readBearer(['Host', 'h', 'Authorization', value], target);
const kindOf = (value: string, target?: string): string => read(value, target).kind;

function refusedReason(value: string): string {
  try {
    return read(value).kind;
  } catch (error) {
    if (!(error instanceof InvalidToken)) throw error;
    assert.match(String(error), MALFORMED);
    return error.reason;
  }
}

test('a token is read whatever the case of the header and the scheme, and however many spaces stand between', () => {
  const expected = { kind: 'token', token: 'a.b-c_d~e+f/g==' };
  for (const value of ['Bearer a.b-c_d~e+f/g==', 'bearer a.b-c_d~e+f/g==', 'BEARER    a.b-c_d~e+f/g==  ']) {
    assert.equal(read(value), expected);
    assert.equal(readBearer(['AUTHORIZATION', value], '/mcp'), expected);
  }
});
test('there is no token without a header, with an empty one, with another scheme, or with the scheme alone', () => {
  for (const headers of [[], ['Authorization', '']])
    assert.equal(readBearer(headers, '/mcp'), { kind: 'none', why: 'no access token was sent' });
  assert.is(
    readBearer(['Proxy-Authorization', 'Bearer a', 'X-Authorization', 'Bearer a'], '/mcp').kind,
    'none',
  );
  assert.is(readBearer(['If-None-Match', 'Bearer a'], '/mcp').kind, 'none');
  for (const value of [
    '',
    ' ',
    'Basic abc',
    'Bearer',
    'Bearer ',
    'Bearerabc',
    'a.b.c',
    'DPoP abc',
    'NotBearer abc',
    'Bearer\tabc',
  ]) {
    assert.is(kindOf(value), 'none', value);
  }
});
test('a token with characters that no token has is refused', () => {
  for (const value of [
    'Bearer a b',
    'Bearer a,b',
    'Bearer "a"',
    'Bearer =',
    'Bearer a=b',
    'Bearer tök',
    'Bearer a\tb',
  ]) {
    assert.is(refusedReason(value), 'malformed', value);
  }
});
test('two headers leave no choice between them, whatever they hold', () => {
  for (const [one, other] of [
    ['Bearer a', 'Bearer a'],
    ['Basic a', 'Bearer a'],
    ['', 'Bearer a'],
    ['Bearer a', ''],
  ] as const) {
    assert.is(
      readBearer(['Authorization', one, 'Host', 'h', 'authorization', other], '/mcp').kind,
      'malformed',
    );
  }
});
test('a token in the query string makes the request invalid, with a good header or without', () => {
  for (const query of [
    'access_token=a',
    'access_token',
    'access_token=',
    'x=1&access_token=a',
    '&&access_token=a',
    '%61ccess_token=a',
    'access%5Ftoken=a',
    '?access_token=a',
    'a=%&access_token=a',
  ]) {
    for (const target of [`/mcp?${query}`, `http://localhost/mcp?${query}`]) {
      assert.is(kindOf('Bearer a', target), 'malformed', target);
      assert.is(readBearer([], target).kind, 'malformed', target);
    }
  }
});
test('other parameters, and the same word elsewhere, are ignored', () => {
  for (const target of [
    '/mcp?my_access_token=a',
    '/mcp?q=access_token',
    '/mcp/access_token',
    '/mcp&access_token=a',
    '/mcp?accesstoken=a',
    '/mcp?',
  ]) {
    assert.is(kindOf('Bearer a', target), 'token', target);
  }
});
test('the token that is read is always the one that was sent, and nothing else is read as a token', () => {
  const wellFormed = /^[A-Za-z0-9._~+/-]+=*$/;
  const character = fc.constantFrom(...'aZ09._~+/-= ,"\t\u00e9');
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
      const token = text.replace(/^ +| +$/g, '');
      if (/^\t|\t$/.test(token)) return; // blanks around a value are the header's
      if (wellFormed.test(token)) assert.equal(read(`Bearer ${text}`), { kind: 'token', token });
      else assert.is(refusedReason(`Bearer ${text}`), token === '' ? 'none' : 'malformed');
    }),
    { numRuns: 500 },
  );
});

test.run();
