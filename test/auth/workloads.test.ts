import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenProblem } from '../../src/oauth/token-errors.js';
import type { VerifierOptions, WorkloadOptions } from '../../src/oauth/verifier.js';
import { macToken, makeKey, type SigningKey, signToken, TestIssuer } from '../support/issuer.js';
import { claimsOf, NOW, RESOURCE, timed, who } from '../support/tokens.js';

const test = suite('auth/workloads');

const DOMAIN = 'prod.example';
const AGENT = `spiffe://${DOMAIN}/ns/tools/agent`;
const OTHER = `spiffe://${DOMAIN}/ns/tools/other`;
const SVID = { typ: 'JWT' };
const MAX_AGE = 600_000;

const key = makeKey('ES256', 'svid');
let folder: string;
let file: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  file = join(folder, 'bundle.json');
});
test.before.each(() => publish([key]));
test.after(() => rm(folder, { recursive: true }));

const bundleOf = (keys: readonly SigningKey[], use = 'jwt-svid') => ({
  spiffe_sequence: 1,
  keys: keys.map(({ jwk: { alg: _, ...jwk } }) => ({ ...jwk, use })),
});
const publish = (keys: readonly SigningKey[], use?: string) =>
  writeFile(file, JSON.stringify(bundleOf(keys, use)));

const scopes = { [AGENT]: ['jira:write'] };
type Changes = Partial<Omit<VerifierOptions, 'workloads'>> & { workloads?: Partial<WorkloadOptions> };
const verifierOf = ({ workloads = {}, ...others }: Changes = {}) =>
  timed({
    issuers: [],
    implies: { 'jira:write': ['jira:read'] },
    workloads: { trustDomain: DOMAIN, bundle: file, scopes, ...workloads },
    ...others,
  });
const svid = (others = {}) => ({ sub: AGENT, aud: [RESOURCE], exp: NOW + 300, ...others });

test('a workload is its SPIFFE id, with the scopes that are configured for it', async () => {
  assert.equal(await verifierOf().outcome(signToken(key, svid(), SVID)), {
    issuer: `spiffe://${DOMAIN}`,
    user: AGENT,
    tenant: 'default',
    clientId: AGENT,
    scopes: ['jira:write', 'jira:read'],
    approvedAt: undefined,
    expiresAt: NOW + 300,
  });
});
test('a workload has exactly the scopes that are configured for its id, whatever its token says', async () => {
  const verifier = verifierOf();
  const scopesOf = async (claims: object) =>
    (await verifier.verify(signToken(key, svid(claims), SVID))).scopes;
  assert.equal(await scopesOf({ scope: 'admin' }), ['jira:write', 'jira:read']);
  assert.equal(await scopesOf({ sub: OTHER, scope: 'a b' }), []);
  // No person approved it.
  assert.equal(await scopesOf({ sub: OTHER, scope: 'approved:by:human', approved_at: NOW }), []);
  assert.equal(await scopesOf({ sub: OTHER }), []);
  assert.equal(await scopesOf({ sub: `${AGENT}/below` }), []);
});
test('a workload that is configured without scopes has none, whatever its token says', async () => {
  const verifier = verifierOf({ workloads: { scopes: { [OTHER]: [] } } });
  const { scopes: found } = await verifier.verify(signToken(key, svid({ sub: OTHER, scope: 'admin' }), SVID));
  assert.equal(found, []);
});
test('a configured tenant replaces the token’s own', async () => {
  const token = signToken(key, svid({ tenant: 'mine' }), SVID);
  assert.is((await verifierOf().verify(token)).tenant, 'mine');
  assert.is((await verifierOf({ workloads: { tenant: 'acme' } }).verify(token)).tenant, 'acme');
});
test('the type of a JWT-SVID is absent, JWT or JOSE', async () => {
  const verifier = verifierOf();
  for (const typ of [undefined, 'JWT', 'JOSE']) {
    assert.is(who(await verifier.outcome(signToken(key, svid(), { typ }))), `is ${AGENT}`);
  }
  for (const typ of ['at+jwt', 'dpop+jwt', 'JWE', '']) {
    assert.is(await verifier.outcome(signToken(key, svid(), { typ })), 'type', typ);
  }
});

const bad: [title: string, reason: TokenProblem, claims: object][] = [
  ['that has expired', 'expired', { exp: NOW - 5 }],
  ['that never ends', 'claims', { exp: undefined }],
  ['that was issued in the future', 'issued_in_future', { iat: NOW + 6 }],
  ['for another server', 'audience', { aud: ['http://localhost:3001/mcp'] }],
  ['for nobody', 'claims', { aud: undefined }],
  ['of another trust domain', 'claims', { sub: 'spiffe://dev.example/ns/tools/agent' }],
  ['of a trust domain that begins like it', 'claims', { sub: `spiffe://${DOMAIN}.evil.example/agent` }],
  ['of the trust domain itself', 'claims', { sub: `spiffe://${DOMAIN}` }],
  ['of an empty path', 'claims', { sub: `spiffe://${DOMAIN}/` }],
  ['of a path with a slash at the end', 'claims', { sub: `${AGENT}/` }],
  ['of a path with an empty part', 'claims', { sub: `spiffe://${DOMAIN}//agent` }],
  ['of a path that climbs', 'claims', { sub: `spiffe://${DOMAIN}/ns/../agent` }],
  ['of a path that stays', 'claims', { sub: `spiffe://${DOMAIN}/ns/./agent` }],
  ['of an encoded path', 'claims', { sub: `spiffe://${DOMAIN}/ns%2fagent` }],
  ['of a path with a query', 'claims', { sub: `${AGENT}?a=b` }],
  ['of a path with a line break', 'claims', { sub: `${AGENT}\n` }],
  ['of an id that is too long', 'claims', { sub: `spiffe://${DOMAIN}/${'a'.repeat(2048)}` }],
  ['of a scheme in upper case', 'claims', { sub: AGENT.replace('spiffe', 'SPIFFE') }],
  ['of a user of the trust domain', 'claims', { sub: `spiffe://user@${DOMAIN}/agent` }],
  ['of nobody', 'claims', { sub: undefined }],
];
for (const [title, reason, claims] of bad) {
  test(`a JWT-SVID ${title} is refused: ${reason}`, async () => {
    assert.is(await verifierOf().outcome(signToken(key, svid(claims), SVID)), reason);
  });
}

test('the log says what is wrong with a JWT-SVID', async () => {
  const verifier = verifierOf();
  const message = async (claims: object, header: object = SVID) =>
    (await verifier.refusal(signToken(key, svid(claims), { ...header }))).message;
  assert.is(await message({}, { typ: 'at+jwt' }), 'expected "typ" JWT or JOSE, received "at+jwt"');
  assert.is(await message({ sub: `${AGENT}/` }), `"sub" is not a SPIFFE id of ${DOMAIN}: "${AGENT}/"`);
  const away = join(folder, 'nothing');
  const gone = await verifierOf({ workloads: { bundle: away } }).refusal(signToken(key, svid(), SVID));
  assert.is(gone.message, `the trust bundle ${away} cannot be read`);
  assert.instance(gone.cause, Error);
  for (const [text, problem] of [
    ['[]', `the trust bundle ${file} holds no JSON object`],
    ['{}', `${file} holds no "keys"`],
  ] as const) {
    await writeFile(file, text);
    assert.is((await verifierOf().refusal(signToken(key, svid(), SVID))).message, problem);
  }
  await writeFile(file, JSON.stringify(bundleOf([key])).padEnd(1_048_577));
  const { cause } = await verifierOf().refusal(signToken(key, svid(), SVID));
  assert.is((cause as Error).message, 'longer than 1048576 bytes');
});
test('a SPIFFE id of 2048 characters is read', async () => {
  const long = `spiffe://${DOMAIN}/`.padEnd(2048, 'a');
  assert.is(who(await verifierOf().outcome(signToken(key, svid({ sub: long }), SVID))), `is ${long}`);
  assert.is(await verifierOf().outcome(signToken(key, svid({ sub: `${long}a` }), SVID)), 'claims');
});
test('a mistake in the configuration of workloads is refused and named', () => {
  const problem = (workloads: Partial<WorkloadOptions>, others: Changes = {}): string => {
    try {
      verifierOf({ workloads, ...others });
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
    return '';
  };
  for (const trustDomain of ['', 'Prod.example', 'a/b', `${'a'.repeat(256)}`, 'a b'])
    assert.is(problem({ trustDomain, scopes: {} }), `${trustDomain} is no trust domain`);
  for (const trustDomain of ['a', 'a'.repeat(255), 'a_b-c.9'])
    assert.is(problem({ trustDomain, scopes: {} }), '');
  assert.is(problem({ tenant: '' }), 'the tenant of workloads must not be empty');
  for (const bundle of ['', 'http://bundle.example/keys', 'HTTP://bundle.example/keys'])
    assert.is(problem({ bundle }), `the trust bundle "${bundle}" must be a file or an https URL`);
  for (const bundle of ['https://bundle.example/keys', 'folder/http://bundle.example'])
    assert.is(problem({ bundle }), '');
  assert.is(
    problem({ scopes: { 'spiffe://other/a': [] } }),
    `spiffe://other/a is not a SPIFFE id of ${DOMAIN}`,
  );
  for (const scope of ['a b', 'approved:by:human'])
    assert.is(
      problem({ scopes: { [AGENT]: ['jira:read', scope] } }),
      `"${scope}" cannot be a scope of the workload ${AGENT}`,
    );
  assert.is(
    problem({}, { algorithms: ['EdDSA', 'Ed25519'] }),
    'no algorithm is allowed that a JWT-SVID can be signed with',
  );
});
test('an algorithm outside the SPIFFE list is refused, and so is one that is not allowed', async () => {
  const [edwards, rsa] = [makeKey('EdDSA', 'svid'), makeKey('RS256', 'svid')];
  await publish([edwards, rsa, key]);
  const verifier = verifierOf({ algorithms: ['ES256', 'EdDSA'] });
  assert.is(who(await verifier.outcome(signToken(key, svid(), SVID))), `is ${AGENT}`);
  assert.is(await verifier.outcome(signToken(edwards, svid(), SVID)), 'algorithm');
  assert.is(await verifier.outcome(signToken(rsa, svid(), SVID)), 'algorithm');
  assert.is(await verifier.outcome(macToken(JSON.stringify(rsa.jwk), svid(), SVID)), 'algorithm');
});
test('a key of the bundle that has another purpose verifies no JWT-SVID', async () => {
  for (const use of ['x509-svid', 'sig', '']) {
    await publish([key], use);
    assert.is(await verifierOf().outcome(signToken(key, svid(), SVID)), 'key', use);
  }
  const { kid: _, ...unnamed } = key.jwk;
  await writeFile(file, JSON.stringify({ keys: [{ ...unnamed, use: 'jwt-svid' }, key.jwk] }));
  assert.is(await verifierOf().outcome(signToken(key, svid(), SVID)), 'key');
  assert.is(await verifierOf().outcome(signToken(key, svid(), { ...SVID, kid: undefined })), 'key');
});
test('a signature by another key with the same id is refused, whatever key it brings along', async () => {
  const mallory = makeKey('ES256', 'svid');
  assert.is(await verifierOf().outcome(signToken(mallory, svid(), SVID)), 'signature');
  assert.is(
    await verifierOf().outcome(signToken(mallory, svid(), { ...SVID, jwk: mallory.jwk })),
    'signature',
  );
});

test('a bundle from a file is read again for an unknown key, and when it is too old', async () => {
  const verifier = verifierOf({ cacheEntries: 0 });
  const old = signToken(key, svid({ exp: 2 ** 40 }), SVID);
  assert.is(who(await verifier.outcome(old)), `is ${AGENT}`);
  const next = makeKey('ES256', 'next');
  await publish([next]);
  assert.is(who(await verifier.outcome(old)), `is ${AGENT}`);
  assert.is(who(await verifier.outcome(signToken(next, svid(), SVID))), `is ${AGENT}`);
  assert.is(await verifier.outcome(old), 'key');
  await publish([key]);
  verifier.pass(MAX_AGE);
  assert.is(who(await verifier.outcome(old)), `is ${AGENT}`);
});
test('a file that is gone, not JSON, not a bundle or too long is no reason to accept anybody', async () => {
  const token = signToken(key, svid(), SVID);
  const padded = JSON.stringify(bundleOf([key])).padEnd(1_048_576);
  await writeFile(file, padded);
  assert.is(who(await verifierOf().outcome(token)), `is ${AGENT}`);
  for (const text of ['', '[]', 'null', '{}', '{"keys":1}', `${padded} `]) {
    await writeFile(file, text);
    assert.is(await verifierOf().outcome(token), 'IssuerUnreachable', text.slice(0, 20));
  }
  const away = verifierOf({ workloads: { bundle: join(folder, 'nothing') } });
  assert.is(await away.outcome(token), 'IssuerUnreachable');
  assert.is(await verifierOf({ workloads: { bundle: folder } }).outcome(token), 'IssuerUnreachable');
});
test('a file that comes back is read after a moment', async () => {
  await rm(file);
  const verifier = verifierOf();
  const token = signToken(key, svid(), SVID);
  assert.is(await verifier.outcome(token), 'IssuerUnreachable');
  await publish([key]);
  verifier.pass(1_000);
  assert.is(who(await verifier.outcome(token)), `is ${AGENT}`);
});
test('a bundle from a URL is fetched, and again for an unknown key, no more than once in the cooldown', async () => {
  const server = await TestIssuer.start();
  let keys = [key];
  server.routes.set('/bundle', () => ({ body: bundleOf(keys) }));
  const verifier = verifierOf({ workloads: { bundle: `${server.origin}/bundle` } });
  assert.is(who(await verifier.outcome(signToken(key, svid(), SVID))), `is ${AGENT}`);
  keys = [makeKey('ES256', 'next')];
  const [next = key] = keys;
  assert.is(who(await verifier.outcome(signToken(next, svid(), SVID))), `is ${AGENT}`);
  assert.is(await verifier.outcome(signToken(next, svid(), { ...SVID, kid: 'unknown' })), 'key');
  assert.is(server.count('/bundle'), 2);
  await server.goAway();
  verifier.pass(MAX_AGE);
  assert.is(await verifier.outcome(signToken(next, svid({ exp: 2 ** 40 }), SVID)), 'IssuerUnreachable');
});
test('a redirect of a bundle is not followed', async () => {
  const server = await TestIssuer.start();
  server.routes.set('/real', () => ({ body: bundleOf([key]) }));
  server.routes.set('/bundle', () => ({ status: 302, headers: { location: '/real' } }));
  const verifier = verifierOf({ workloads: { bundle: `${server.origin}/bundle` } });
  assert.is(await verifier.outcome(signToken(key, svid(), SVID)), 'IssuerUnreachable');
  assert.is(server.count('/real'), 0);
  await server.goAway();
});
test('a verifier is ready when the bundle is available', async () => {
  await verifierOf().ready();
  await rm(file);
  const outcome = await verifierOf()
    .ready()
    .catch((error: Error) => error.name);
  assert.is(outcome, 'IssuerUnreachable');
});

test('issuers and workloads coexist, and neither vouches for the other’s tokens', async () => {
  const as = await TestIssuer.start();
  const verifier = verifierOf({
    issuers: [{ issuer: as.issuer, tenant: 'acme' }],
    workloads: { tenant: 'agents' },
  });
  assert.is(who(await verifier.outcome(as.sign(claimsOf(as.issuer)))), 'is alice');
  assert.is(who(await verifier.outcome(signToken(key, svid(), SVID))), `is ${AGENT}`);
  // An issuer may call its user what it likes: it is a user of that issuer.
  const named = await verifier.outcome(as.sign(claimsOf(as.issuer, { sub: AGENT })));
  assert.equal(typeof named !== 'string' && [named.issuer, named.user, named.scopes], [
    as.issuer,
    AGENT,
    ['jira:read'],
  ]);
  // Neither may sign in the other's name.
  assert.is(await verifier.outcome(as.sign(svid(), SVID)), 'key');
  assert.is(await verifier.outcome(signToken(key, claimsOf(as.issuer, { sub: AGENT }))), 'key');
  // A JWT-SVID that names an issuer of its own is known by its subject.
  const token = signToken(key, svid({ iss: 'https://spire.example' }), SVID);
  assert.is(who(await verifier.outcome(token)), `is ${AGENT}`);
  const { message } = await verifier.refusal(as.sign(claimsOf('https://evil.example')));
  assert.is(message, `expected "iss" ${as.issuer} or spiffe://${DOMAIN}, received "https://evil.example"`);
  await as.goAway();
});

test.run();
