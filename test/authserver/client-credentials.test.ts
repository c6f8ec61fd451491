import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needing } from '../support/programs.js';
import { claimsOf, DESTRUCTIVE, headerOf, post, READONLY, REGISTRY, type Running, run } from './running.js';

const test = suite('authserver/client-credentials');
let server: Running;
test.before(async () => {
  server = await run({ accessTokenS: 120 });
});
test.after(() => server.close());

const ask = (fields: { [name: string]: string }) =>
  post(`${server.issuer}/token`, { grant_type: 'client_credentials', ...fields });

needing(
  test,
  'authserver/client-credentials',
  'curl',
)('one line of curl gets a token', async () => {
  const line = `curl -s ${new URL(server.issuer).host}/token -u demo:demo-secret -d grant_type=client_credentials -d resource=http://localhost:3000/mcp -d scope='postgres:query:readonly'`;
  const { stdout } = await promisify(execFile)('sh', ['-c', line]);
  const answer = JSON.parse(stdout) as { [name: string]: unknown };
  assert.is(answer.token_type, 'Bearer');
  assert.is(answer.expires_in, 120);
  assert.is(answer.scope, 'postgres:query:readonly');
});

test('the token is a JWT for one audience, as RFC 9068 describes it', async () => {
  const { body } = await ask({ resource: READONLY, scope: 'postgres:query:readonly' });
  const { typ, alg, kid } = headerOf(body.access_token);
  assert.equal([typ, alg, typeof kid], ['at+jwt', 'RS256', 'string']);
  const { iat, exp, jti, ...claims } = claimsOf(body.access_token);
  assert.equal(claims, {
    iss: server.issuer,
    sub: 'demo',
    aud: READONLY,
    client_id: 'demo',
    scope: 'postgres:query:readonly',
    tenant: 'demo',
  });
  assert.is(Number(exp) - Number(iat), 120);
  assert.type(jti, 'string');
  assert.not('refresh_token' in body);
});

test('each token has an id of its own', async () => {
  const one = await ask({ resource: READONLY });
  const two = await ask({ resource: READONLY });
  assert.is.not(claimsOf(one.body.access_token).jti, claimsOf(two.body.access_token).jti);
});

test('a resource that wants opaque tokens gets them', async () => {
  const { body } = await ask({ resource: REGISTRY, scope: 'registry:read' });
  assert.match(String(body.access_token), /^[\w-]{20,}$/);
});

test('an unknown resource is refused, and the refusal lists the known ones', async () => {
  const { status, body } = await ask({ resource: 'http://localhost:3000/other', scope: 'x' });
  assert.equal([status, body.error], [400, 'invalid_target']);
  assert.match(
    String(body.error_description),
    /no resource http:\/\/localhost:3000\/other here; there is: .*3001\/mcp/,
  );
});

test('several resources at once are refused: a token is for one', async () => {
  const fields = new URLSearchParams({ grant_type: 'client_credentials', resource: READONLY });
  fields.append('resource', DESTRUCTIVE);
  const { status, body } = await post(`${server.issuer}/token`, fields);
  assert.equal([status, body.error], [400, 'invalid_target']);
});

test('an unknown scope is refused by name, and so is one of another resource', async () => {
  for (const scope of ['jira:wrote', 'jira:write', 'openid']) {
    const { status, body } = await ask({ resource: READONLY, scope: `postgres:query:readonly ${scope}` });
    assert.equal([status, body.error, body.scope], [400, 'invalid_scope', scope]);
    assert.match(String(body.error_description), new RegExp(`^${scope} is unknown to ${READONLY}`));
  }
});

test('without a resource the scopes determine which one is meant', async () => {
  const { body } = await ask({ scope: 'jira:write' });
  assert.is(claimsOf(body.access_token).aud, DESTRUCTIVE);
});

test('scopes of no one resource are refused, and no scope is a token for nobody', async () => {
  const mixed = await ask({ scope: 'jira:write postgres:query:readonly' });
  assert.equal([mixed.status, mixed.body.error], [400, 'invalid_scope']);
  const none = await ask({});
  assert.equal([none.status, none.body.scope], [200, undefined]);
  assert.match(String(none.body.access_token), /^[\w-]{20,}$/);
});

test('a scope that two resources have requires the resource to be named', async () => {
  const twins = await run({
    resources: () =>
      ['http://localhost:1/a', 'http://localhost:1/b'].map((resource) => ({
        resource,
        name: resource,
        tools: [],
        scopes: ['shared'],
      })),
  });
  try {
    const { status, body } = await post(`${twins.issuer}/token`, {
      grant_type: 'client_credentials',
      scope: 'shared',
    });
    assert.equal([status, body.error], [400, 'invalid_target']);
    assert.match(String(body.error_description), /http:\/\/localhost:1\/a or http:\/\/localhost:1\/b/);
  } finally {
    await twins.close();
  }
});

test('resources that are added later are known from then on', async () => {
  const later: { resource: string; name: string; tools: []; scopes: string[] }[] = [];
  const other = await run({ resources: () => later });
  const token = () =>
    post(`${other.issuer}/token`, { grant_type: 'client_credentials', resource: READONLY, scope: 's' });
  try {
    assert.is((await token()).body.error, 'invalid_target');
    later.push({ resource: READONLY, name: 'Later', tools: [], scopes: ['s'] });
    assert.is((await token()).body.scope, 's');
  } finally {
    await other.close();
  }
});

test('a wrong secret and an unknown client are refused', async () => {
  const url = `${server.issuer}/token`;
  for (const credentials of ['demo:wrong', 'nobody:demo-secret']) {
    const { status, body } = await post(
      url,
      { grant_type: 'client_credentials' },
      `Basic ${btoa(credentials)}`,
    );
    assert.equal([status, body.error], [401, 'invalid_client']);
  }
});

test('a grant that the demo client does not have is refused', async () => {
  const { status, body } = await post(`${server.issuer}/token`, {
    grant_type: 'refresh_token',
    refresh_token: 'x',
  });
  assert.equal([status, body.error], [400, 'invalid_request']);
  const odd = await post(`${server.issuer}/token`, { grant_type: 'password' });
  assert.is(odd.body.error, 'unsupported_grant_type');
});

test.run();
