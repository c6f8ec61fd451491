/** Where the client looks for metadata, in which order, and with which identity. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBearerChallenge } from '../../src/oauth/client/bearer-challenge.js';
import type { TokenSourceOptions } from '../../src/oauth/client/options.js';
import { selectScopes } from '../../src/oauth/client/scope-selection.js';
import { createTokenSource } from '../../src/oauth/client/token-source.js';
import {
  browser,
  challenge,
  openSite,
  RESOURCE_METADATA,
  SERVER_METADATA,
  type Site,
  stepUp,
} from './site.js';

const test = suite('oauth-client/discovery');
let site: Site;
test.before.each(async () => {
  site = await openSite();
});
test.after.each(() => site.close());

const source = (options: Partial<TokenSourceOptions> = {}) =>
  createTokenSource(site.endpoint, { interaction: browser(), ...options });
const paths = (): string[] => site.visits.map(({ method, path }) => `${method} ${path}`);

/** An authorization server at `origin` plus `tenant`, whose clients and codes are marked with its name. */
function serve(
  at: Site,
  name: string,
  tenant = '',
  more: { [field: string]: unknown } = {},
): { [field: string]: unknown } {
  const issuer = `${at.origin}${tenant}`;
  at.answers.set(`POST ${tenant}/register`, { status: 201, body: { client_id: `client-of-${name}` } });
  at.answers.set(`GET ${tenant}/authorize`, ({ query }) => {
    const url = new URL(query.get('redirect_uri') ?? '');
    url.searchParams.set('state', query.get('state') ?? '');
    url.searchParams.set('code', `code-of-${name}`);
    return { status: 302, headers: { location: url.href } };
  });
  at.answers.set(`POST ${tenant}/token`, {
    body: { access_token: `token-of-${name}`, token_type: 'bearer' },
  });
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/register`,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    ...more,
  };
}

test('without an address in the challenge, the path of the endpoint comes before the root', async () => {
  const body = { resource: site.origin, authorization_servers: [site.origin] };
  site.answers.set('GET /.well-known/oauth-protected-resource', { body });
  site.answers.set(SERVER_METADATA, { body: serve(site, 'one') });
  assert.is(await source().answer({ url: site.endpoint, status: 401, challenges: [] }), 'token-of-one');
  assert.equal(paths(), [
    RESOURCE_METADATA,
    'GET /.well-known/oauth-protected-resource',
    SERVER_METADATA,
    'POST /register',
    'GET /authorize',
    'POST /token',
  ]);
  const [authorization, token] = site.visits.slice(-2);
  assert.is(authorization?.query.get('resource'), site.origin, 'as the metadata spells it');
  assert.is(authorization?.query.has('scope'), false);
  assert.is(new URLSearchParams(token?.body).get('resource'), site.origin);
});

test('the address in the challenge is the only one', async () => {
  const body = { resource: site.endpoint.href, authorization_servers: [site.origin] };
  site.answers.set('GET /elsewhere.json', { body });
  site.answers.set(SERVER_METADATA, { body: serve(site, 'one') });
  await source().answer(challenge(site.endpoint, `resource_metadata="${site.origin}/elsewhere.json"`));
  assert.equal(paths().slice(0, 2), ['GET /elsewhere.json', SERVER_METADATA]);
});

test('the metadata of an issuer with a path is looked for at three places', async () => {
  const body = { resource: site.endpoint.href, authorization_servers: [`${site.origin}/tenant`] };
  site.answers.set(RESOURCE_METADATA, { body });
  site.answers.set('GET /tenant/.well-known/openid-configuration', {
    body: serve(site, 'tenant', '/tenant'),
  });
  assert.is(await source().answer(challenge(site.endpoint)), 'token-of-tenant');
  assert.equal(paths().slice(1, 4), [
    'GET /.well-known/oauth-authorization-server/tenant',
    'GET /.well-known/openid-configuration/tenant',
    'GET /tenant/.well-known/openid-configuration',
  ]);
});

test('a server of 2025-03-26 has its authorization server at its origin', async () => {
  site.answers.set(SERVER_METADATA, { body: serve(site, 'one') });
  assert.is(await source().answer(challenge(site.endpoint)), 'token-of-one');
  const [authorization] = site.visits.filter(({ path }) => path === '/authorize');
  assert.is(authorization?.query.get('resource'), site.endpoint.href);
});

test('and without metadata the default endpoints', async () => {
  serve(site, 'one');
  assert.is(await source().answer(challenge(site.endpoint)), 'token-of-one');
  assert.equal(paths().slice(-4), [SERVER_METADATA, 'POST /register', 'GET /authorize', 'POST /token']);
});

test('the first authorization server that can be used is used, or the one that was chosen', async () => {
  const other = await openSite();
  try {
    site.answers.set(RESOURCE_METADATA, {
      body: {
        resource: site.endpoint.href,
        authorization_servers: ['https://nobody.invalid:1', site.origin, other.origin],
      },
    });
    site.answers.set(SERVER_METADATA, { body: serve(site, 'one') });
    other.answers.set(SERVER_METADATA, { body: serve(other, 'other') });
    assert.is(await source().answer(challenge(site.endpoint)), 'token-of-one');
    assert.is(await source({ issuer: other.origin }).answer(challenge(site.endpoint)), 'token-of-other');
    const error = await source({ issuer: 'https://third.example' })
      .answer(challenge(site.endpoint))
      .catch(String);
    assert.match(
      String(error),
      /expected the authorization server https:\/\/third\.example, for which there are credentials/,
    );
  } finally {
    await other.close();
  }
});

test('when the server moves to another authorization server, no credentials go along', async () => {
  const other = await openSite();
  try {
    const moveTo = ({ origin }: Site): void => {
      const body = { resource: site.endpoint.href, authorization_servers: [origin] };
      site.answers.set(RESOURCE_METADATA, { body });
    };
    site.answers.set(SERVER_METADATA, { body: serve(site, 'one') });
    other.answers.set(SERVER_METADATA, { body: serve(other, 'other') });
    moveTo(site);
    const [tokens, registered] = [source(), source({ clientId: 'registered-at-one', clientSecret: 'hush' })];
    const old = await tokens.answer(challenge(site.endpoint));
    await registered.answer(challenge(site.endpoint));

    moveTo(other);
    assert.is(await tokens.answer(challenge(site.endpoint, 'error="invalid_token"', old)), 'token-of-other');
    assert.is(other.count('POST /register'), 1);
    assert.not.match(JSON.stringify(other.visits), /of-one/);
    const error = await registered.answer(challenge(site.endpoint)).catch(String);
    assert.match(
      String(error),
      /expected the authorization server http:\/\/localhost:\d+, for which there are credentials/,
    );
    assert.not.match(JSON.stringify(other.visits), /registered-at-one|hush/);
  } finally {
    await other.close();
  }
});

for (const [supported, expected] of [
  [['client_secret_post', 'client_secret_basic'], 'basic'],
  [['client_secret_post'], 'post'],
  [undefined, 'basic'],
] as const) {
  test(`a secret is sent as ${expected} when the server supports ${supported}`, async () => {
    site.answers.set(SERVER_METADATA, {
      body: serve(site, 'one', '', { token_endpoint_auth_methods_supported: supported }),
    });
    await source({ clientId: 'my client', clientSecret: 'a:b-c' }).answer(challenge(site.endpoint));
    const [token] = site.visits.filter(({ path }) => path === '/token');
    const [scheme, credentials = ''] = String(token?.headers.authorization).split(' ');
    const body = new URLSearchParams(token?.body);
    const sent =
      scheme === 'Basic' ? [atob(credentials)] : [body.get('client_id'), body.get('client_secret')];
    assert.equal(sent, expected === 'basic' ? ['my+client:a%3Ab-c'] : ['my client', 'a:b-c']);
    assert.is(site.count('POST /register'), 0);
  });
}

test('a registration says what the client is', async () => {
  site.answers.set(SERVER_METADATA, { body: serve(site, 'one') });
  await source({ clientName: 'Tool' }).answer(challenge(site.endpoint));
  const [registration] = site.visits.filter(({ path }) => path === '/register');
  const { redirect_uris: redirects, ...others } = JSON.parse(registration?.body ?? '');
  assert.match(String(redirects), /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  assert.equal(others, {
    client_name: 'Tool',
    application_type: 'native',
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  });
});

test('offline_access is asked for where the authorization server has it, with consent', async () => {
  site.answers.set(SERVER_METADATA, {
    body: serve(site, 'one', '', { scopes_supported: ['offline_access', 'a'] }),
  });
  const tokens = source();
  await tokens.answer(challenge(site.endpoint, 'scope="a b"'));
  await tokens.answer(stepUp(site.endpoint, 'c'));
  const asked = site.visits
    .filter(({ path }) => path === '/authorize')
    .map(({ query }) => [query.get('scope'), query.get('prompt')]);
  assert.equal(asked, [
    ['a b offline_access', 'consent'],
    ['a b c offline_access', 'consent'],
  ]);
});

for (const [options, expected] of [
  [{ grant: 'client_credentials' }, /client credentials: expected a client id/],
  [{ clientSecret: 'a' }, /expected the client id as well/],
  [
    { clientMetadataUrl: 'client.json' },
    /the address of the client metadata document: expected a URL, received client\.json/,
  ],
] as const) {
  test(`the options ${JSON.stringify(options)} cannot be right`, () => {
    assert.throws(() => source(options), expected);
  });
}

for (const [values, expected] of [
  [[], undefined],
  [['Basic realm="a"', 'Negotiate'], undefined],
  [['Bearer'], { scopes: [] }],
  [['bearer scope=a'], { scopes: ['a'] }],
  [['Bearer scope="a b  a \\"", error = "invalid_token"'], { scopes: ['a', 'b'], error: 'invalid_token' }],
  [['Negotiate YII=, Basic realm="x, Bearer y", Bearer scope="c"'], { scopes: ['c'] }],
  [
    ['Digest a="b"', 'Bearer', 'Bearer resource_metadata="https://a/b"'],
    { scopes: [], resourceMetadata: 'https://a/b' },
  ],
  [['Bearer error="a\\"b", error="c"'], { scopes: [], error: 'a"b' }],
  [['Bearer scope="a'], { scopes: [] }],
  [[', ,Bearer,scope="a",'], { scopes: ['a'] }],
] as const) {
  test(`the challenge ${values.join(' | ')}`, () => {
    assert.equal(readBearerChallenge(values), expected);
  });
}

const FACTS = {
  isStepUp: false,
  configured: undefined,
  challenged: [],
  earlier: [],
  ofResource: undefined,
  ofServer: undefined,
};
for (const [facts, expected] of [
  [{}, []],
  [{ ofServer: ['offline_access'] }, []],
  [{ ofResource: ['a', 'b'] }, ['a', 'b']],
  [{ challenged: ['c'], ofResource: ['a'] }, ['c']],
  [{ challenged: ['c'], configured: ['d'] }, ['d']],
  [{ challenged: ['c'], configured: ['d'], earlier: ['d', 'offline_access'], isStepUp: true }, ['d', 'c']],
  [{ earlier: ['a'], isStepUp: true, ofResource: ['b'] }, ['a', 'b']],
  [{ challenged: ['a'], ofServer: ['offline_access'] }, ['a', 'offline_access']],
] as const) {
  test(`scopes for ${JSON.stringify(facts)}`, () => {
    assert.equal(selectScopes({ ...FACTS, ...facts }), expected);
  });
}

test.run();
