/** Several issuers: which tenant a token belongs to, and which scopes an issuer may grant. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authOptions, unlimitedIssuers } from '../../src/app/access.js';
import { configure } from '../../src/app/settings/config.js';
import { readIssuerRules } from '../../src/oauth/issuer-rules.js';
import type { IssuerOptions, VerifierOptions } from '../../src/oauth/verifier.js';
import { TestIssuer } from '../support/issuer.js';
import { claimsOf, NOW, timed } from '../support/tokens.js';

const test = suite('auth/issuer-rules');

let a: TestIssuer;
let b: TestIssuer;
test.before(async () => {
  [a, b] = [await TestIssuer.start(), await TestIssuer.start()];
});
test.after(async () => {
  await a.goAway();
  await b.goAway();
});

type Rules = Omit<IssuerOptions, 'issuer'>;
const both = (ofA: Rules = {}, ofB: Rules = {}, others: Partial<VerifierOptions> = {}) =>
  timed({
    issuers: [
      { issuer: a.issuer, ...ofA },
      { issuer: b.issuer, ...ofB },
    ],
    ...others,
  });
const tokenOf = (issuer: TestIssuer, claims = {}) => issuer.sign(claimsOf(issuer.issuer, claims));

test('with several issuers a token that names no tenant is refused, and the log names the setting', async () => {
  for (const issuer of [a, b]) {
    const refusal = await both().refusal(tokenOf(issuer));
    assert.ok('reason' in refusal && refusal.reason === 'tenant');
    assert.match(refusal.message, 'expected a "tenant" claim');
    assert.match(refusal.message, '--issuer-rules');
    assert.match(refusal.message, issuer.issuer);
    assert.not.match(refusal.publicMessage, issuer.issuer);
  }
});
test('with several issuers an opaque token that names no tenant is refused as well', async () => {
  const { iss: _, ...claims } = claimsOf(b.issuer);
  b.opaque.set('opaque', { active: true, ...claims });
  const introspection = { clientId: 'rs', clientSecret: 'secret' };
  assert.is(await both({}, { introspection }).outcome('opaque'), 'tenant');
  const given = await both({}, { introspection, tenant: 'beta' }).verify('opaque');
  assert.equal([given.issuer, given.tenant], [b.issuer, 'beta']);
});
test('a token that names no tenant belongs to the one that the rules give its issuer', async () => {
  const verifier = both({ tenant: 'acme' }, { tenant: 'beta' });
  assert.is((await verifier.verify(tokenOf(a))).tenant, 'acme');
  assert.is((await verifier.verify(tokenOf(b))).tenant, 'beta');
  assert.is((await verifier.verify(tokenOf(b, { tenant: 'named' }))).tenant, 'named');
});
test('with one issuer a token that names no tenant gets the default one, unless the rules name another', async () => {
  const only = (rules: Rules) => timed({ issuers: [{ issuer: a.issuer, ...rules }] });
  assert.is((await only({}).verify(tokenOf(a))).tenant, 'default');
  assert.is((await only({ tenant: 'acme' }).verify(tokenOf(a))).tenant, 'acme');
  // The default tenant must be listed, too.
  assert.is(await only({ tenants: ['acme'] }).outcome(tokenOf(a)), 'tenant');
});
test('an issuer names no tenant except those that the rules list for it', async () => {
  const verifier = both({ tenants: ['acme'] }, { tenants: ['beta', 'gamma'], tenant: 'beta' });
  const refusal = await verifier.refusal(tokenOf(b, { tenant: 'acme' }));
  assert.is('reason' in refusal && refusal.reason, 'tenant');
  assert.match(refusal.message, 'expected the tenant "beta" or "gamma", received "acme"');
  assert.match(refusal.message, '--issuer-rules');
  assert.is((await verifier.verify(tokenOf(a, { tenant: 'acme' }))).tenant, 'acme');
  assert.is((await verifier.verify(tokenOf(b, { tenant: 'gamma' }))).tenant, 'gamma');
  assert.is((await verifier.verify(tokenOf(b))).tenant, 'beta');
  // Exact match, and no inherited properties.
  for (const tenant of ['Beta', 'beta ', 'toString', '__proto__'])
    assert.is(await verifier.outcome(tokenOf(b, { tenant })), 'tenant', tenant);
});
test('the log names eight tenants that an issuer may name, and counts the others', async () => {
  const tenants = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((at) => `t${at}`);
  const { message } = await both({}, { tenants, tenant: 't1' }).refusal(tokenOf(b, { tenant: 'acme' }));
  assert.match(message, '"t7" or "t8" or 2 others, received "acme"');
  const eight = tenants.slice(0, 8);
  const refusal = await both({}, { tenants: eight, tenant: 't1' }).refusal(tokenOf(b, { tenant: 'acme' }));
  assert.match(refusal.message, '"t7" or "t8", received "acme"');
});
test('an issuer grants no scope except those that the rules list for it, whatever follows from others', async () => {
  const verifier = both(
    {},
    { scopes: ['jira:read', 'incidents:read'] },
    { implies: { 'jira:write': ['jira:read', 'jira:delete'] } },
  );
  const scope = 'jira:write incidents:read approvals:decide';
  const scopesOf = async (issuer: TestIssuer) =>
    (await verifier.verify(tokenOf(issuer, { scope, tenant: 'acme' }))).scopes;
  assert.equal(await scopesOf(b), ['incidents:read', 'jira:read']);
  assert.equal(await scopesOf(a), [
    'jira:write',
    'incidents:read',
    'approvals:decide',
    'jira:read',
    'jira:delete',
  ]);
});
test("an issuer that may not grant approved:by:human cannot vouch for a person's approval", async () => {
  const verifier = both({}, { scopes: ['jira:write'] });
  const claims = { tenant: 'acme', scope: 'jira:write approved:by:human', approved_at: NOW - 60 };
  const theirs = await verifier.verify(tokenOf(b, claims));
  assert.equal([theirs.scopes, theirs.approvedAt], [['jira:write'], undefined]);
  const ours = await verifier.verify(tokenOf(a, claims));
  assert.equal([ours.scopes, ours.approvedAt], [['jira:write', 'approved:by:human'], NOW - 60]);
});

const ISSUER = 'https://a.example';
const read = (value: unknown) => readIssuerRules(value, 'rules.json', [ISSUER, 'https://b.example']);

test('rules are read for the issuers that they name', () => {
  const rules = { tenants: ['acme', 'beta'], scopes: ['jira:read'], tenant: 'acme' };
  assert.equal([...read({ [ISSUER]: rules })], [[ISSUER, rules]]);
  assert.equal([...read({})], []);
});

const wrong: [value: unknown, problem: string][] = [
  [[], 'expected {"ISSUER": {"tenants", "scopes", "tenant"}}, received []'],
  [
    { 'https://a.example/': {} },
    'issuer "https://a.example/": expected exactly one of --issuer: https://a.example, https://b.example',
  ],
  [{ [ISSUER]: ['acme'] }, 'issuer "https://a.example": expected an object, received ["acme"]'],
  [{ [ISSUER]: { tenant: '' } }, 'issuer "https://a.example": member "tenant": expected a name, received ""'],
  [{ [ISSUER]: { tenant: 1 } }, 'issuer "https://a.example": member "tenant": expected a name, received 1'],
  [
    { [ISSUER]: { scopes: ['a', 'b c'] } },
    'issuer "https://a.example": member "scopes": expected a list of at least one scope, received ["a","b c"]',
  ],
  [
    { [ISSUER]: { tenants: 'acme' } },
    'issuer "https://a.example": member "tenants": expected a list of at least one name, received "acme"',
  ],
  [
    { [ISSUER]: { tenants: [] } },
    'issuer "https://a.example": member "tenants": expected a list of at least one name, received []',
  ],
  [
    { [ISSUER]: { scopes: ['a b'] } },
    'issuer "https://a.example": member "scopes": expected a list of at least one scope, received ["a b"]',
  ],
  [
    { [ISSUER]: { tenants: ['acme'], tenant: 'beta' } },
    'issuer "https://a.example": member "tenant": expected one of "tenants", "acme", received "beta"',
  ],
  [
    { [ISSUER]: { tenats: ['acme'] } },
    'issuer "https://a.example": member "tenats": expected "tenants", "scopes" or "tenant", received another name',
  ],
];
for (const [value, problem] of wrong) {
  test(`rules that cannot be read are an error that says why: ${JSON.stringify(value)}`, () => {
    assert.throws(
      () => read(value),
      (error: Error) => error.message === `--issuer-rules rules.json: ${problem}`,
    );
  });
}

const folder = mkdtempSync(join(tmpdir(), 'barewire-rules-'));
test.after(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, value: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
};
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: Error) => error.message,
  );
const trustDomain = { trustDomain: 'prod.example', bundle: '/etc/bundle.json', scopes: {} };

test('the settings lead from a file of rules to the verifier of every service', async () => {
  const issuerRules = fileOf('rules.json', { [b.issuer]: { tenants: ['beta'], tenant: 'beta' } });
  const options = await authOptions(configure({ issuerRules }), [a.issuer, b.issuer]);
  const verifier = timed(options);
  assert.is(await verifier.outcome(tokenOf(a)), 'tenant');
  assert.is((await verifier.verify(tokenOf(b))).tenant, 'beta');
  assert.is(await verifier.outcome(tokenOf(b, { tenant: 'acme' })), 'tenant');
});
test('rules for an issuer that is not accepted stop the start', async () => {
  const issuerRules = fileOf('other.json', { 'https://other.example': {} });
  const message = await messageOf(authOptions(configure({ issuerRules }), [a.issuer]));
  assert.is(
    message,
    `--issuer-rules ${issuerRules}: issuer "https://other.example": expected exactly one of --issuer: ${a.issuer}`,
  );
});
test('with several issuers, the start names those that the rules do not limit', () => {
  const both = { tenants: ['acme'], scopes: ['jira:read'] };
  const lineOf = (...rules: Rules[]) =>
    unlimitedIssuers({ issuers: rules.map((one, at) => ({ issuer: `https://${at}.example`, ...one })) });
  assert.is(lineOf({}), undefined);
  assert.is(lineOf(both, both), undefined);
  const said = ': any tenant may be named, or any scope granted';
  const start = 'no "tenants" or no "scopes" for';
  assert.is(lineOf({}, both, { tenants: ['acme'] }), `${start} https://0.example, https://2.example${said}`);
});
test('workloads beside an issuer need a tenant of their own, or the server does not start', async () => {
  const without = configure({ workloads: fileOf('workloads.json', trustDomain) });
  const message = await messageOf(authOptions(without, [a.issuer]));
  assert.match(message, `--workloads ${without.workloads}: member "tenant": expected the name`);
  assert.is(await messageOf(authOptions(without, [])), 'accepted');
  const given = configure({ workloads: fileOf('given.json', { ...trustDomain, tenant: 'agents' }) });
  assert.is(await messageOf(authOptions(given, [a.issuer])), 'accepted');
});

test.run();
