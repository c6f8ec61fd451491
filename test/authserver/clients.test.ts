/** Clients that nobody knew before: registered, or described by a document at the address that is their id. */
import { createServer, type ServerResponse } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import { authorize, Browser, PERSON, signIn } from '../support/person.js';
import {
  type Answer,
  authorizationUrl,
  claimsOf,
  DEVICE_GRANT,
  pkce,
  post,
  READONLY,
  type Running,
  read,
  register,
  run,
} from './running.js';

const test = suite('authserver/clients');
let server: Running;
test.before(async () => {
  server = await run();
});
test.after(() => server.close());

const SCOPE = 'postgres:query:readonly';

async function tryRegister(metadata: unknown): Promise<Answer> {
  const response = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:6274' },
    body: JSON.stringify(metadata),
  });
  return read(response);
}

test('anybody may register, and becomes a public client whatever was requested', async () => {
  const { status, headers, body } = await tryRegister({
    client_name: 'Inspector',
    redirect_uris: ['http://localhost:6274/oauth/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'postgres:query:readonly jira:write',
  });
  assert.is(status, 201);
  assert.is(headers.get('access-control-allow-origin'), 'http://localhost:6274');
  assert.is(body.token_endpoint_auth_method, 'none');
  assert.equal(body.grant_types, ['authorization_code', 'refresh_token']);
  assert.equal(body.redirect_uris, ['http://localhost:6274/oauth/callback']);
  assert.not('client_secret' in body);
  const alone = { grant_type: 'client_credentials', client_id: String(body.client_id), resource: READONLY };
  assert.is(
    (await post(`${server.issuer}/token`, alone, '')).status,
    400,
    'it can do nothing without a person',
  );
});

for (const origin of [
  'https://app.example',
  'http://localhost.evil.example',
  'http://192.168.1.5:8080',
  'null',
]) {
  test(`a page of ${origin} registers no client`, async () => {
    for (const type of ['application/json', 'text/plain']) {
      const response = await fetch(`${server.issuer}/register`, {
        method: 'POST',
        headers: { 'content-type': type, origin },
        body: JSON.stringify({ redirect_uris: ['https://app.example/callback'] }),
      });
      const { status, headers, body } = await read(response);
      assert.equal([status, body.error, 'client_id' in body], [403, 'invalid_request', false], type);
      assert.is(headers.get('access-control-allow-origin'), null);
    }
  });
}

for (const uri of [
  'http://app.example/callback',
  'app.example:/callback',
  'javascript:alert(1)',
  'http://127.0.0.1.evil.example/',
  'https://user:secret@app.example/',
  'http://localhost:1/#fragment',
  'not an address',
]) {
  test(`a redirect to ${uri} is not registered`, async () => {
    const { status, body } = await tryRegister({ redirect_uris: ['https://app.example/good', uri] });
    assert.equal([status, body.error], [400, 'invalid_redirect_uri']);
  });
}

test('a body that is not a registration is refused, and is not an error of the server', async () => {
  for (const metadata of [
    {},
    [],
    { redirect_uris: 'https://app.example/' },
    { redirect_uris: [7] },
    { redirect_uris: ['https://app.example/'], grant_types: 'authorization_code' },
    { redirect_uris: ['https://app.example/'], client_name: 7 },
    { redirect_uris: ['https://app.example/'], response_types: ['token'] },
  ]) {
    const { status } = await tryRegister(metadata);
    assert.is(status, 400, JSON.stringify(metadata));
  }
  assert.equal(server.errors, []);
});

/** A client's own site, where its document is. */
async function withSite(
  answer: (path: string, response: ServerResponse, origin: string) => void,
  use: (origin: string, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  let origin = '';
  const site = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request.url ?? '', response, origin);
  });
  origin = `http://127.0.0.1:${await listen(site, 0, '127.0.0.1')}`;
  try {
    await use(origin, asked);
  } finally {
    await close(site, 0);
  }
}

const document = (clientId: string, more: { [name: string]: unknown } = {}): string =>
  JSON.stringify({
    client_id: clientId,
    client_name: 'A documented client',
    redirect_uris: ['http://127.0.0.1/callback', 'https://app.example/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'urn:example:unheard-of'],
    token_endpoint_auth_method: 'none',
    scope: 'anything at:all',
    ...more,
  });

test('a client id may be an address on this machine that serves its description', async () => {
  const answer = (path: string, response: ServerResponse, origin: string): void =>
    void response.end(document(`${origin}${path}`));
  await withSite(answer, async (origin, asked) => {
    const client = `${origin}/client.json`;
    const browser = new Browser(server.issuer);
    const proof = pkce();
    const redirect = 'http://127.0.0.1:5555/callback';
    const more = { redirect_uri: redirect, resource: READONLY, scope: SCOPE };
    const url = authorizationUrl(server.issuer, client, proof, more);
    const left = await authorize(url, { ...PERSON, browser });
    assert.ok(left.startsWith(`${redirect}?code=`));
    const { body } = await post(
      `${server.issuer}/token`,
      {
        grant_type: 'authorization_code',
        client_id: client,
        code: new URL(left).searchParams.get('code') ?? '',
        redirect_uri: redirect,
        code_verifier: proof.verifier,
      },
      '',
    );
    assert.is(claimsOf(body.access_token).client_id, client);
    assert.type(body.refresh_token, 'string');
    assert.equal(asked, ['/client.json'], 'it is read once, and then cached for a while');

    const page = await signIn(browser, await browser.open(url));
    assert.ok('page' in page);
    assert.ok(
      page.page.text.includes(`<strong>${new URL(origin).host}</strong>`),
      'the page says where it is described',
    );
    assert.match(page.page.text, /A documented client/);
    assert.not.match(
      page.page.text,
      /This client runs on this machine/,
      'not all of its redirects are loopback',
    );
    const alone = { grant_type: 'client_credentials', client_id: client, resource: READONLY };
    assert.is((await post(`${server.issuer}/token`, alone, '')).status, 400);
  });
});

test('a document of another client, or none at all, is refused with a page', async () => {
  const answer = (path: string, response: ServerResponse, origin: string): void => {
    const own = `${origin}${path}`;
    if (path === '/other.json') response.end(document(`${origin}/client.json`));
    else if (path === '/secret.json')
      response.end(document(own, { token_endpoint_auth_method: 'client_secret_post' }));
    else if (path === '/evil.json') response.end(document(own, { redirect_uris: ['http://evil.example/'] }));
    else if (path === '/moved.json') response.writeHead(302, { location: '/client.json' }).end();
    else if (path === '/large.json') response.end(document(own, { software_id: 'x'.repeat(6_000) }));
    else if (path === '/text.json') response.end('hello');
    else if (path === '/list.json') response.end('[]');
    else response.writeHead(404).end();
  };
  await withSite(answer, async (origin, asked) => {
    const browser = new Browser(server.issuer);
    const paths = ['other', 'secret', 'evil', 'moved', 'large', 'text', 'list', 'none'].map(
      (one) => `/${one}.json`,
    );
    for (const path of paths) {
      const more = { redirect_uri: 'https://app.example/callback', resource: READONLY };
      const end = await browser.open(authorizationUrl(server.issuer, `${origin}${path}`, pkce(), more));
      assert.ok('page' in end, path);
      assert.is(end.page.status, 400, path);
      assert.match(end.page.text, /role="alert">/);
    }
    assert.equal([...new Set(asked)], paths, 'and no redirect was followed');
  });
  assert.equal(server.errors, []);
});

test('an address elsewhere on plain http, or one inside this network, is not even asked', async () => {
  const browser = new Browser(server.issuer);
  for (const client of [
    'http://client.example/client.json',
    'https://10.0.0.1/client.json',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00::1]/client.json',
  ]) {
    const started = Date.now();
    const end = await browser.open(
      authorizationUrl(server.issuer, client, pkce(), { redirect_uri: 'https://app.example/callback' }),
    );
    assert.ok('page' in end);
    assert.is(end.page.status, 400, client);
    assert.ok(Date.now() - started < 2_000, client);
  }
});

test('clients named at the start are there, with the grants they were given', async () => {
  const other = await run({
    extraClients: [{ id: 'robot', secret: 'robot-secret', grants: ['client_credentials'] }],
  });
  try {
    const fields = { grant_type: 'client_credentials', resource: READONLY, scope: SCOPE };
    const credentials = `Basic ${btoa('robot:robot-secret')}`;
    const { body } = await post(`${other.issuer}/token`, fields, credentials);
    assert.is(claimsOf(body.access_token).sub, 'robot');
    const device = await post(`${other.issuer}/device_authorization`, { client_id: 'robot' }, credentials);
    assert.is(device.status, 400);
  } finally {
    await other.close();
  }
});

for (const id of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
  test(`a client id that every object has as a member, ${id}, is an unknown client`, async () => {
    const token = { grant_type: 'client_credentials', client_id: id, resource: READONLY };
    for (const [path, fields, authorization] of [
      ['token', token, ''],
      ['token', { grant_type: 'client_credentials' }, `Basic ${btoa(`${id}:secret`)}`],
      ['device_authorization', { client_id: id, resource: READONLY }, ''],
      ['introspect', { client_id: id, token: 'x' }, ''],
      ['revoke', { client_id: id, token: 'x' }, ''],
    ] as const) {
      const { status, body } = await post(`${server.issuer}/${path}`, fields, authorization);
      assert.equal([status, body.error], [401, 'invalid_client'], path);
    }
    const response = await fetch(authorizationUrl(server.issuer, id, pkce()), { redirect: 'manual' });
    assert.is(response.status, 400);
    assert.match(await response.text(), /invalid_client/);
    assert.equal(server.errors, []);
  });
}

test('a registered client without a redirect may use the device flow alone', async () => {
  const id = await register(server.issuer, {
    grant_types: [DEVICE_GRANT],
    response_types: [],
    redirect_uris: [],
  });
  const asked = await post(
    `${server.issuer}/device_authorization`,
    { client_id: id, resource: READONLY },
    '',
  );
  assert.is(asked.status, 200);
  const end = await new Browser(server.issuer).open(authorizationUrl(server.issuer, id, pkce()));
  assert.ok('page' in end);
  assert.is(end.page.status, 400);
});

test.run();
