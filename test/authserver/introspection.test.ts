import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authorize, PERSON, tokenFor } from '../support/person.js';
import {
  authorizationUrl,
  CALLBACK,
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

test('an opaque token of a client says whom it is for', async () => {
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
    approved: true,
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

test('nobody introspects without credentials, and a public client only what is its own', async () => {
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

test('a JWT is neither introspected nor revoked: it is checked by its signature, and is short-lived', async () => {
  const token = await tokenFor({
    issuer: server.issuer,
    resource: READONLY,
    scope: 'postgres:query:readonly',
  });
  assert.is((await introspect(token)).error, 'unsupported_token_type');
  assert.is((await revoke(token)).body.error, 'unsupported_token_type');
});

test.run();
