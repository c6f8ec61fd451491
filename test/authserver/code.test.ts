import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authorize, Browser, decide, PERSON, signIn } from '../support/person.js';
import {
  type Answer,
  authorizationUrl,
  CALLBACK,
  claimsOf,
  DESTRUCTIVE,
  type Pkce,
  pkce,
  post,
  READONLY,
  type Running,
  read,
  register,
  run,
} from './running.js';

const test = suite('authserver/code');
let server: Running;
let client: string;
test.before(async () => {
  server = await run();
  client = await register(server.issuer);
});
test.after(() => server.close());

const SCOPE = 'postgres:query:readonly';

function exchange(
  redirect: string,
  { verifier }: Pkce,
  more: { [name: string]: string } = {},
): Promise<Answer> {
  const code = new URL(redirect).searchParams.get('code') ?? '';
  const fields = {
    grant_type: 'authorization_code',
    client_id: client,
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  };
  return post(`${server.issuer}/token`, { ...fields, ...more }, '');
}

const refresh = (token: unknown, more: { [name: string]: string } = {}): Promise<Answer> =>
  post(
    `${server.issuer}/token`,
    { grant_type: 'refresh_token', client_id: client, refresh_token: String(token), ...more },
    '',
  );

test('a person signs in and allows, and the client gets a token for that person', async () => {
  const proof = pkce();
  const url = authorizationUrl(server.issuer, client, proof, { resource: READONLY, scope: SCOPE });
  const left = await authorize(url);
  const { searchParams, origin, pathname } = new URL(left);
  assert.is(origin + pathname, CALLBACK);
  assert.equal([searchParams.get('state'), searchParams.get('iss')], ['state-1', server.issuer]);
  const { status, headers, body } = await exchange(left, proof, { resource: READONLY });
  assert.is(status, 200);
  assert.is(headers.get('cache-control'), 'no-store');
  const {
    sub,
    aud,
    scope,
    client_id: clientId,
    tenant,
    approved_at: approvedAt,
  } = claimsOf(body.access_token);
  assert.equal([sub, aud, scope, clientId, tenant], [PERSON.login, READONLY, SCOPE, client, 'demo']);
  assert.is(approvedAt, undefined);
  assert.type(body.refresh_token, 'string');
  assert.not('id_token' in body);
});

test('a request without PKCE is refused, and so is plain', async () => {
  const browser = new Browser(server.issuer);
  for (const more of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge_method: 'plain' },
    { code_challenge_method: undefined },
  ]) {
    const end = await browser.open(
      authorizationUrl(server.issuer, client, pkce(), { resource: READONLY, ...more }),
    );
    assert.ok('left' in end);
    const { searchParams } = new URL(end.left);
    assert.is(searchParams.get('error'), 'invalid_request');
    assert.is(searchParams.get('iss'), server.issuer);
  }
});

test('a client with a secret needs PKCE as well, and its secret', async () => {
  const known = { id: 'secretive', secret: 'hush', redirectUris: [CALLBACK], grants: ['authorization_code'] };
  const other = await run({ extraClients: [known] });
  try {
    const more = { resource: READONLY, scope: SCOPE };
    const bare = { ...more, code_challenge: undefined, code_challenge_method: undefined };
    const end = await new Browser(other.issuer).open(authorizationUrl(other.issuer, known.id, pkce(), bare));
    assert.ok('left' in end);
    assert.is(new URL(end.left).searchParams.get('error'), 'invalid_request');

    const proof = pkce();
    const left = await authorize(authorizationUrl(other.issuer, known.id, proof, more));
    const code = new URL(left).searchParams.get('code') ?? '';
    const grant = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    const fields = { ...grant, code_verifier: proof.verifier };
    const url = `${other.issuer}/token`;
    assert.is((await post(url, { ...fields, client_id: known.id }, '')).body.error, 'invalid_client');
    const { body } = await post(url, fields, `Basic ${btoa('secretive:hush')}`);
    assert.is(claimsOf(body.access_token).client_id, known.id);
  } finally {
    await other.close();
  }
});

test('a wrong verifier gets nothing, and a code counts once', async () => {
  const proof = pkce();
  const url = authorizationUrl(server.issuer, client, proof, { resource: READONLY, scope: SCOPE });
  const left = await authorize(url);
  assert.is((await exchange(left, pkce())).body.error, 'invalid_grant');
  const good = await exchange(left, proof);
  assert.is(good.status, 200);
  assert.is((await exchange(left, proof)).body.error, 'invalid_grant');
  assert.is((await refresh(good.body.refresh_token)).body.error, 'invalid_grant', 'its tokens are revoked');
});

test('a redirect URI that is not registered leads nowhere', async () => {
  const browser = new Browser(server.issuer);
  for (const redirect of ['https://evil.example/callback', 'http://127.0.0.1:9/other', `${CALLBACK}/more`]) {
    const end = await browser.open(
      authorizationUrl(server.issuer, client, pkce(), { redirect_uri: redirect, resource: READONLY }),
    );
    assert.ok('page' in end, redirect);
    assert.is(end.page.status, 400);
    assert.match(end.page.text, /role="alert">redirect_uri did not match/);
  }
});

test('a loopback redirect may use any port, because a native client takes a free one', async () => {
  const left = await authorize(
    authorizationUrl(server.issuer, client, pkce(), {
      redirect_uri: 'http://127.0.0.1:4321/callback',
      resource: READONLY,
      scope: SCOPE,
    }),
  );
  assert.match(left, /^http:\/\/127\.0\.0\.1:4321\/callback\?code=/);
});

test('an unknown client, resource or scope is refused before anybody is asked', async () => {
  const browser = new Browser(server.issuer);
  const unknown = await browser.open(authorizationUrl(server.issuer, 'nobody', pkce()));
  assert.ok('page' in unknown);
  assert.is(unknown.page.status, 400);
  for (const [more, error] of [
    [{ resource: 'http://localhost:9999/mcp' }, 'invalid_target'],
    [{ resource: READONLY, scope: 'jira:write' }, 'invalid_scope'],
    [{ scope: 'nothing:known' }, 'invalid_scope'],
    [{ resource: READONLY, response_type: 'none' }, 'unsupported_response_type'],
  ] as const) {
    const end = await browser.open(authorizationUrl(server.issuer, client, pkce(), more));
    assert.ok('left' in end);
    assert.is(new URL(end.left).searchParams.get('error'), error);
  }
});

test('a client that names no scope gets everything that needs no approval', async () => {
  const proof = pkce();
  const left = await authorize(authorizationUrl(server.issuer, client, proof, { resource: DESTRUCTIVE }));
  const { body } = await exchange(left, proof);
  assert.is(claimsOf(body.access_token).scope, 'jira:write incidents:write');
});

test('a client that names neither resource nor scope learns who the person is, and nothing more', async () => {
  const proof = pkce();
  const { body } = await exchange(await authorize(authorizationUrl(server.issuer, client, proof)), proof);
  assert.is(body.scope, 'openid');
  assert.is(claimsOf(body.id_token).sub, PERSON.login);
  const response = await fetch(`${server.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${body.access_token}` },
  });
  assert.equal((await read(response)).body, { sub: PERSON.login });
});

test('a client that asks for openid as well still gets a token for the resource', async () => {
  const proof = pkce();
  const left = await authorize(
    authorizationUrl(server.issuer, client, proof, { resource: READONLY, scope: `openid ${SCOPE}` }),
  );
  const { body } = await exchange(left, proof);
  assert.is(claimsOf(body.access_token).aud, READONLY);
  assert.is(claimsOf(body.id_token).aud, client);
});

test('two resources may be allowed at once, and each token is for one of them', async () => {
  const proof = pkce();
  const scope = `${SCOPE} jira:write offline_access`;
  const url = authorizationUrl(server.issuer, client, proof, { scope, prompt: 'consent' });
  const left = await authorize(
    `${url}&resource=${encodeURIComponent(READONLY)}&resource=${encodeURIComponent(DESTRUCTIVE)}`,
  );
  const { body } = await exchange(left, proof, { resource: READONLY });
  const first = claimsOf(body.access_token);
  assert.equal([first.aud, first.scope], [READONLY, SCOPE]);
  const next = await refresh(body.refresh_token, { resource: DESTRUCTIVE });
  const second = claimsOf(next.body.access_token);
  assert.equal([second.aud, second.scope], [DESTRUCTIVE, 'jira:write']);
});

test('a token for a resource that was not allowed is refused', async () => {
  const proof = pkce();
  const url = authorizationUrl(server.issuer, client, proof, { resource: READONLY, scope: SCOPE });
  const { body } = await exchange(await authorize(url), proof, { resource: DESTRUCTIVE });
  assert.is(body.error, 'invalid_target');
});

test('a refresh token is replaced at each use, and its second use ends the grant', async () => {
  const proof = pkce();
  const url = authorizationUrl(server.issuer, client, proof, { resource: READONLY, scope: SCOPE });
  const { body: first } = await exchange(await authorize(url), proof);
  const second = await refresh(first.refresh_token);
  assert.is(second.status, 200);
  assert.is.not(second.body.refresh_token, first.refresh_token);
  assert.is(claimsOf(second.body.access_token).aud, READONLY);
  assert.is((await refresh(first.refresh_token)).body.error, 'invalid_grant');
  assert.is((await refresh(second.body.refresh_token)).body.error, 'invalid_grant');
});

test('if a tool changes something, a refresh token has to be requested', async () => {
  const given = async (more: { [name: string]: string }) => {
    const proof = pkce();
    const url = authorizationUrl(server.issuer, client, proof, { resource: DESTRUCTIVE, ...more });
    return (await exchange(await authorize(url), proof)).body;
  };
  assert.not('refresh_token' in (await given({ scope: 'jira:write' })));
  const asked = await given({ scope: 'jira:write offline_access', prompt: 'consent' });
  assert.type(asked.refresh_token, 'string');
});

test('a client that did not register the refresh grant gets no refresh token', async () => {
  const other = await register(server.issuer, { grant_types: ['authorization_code'] });
  const proof = pkce();
  const left = await authorize(
    authorizationUrl(server.issuer, other, proof, { resource: READONLY, scope: SCOPE }),
  );
  const { status, body } = await exchange(left, proof, { client_id: other });
  assert.is(status, 200);
  assert.not('refresh_token' in body);
});

test('a person may refuse, and the client is told', async () => {
  const url = authorizationUrl(server.issuer, client, pkce(), { resource: READONLY, scope: SCOPE });
  const { searchParams } = new URL(await authorize(url, { ...PERSON, consent: 'deny' }));
  assert.equal([searchParams.get('error'), searchParams.get('state')], ['access_denied', 'state-1']);
  assert.is(searchParams.get('iss'), server.issuer);
});

test('more scopes later: the page shows what is new, and what was allowed before stays', async () => {
  const browser = new Browser(server.issuer);
  const first = authorizationUrl(server.issuer, client, pkce(), {
    resource: DESTRUCTIVE,
    scope: 'jira:write',
  });
  await authorize(first, { ...PERSON, browser });
  const proof = pkce();
  const scope = 'jira:write incidents:write';
  const at = await browser.open(
    authorizationUrl(server.issuer, client, proof, { resource: DESTRUCTIVE, scope }),
  );
  const shown = await signIn(browser, at);
  assert.ok('page' in shown);
  assert.match(shown.page.text, /<code>jira:write<\/code> <span class="soft">allowed before/);
  assert.match(shown.page.text, /<code>incidents:write<\/code> <span class="status good">new/);
  const end = await decide(browser, shown, PERSON);
  assert.ok('left' in end);
  const { body } = await exchange(end.left, proof);
  assert.is(claimsOf(body.access_token).scope, scope);
});

test('the password is asked for each time, but consent for the same web client only once', async () => {
  const callback = 'https://web.example/callback';
  const web = await register(server.issuer, { redirect_uris: [callback] });
  const browser = new Browser(server.issuer);
  const url = () =>
    authorizationUrl(server.issuer, web, pkce(), {
      redirect_uri: callback,
      resource: READONLY,
      scope: SCOPE,
    });
  await authorize(url(), { ...PERSON, browser });
  const again = await browser.open(url());
  assert.ok('page' in again, 'a cookie does not prove who is there');
  assert.match(again.page.text, /<h1>Sign in<\/h1>/);
  assert.ok('left' in (await signIn(browser, again)), 'a web client is identified by its address');
  // Any program could be behind a loopback address (RFC 8252, section 8.6).
  const native = authorizationUrl(server.issuer, client, pkce(), { resource: READONLY, scope: SCOPE });
  await authorize(native, { ...PERSON, browser });
  const asked = await signIn(browser, await browser.open(native));
  assert.ok('page' in asked);
  assert.match(asked.page.text, /This client runs on this machine/);
});

test('nobody signs in over somebody else, and somebody who signed out is asked again', async () => {
  const browser = new Browser(server.issuer);
  const more = { resource: READONLY, scope: SCOPE, prompt: 'login' };
  const url = authorizationUrl(server.issuer, client, pkce(), more);
  await authorize(url, { ...PERSON, browser });
  const login = await browser.open(url);
  assert.ok('page' in login);
  const other = { login: 'dara.yilmaz7@example.com', password: PERSON.password };
  const refused = await browser.press(login.page, other, { name: 'do', value: 'login' });
  assert.ok('page' in refused);
  assert.match(refused.page.text, /role="alert">amara\.patel1@example\.com is signed in\. Sign out/);

  const signOut = await browser.open(`${server.issuer}/signout`);
  assert.ok('page' in signOut);
  const out = await browser.press(signOut.page, {});
  assert.ok('page' in out && /<h1>Signed out<\/h1>/.test(out.page.text));
  const proof = pkce();
  const again = authorizationUrl(server.issuer, client, proof, { resource: READONLY, scope: SCOPE });
  const { body } = await exchange(await authorize(again, { ...other, browser }), proof);
  assert.is(claimsOf(body.access_token).sub, other.login);
});

test('none of this was an error of the server', () => {
  assert.equal(server.errors, []);
});

test.run();
