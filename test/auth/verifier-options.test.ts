import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createVerifier, type VerifierOptions } from '../../src/oauth/verifier.js';
import { readSettings } from '../../src/oauth/verifier-options.js';
import { RESOURCE } from '../support/tokens.js';

const test = suite('auth/verifier-options');

const ISSUER = 'https://as.example';
const AGENT = 'spiffe://prod.example/agent';
const issuers = [{ issuer: ISSUER }];
const workloads = {
  ...{ trustDomain: 'prod.example', bundle: '/etc/bundle.json', scopes: {} },
  tenant: 'agents',
};
const introspection = { clientId: 'a', clientSecret: 'b' };

function refusal(options: Partial<VerifierOptions>, resource = RESOURCE): string {
  try {
    createVerifier({ issuers, ...options }, resource);
    return 'accepted';
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

test('issuers or workloads are enough', () => {
  assert.is(refusal({}), 'accepted');
  assert.is(refusal({ issuers: [], workloads }), 'accepted');
  assert.is(refusal({ workloads }), 'accepted');
});
test('an issuer may be plain http on loopback, and nowhere else', () => {
  for (const issuer of ['http://localhost:3003', 'http://127.0.0.1:3003/a', 'http://[::1]', 'https://h/']) {
    assert.is(refusal({ issuers: [{ issuer }] }), 'accepted', issuer);
  }
});

const bad: [title: string, expected: RegExp, options: Partial<VerifierOptions>][] = [
  ['no issuer', /without an issuer/, { issuers: [] }],
  ['an issuer twice', /twice/, { issuers: [...issuers, ...issuers] }],
  ['an issuer over plain http', /must be an https URL/, { issuers: [{ issuer: 'http://as.example' }] }],
  ['an issuer named like loopback', /https/, { issuers: [{ issuer: 'http://localhost.evil.example' }] }],
  ['an issuer in a file', /https/, { issuers: [{ issuer: 'file:///etc/as' }] }],
  ['an issuer that is no URL', /https/, { issuers: [{ issuer: 'as.example' }] }],
  ['an issuer with a query', /query/, { issuers: [{ issuer: `${ISSUER}?a` }] }],
  ['an issuer with an empty query', /query/, { issuers: [{ issuer: `${ISSUER}?` }] }],
  ['an issuer with a fragment', /fragment/, { issuers: [{ issuer: `${ISSUER}#` }] }],
  ['an issuer with a user', /https/, { issuers: [{ issuer: 'https://user:pass@as.example' }] }],
  [
    'an introspection address over plain http',
    /introspection URL .* must be https/,
    { issuers: [{ issuer: ISSUER, introspection: { ...introspection, url: 'http://as.example/i' } }] },
  ],
  ['the algorithm none', /"none" cannot be allowed/, { algorithms: ['RS256', 'none'] }],
  ['the algorithm None', /"None" cannot be allowed/, { algorithms: ['None'] }],
  ['the algorithm HS256', /"HS256" cannot be allowed/, { algorithms: ['HS256'] }],
  ['the algorithm HS512', /"HS512" cannot be allowed/, { algorithms: ['ES256', 'HS512'] }],
  ['an algorithm of encryption', /"RSA-OAEP" cannot/, { algorithms: ['RSA-OAEP'] }],
  ['an algorithm that nobody knows', /"RS1" cannot/, { algorithms: ['RS1'] }],
  ['no algorithm', /without an algorithm/, { algorithms: [] }],
  ['no type', /without a type/, { tokenTypes: [] }],
  ['no claim for the client', /without a claim/, { clientClaims: [] }],
  ['a scope that includes an approval', /only a person/, { implies: { admin: ['approved:by:human'] } }],
  ['a negative tolerance', /clockToleranceS must be from 0/, { clockToleranceS: -1 }],
  ['a tolerance that is no number', /clockToleranceS .* received NaN/, { clockToleranceS: Number.NaN }],
  ['an endless tolerance', /clockToleranceS/, { clockToleranceS: Number.POSITIVE_INFINITY }],
  ['a cache of more than a minute', /cacheMs must be from 0 to 60000/, { cacheMs: 60_001 }],
  ['a negative cache', /cacheEntries/, { cacheEntries: -1 }],
  ['keys that never age', /keysMaxAgeMs/, { keysMaxAgeMs: Number.POSITIVE_INFINITY }],
  ['a negative cooldown', /keysCooldownMs/, { keysCooldownMs: -1 }],
  ['a deadline that no timer can keep', /fetchMs/, { fetchMs: 2 ** 31 }],
  [
    'a trust domain with a scheme',
    /no trust domain/,
    { workloads: { ...workloads, trustDomain: 'spiffe://a' } },
  ],
  ['a trust domain in upper case', /no trust domain/, { workloads: { ...workloads, trustDomain: 'Prod' } }],
  ['an empty trust domain', /no trust domain/, { workloads: { ...workloads, trustDomain: '' } }],
  ['no bundle', /trust bundle/, { workloads: { ...workloads, bundle: '' } }],
  ['a bundle over plain http', /https/, { workloads: { ...workloads, bundle: 'http://spire.example/' } }],
  [
    'workloads beside an issuer, without a tenant',
    /workloads: expected a "tenant"/,
    { workloads: { trustDomain: 'prod.example', bundle: '/etc/bundle.json', scopes: {} } },
  ],
  ['rules of an issuer that allow no tenant', /"tenants"/, { issuers: [{ issuer: ISSUER, tenants: [] }] }],
  [
    'rules of an issuer that cannot be kept',
    /"tenant": expected one of "tenants"/,
    { issuers: [{ issuer: ISSUER, tenants: ['acme'], tenant: 'beta' }] },
  ],
  ['an empty tenant', /tenant/, { workloads: { ...workloads, tenant: '' } }],
  [
    'scopes of a workload elsewhere',
    /not a SPIFFE id of prod\.example/,
    { workloads: { ...workloads, scopes: { 'spiffe://dev.example/a': [] } } },
  ],
  ['scopes of a prefix', /not a SPIFFE id/, { workloads: { ...workloads, scopes: { [`${AGENT}/*`]: [] } } }],
  ['an odd scope', /"a b" cannot be a scope/, { workloads: { ...workloads, scopes: { [AGENT]: ['a b'] } } }],
  [
    'a workload that counts as approved for good',
    /"approved:by:human" cannot be a scope of the workload/,
    { workloads: { ...workloads, scopes: { [AGENT]: ['approved:by:human'] } } },
  ],
  ['algorithms that no JWT-SVID has', /JWT-SVID/, { workloads, algorithms: ['EdDSA'] }],
];
for (const [title, expected, options] of bad) {
  test(`a verifier with ${title} is not made`, () => assert.match(refusal(options), expected));
}

test('a resource is an http or https URL without fragment and user', () => {
  for (const resource of ['', 'mcp', 'urn:mcp', 'http://h/mcp#', 'http://user@h/mcp', 'ftp://h/mcp']) {
    assert.match(refusal({}, resource), /is not a resource identifier/);
  }
});
test('the defaults are the documented ones', () => {
  const { rules, cacheOptions, cache, algorithms, tokenTypes } = readSettings({ issuers }, RESOURCE);
  assert.is(rules.toleranceS, 5);
  assert.equal([cacheOptions.maxAgeMs, cacheOptions.cooldownMs], [600_000, 2_000]);
  assert.equal([cache.entries, cache.ageMs], [10_000, 60_000]);
  assert.equal(tokenTypes, ['at+jwt']);
  assert.ok(algorithms.includes('RS256') && algorithms.every((one) => !/^(HS|none)/i.test(one)));
});
test('zero is a limit like any other', () => {
  const zero = { clockToleranceS: 0, cacheEntries: 0, cacheMs: 0, keysMaxAgeMs: 0, keysCooldownMs: 0 };
  assert.is(refusal(zero), 'accepted');
});

test.run();
