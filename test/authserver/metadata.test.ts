import { request } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { READONLY, type Running, read, run } from './running.js';

const test = suite('authserver/metadata');
let server: Running;
test.before(async () => {
  server = await run();
});
test.after(() => server.close());

/** fetch would not let a Host header through. */
function get(
  path: string,
  headers: { [name: string]: string },
): Promise<{ status: number; location: string }> {
  return new Promise((resolve, reject) => {
    request(`${server.issuer}${path}`, { headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '' });
    })
      .on('error', reject)
      .end();
  });
}

for (const name of ['oauth-authorization-server', 'openid-configuration']) {
  test(`/.well-known/${name} says what a client needs to know`, async () => {
    const response = await fetch(`${server.issuer}/.well-known/${name}`, {
      headers: { origin: 'https://app.example' },
    });
    assert.is(response.headers.get('access-control-allow-origin'), 'https://app.example');
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    const { body } = await read(response);
    const { issuer } = server;
    const expected = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device_authorization`,
      registration_endpoint: `${issuer}/register`,
      introspection_endpoint: `${issuer}/introspect`,
      revocation_endpoint: `${issuer}/revoke`,
      jwks_uri: `${issuer}/jwks`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
      scopes_supported: ['openid', 'offline_access'],
    };
    for (const [member, value] of Object.entries(expected)) assert.equal(body[member], value, member);
    assert.ok(String(body.token_endpoint_auth_methods_supported).includes('none'));
    assert.not('pushed_authorization_request_endpoint' in body);
  });
}

test('the addresses in it are the issuer’s, by whatever loopback name it was requested', async () => {
  const { port } = new URL(server.issuer);
  const response = await fetch(`http://127.0.0.1:${port}/.well-known/oauth-authorization-server`);
  assert.is((await read(response)).body.token_endpoint, `${server.issuer}/token`);
});

test('a page that is requested by another loopback name is found under the issuer’s', async () => {
  const { host, port } = new URL(server.issuer);
  const found = await get('/device?user_code=A', { host: `127.0.0.1:${port}` });
  assert.equal(found, { status: 307, location: `http://${host}/device?user_code=A` });
});

test('a foreign name is not served, nor the same name on another port', async () => {
  const { port } = new URL(server.issuer);
  assert.is((await get('/jwks', { host: `rebound.example:${port}` })).status, 403);
  assert.is((await get('/jwks', { host: 'localhost:1' })).status, 403);
  assert.is((await get('/jwks', { host: `localhost:${port}` })).status, 200);
});

for (const path of ['/token', '/register', '/jwks', '/revoke', '/introspect', '/device_authorization']) {
  test(`a page of this machine may call ${path}`, async () => {
    const response = await fetch(`${server.issuer}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:6274',
        'access-control-request-method': path === '/jwks' ? 'GET' : 'POST',
        'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
      },
    });
    assert.is(response.status, 204);
    assert.is(response.headers.get('access-control-allow-origin'), 'http://localhost:6274');
    assert.match(response.headers.get('access-control-allow-headers') ?? '', /mcp-protocol-version/);
  });
}

test('a page of this machine may read a token that it requested, and a refusal; a page from elsewhere gets neither', async () => {
  const ask = (scope: string, origin: string): Promise<Response> =>
    fetch(`${server.issuer}/token`, {
      method: 'POST',
      headers: { origin, authorization: `Basic ${btoa('demo:demo-secret')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: READONLY, scope }),
    });
  const near = 'http://localhost:6274';
  const [good, bad] = [await ask('postgres:query:readonly', near), await ask('nothing', near)];
  assert.equal([good.status, bad.status], [200, 400]);
  for (const { headers } of [good, bad]) assert.is(headers.get('access-control-allow-origin'), near);
  const foreign = await ask('postgres:query:readonly', 'https://app.example');
  assert.is(foreign.status, 400);
  assert.not.match(await foreign.text(), 'access_token');
  const registration = await fetch(`${server.issuer}/register`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
  });
  assert.is(registration.headers.get('access-control-allow-origin'), null);
});

test('every page forbids scripts, frames and foreign sources', async () => {
  for (const path of ['/', '/device', '/signout', '/nothing', '/authorize?client_id=unknown']) {
    const response = await fetch(`${server.issuer}${path}`, { headers: { accept: 'text/html' } });
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/, path);
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "form-action 'self'",
    ]) {
      assert.ok(policy.includes(part), `${path}: ${part}`);
    }
    assert.is(response.headers.get('x-content-type-options'), 'nosniff');
    const text = await response.text();
    assert.not.match(text, /<script|style="|javascript:/);
    assert.match(text, /For development only/);
  }
});

for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.com']) {
  test(`it does not start on ${host}`, async () => {
    try {
      await run({ host });
      assert.unreachable();
    } catch (error) {
      assert.is(
        error instanceof Error ? error.message : '',
        `the development authorization server runs on loopback only, and ${host} is not`,
      );
    }
  });
}

test('none of this was an error of the server', () => {
  assert.equal(server.errors, []);
});

test.run();
