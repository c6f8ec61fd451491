import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authorize, PERSON, tokenFor } from '../support/person.js';
import {
  authorizationUrl,
  CALLBACK,
  claimsOf,
  DESTRUCTIVE,
  pkce,
  post,
  READONLY,
  REGISTRY,
  type Running,
  register,
  run,
} from './running.js';

const test = suite('authserver/introspection');
let server: Running;
test.before(async () => {
  server = await run();
});
test.after(() => server.close());

const introspect = async (token: string, authorization?: string) =>
  (await post(`${server.issuer}/introspect`, { token }, authorization)).body;
const revoke = (token: string, fields: { [name: string]: string } = {}, authorization?: string) =>
  post(`${server.issuer}/revoke`, { token, ...fields }, authorization);

test('an opaque token of a client says which client it is for', async () => {
  const token = await tokenFor({ issuer: server.issuer, resource: REGISTRY, scope: 'registry:read' });
  const { exp, iat, ...rest } = await introspect(token);
  assert.equal(rest, {
    active: true,
    client_id: 'demo',
    iss: server.issuer,
    aud: REGISTRY,
    scope: 'registry:read',
    token_type: 'Bearer',
    tenant: 'demo',
  });
  assert.ok(Number(exp) > Number(iat));
});

test('an opaque token of a person says whose it is', async () => {
  const token = await tokenFor({
    issuer: server.issuer,
    resource: REGISTRY,
    scope: 'registry:write',
    isApproved: true,
  });
  const { active, sub, tenant } = await introspect(token);
  assert.equal([active, sub, tenant], [true, PERSON.login, 'demo']);
});

test('a token that was revoked is not active, nor is nonsense', async () => {
  const token = await tokenFor({ issuer: server.issuer, resource: REGISTRY, scope: 'registry:read' });
  assert.is((await revoke(token)).status, 200);
  assert.equal(await introspect(token), { active: false });
  assert.equal(await introspect('nonsense'), { active: false });
  assert.is((await revoke('nonsense')).status, 200);
});

test('nobody introspects without credentials, and a public client only its own tokens', async () => {
  const token = await tokenFor({ issuer: server.issuer, resource: REGISTRY, scope: 'registry:read' });
  const { error } = await introspect(token, '');
  assert.is(error, 'invalid_request');
  const id = await register(server.issuer);
  const { body } = await post(`${server.issuer}/introspect`, { token, client_id: id }, '');
  assert.equal(body, { active: false });
});

test('revoking a refresh token ends the grant, and only its own client can', async () => {
  const id = await register(server.issuer);
  const proof = pkce();
  const url = authorizationUrl(server.issuer, id, proof, {
    resource: READONLY,
    scope: 'postgres:query:readonly',
  });
  const code = new URL(await authorize(url)).searchParams.get('code') ?? '';
  const grant = { grant_type: 'authorization_code', client_id: id, code, redirect_uri: CALLBACK };
  const { body } = await post(`${server.issuer}/token`, { ...grant, code_verifier: proof.verifier }, '');
  const token = String(body.refresh_token);
  await revoke(token); // by the demo client
  assert.is((await introspect(token)).active, true);
  await revoke(token, { client_id: id }, '');
  assert.equal(await introspect(token), { active: false });
  const again = { grant_type: 'refresh_token', client_id: id, refresh_token: token };
  assert.is((await post(`${server.issuer}/token`, again, '')).body.error, 'invalid_grant');
});

const jwt = (scope = 'postgres:query:readonly'): Promise<string> =>
  tokenFor({ issuer: server.issuer, resource: READONLY, scope });

test('a JWT says what its claims say, with its revocation list asked as well', async () => {
  const token = await jwt();
  assert.equal(await introspect(token), { active: true, ...claimsOf(token), token_type: 'Bearer' });
  const again = await jwt();
  assert.equal((await revoke(token)).status, 200);
  assert.equal(await introspect(token), { active: false });
  assert.equal((await introspect(again)).active, true, 'no other token is touched');
  assert.equal((await revoke(token)).status, 200, 'RFC 7009: what is revoked already is no error');
});

test('a JWT of a person says whose it is, and that they approved', async () => {
  const scope = 'jira:write approved:by:human';
  const token = await tokenFor({ issuer: server.issuer, resource: DESTRUCTIVE, scope });
  const { active, sub, aud, approved_at } = await introspect(token);
  assert.equal([active, sub, aud, typeof approved_at], [true, PERSON.login, DESTRUCTIVE, 'number']);
});

test('a JWT that somebody changed, or that another server issued, is not active', async () => {
  const token = await jwt();
  const [head, , signature] = token.split('.');
  const body = Buffer.from(JSON.stringify({ ...claimsOf(token), scope: 'jira:write' })).toString('base64url');
  assert.equal(await introspect(`${head}.${body}.${signature}`), { active: false });
  const other = await run();
  try {
    const foreign = await tokenFor({
      issuer: other.issuer,
      resource: READONLY,
      scope: 'postgres:query:readonly',
    });
    assert.equal(await introspect(foreign), { active: false });
  } finally {
    await other.close();
  }
});

test('a JWT is revoked by its own client only, and shown to no other public client', async () => {
  const token = await jwt();
  const id = await register(server.issuer);
  const introspected = await post(`${server.issuer}/introspect`, { token, client_id: id }, '');
  assert.equal(introspected.body, { active: false });
  assert.equal((await revoke(token, { client_id: id }, '')).status, 200);
  assert.equal((await introspect(token)).active, true);
  assert.equal((await introspect(token, '')).error, 'invalid_request');
});

test('none of this was an error of the server', () => {
  assert.equal(server.errors, []);
});

test.run();
