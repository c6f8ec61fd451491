/** Which client the authorization server sees: what is registered, what is kept, and what each token request proves. */
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { settle, type TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createOutgoing } from '../../src/oauth/client/outgoing.js';
import { type Client, resolveClient } from '../../src/oauth/client/registration.js';
import type { Server } from '../../src/oauth/client/server-discovery.js';
import { createTokenStore, type TokenStore } from '../../src/oauth/client/token-store.js';
import { browser, openSite, refusalOf, type Site } from './site.js';

const test = suite('oauth-client/registration');
const CALLBACK = 'http://127.0.0.1:7/callback';
const REGISTER = 'POST /register';
let site: Site;
let store: TokenStore;
test.before.each(async () => {
  site = await openSite();
  store = createTokenStore(undefined);
});
test.after.each(() => site.close());

const serverOf = (more: { [name: string]: unknown } = {}): Server =>
  ({
    issuer: site.origin,
    token_endpoint: `${site.origin}/token`,
    registration_endpoint: `${site.origin}/register`,
    ...more,
  }) as Server;

/** The device flow has no redirect URI. */
function resolve(
  options: Partial<TokenSourceOptions> = {},
  server = serverOf(),
  redirectUri = CALLBACK,
): Promise<Client> {
  const settings = settle({ interaction: browser(), ...options });
  const tools = { settings, store, outgoing: createOutgoing(site.endpoint, settings) };
  return resolveClient(server, settings.grant === 'device' ? undefined : redirectUri, tools);
}

/** The credentials that the client adds to a token request. */
async function proofOf({ id, authentication }: Client, server = serverOf()) {
  const [body, headers] = [new URLSearchParams(), new Headers()];
  await authentication(server, { client_id: id }, body, headers);
  const [scheme, credentials = ''] = (headers.get('authorization') ?? '').split(' ');
  return { ...Object.fromEntries(body), ...(scheme === 'Basic' ? { basic: atob(credentials) } : {}) };
}

/** The server gives each client a number. */
function registerWith(more: { [name: string]: unknown } = {}, status = 201): void {
  let given = 0;
  site.answers.set(REGISTER, () => {
    given += 1;
    return { status, body: { client_id: `client-${given}`, ...more } };
  });
}

const registered = (): { [name: string]: unknown }[] =>
  site.visits.filter(({ path }) => path === '/register').map(({ body }) => JSON.parse(body));

test('a client without a secret says who it is, and proves nothing', async () => {
  for (const methods of [undefined, ['none'], ['client_secret_basic']]) {
    const server = serverOf({ token_endpoint_auth_methods_supported: methods });
    const client = await resolve({ clientId: 'mine' }, server);
    assert.equal([client.id, await proofOf(client)], ['mine', { client_id: 'mine' }]);
  }
  assert.is(site.visits.length, 0, 'it does not register');
});

test('a secret is sent in the way that the server supports', async () => {
  const basic = { basic: 'mine:a-b.c%2F' };
  const post = { client_id: 'mine', client_secret: 'a-b.c/' };
  for (const [methods, expected] of [
    [undefined, basic],
    [['client_secret_post', 'client_secret_basic'], basic],
    [['client_secret_post', 'none'], post],
    [['private_key_jwt'], basic],
    [[], basic],
    ['client_secret_post', basic],
  ] as const) {
    const server = serverOf({ token_endpoint_auth_methods_supported: methods });
    const client = await resolve({ clientId: 'mine', clientSecret: 'a-b.c/' }, server);
    assert.is(client.id, 'mine');
    assert.equal(await proofOf(client), expected, String(methods));
  }
  assert.is(site.visits.length, 0);
});

test('a key signs, and is not sent', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const client = await resolve({ clientId: 'mine', clientKey: { pem, algorithm: 'ES256' } });
  assert.is(client.id, 'mine');
  const proof: { [name: string]: string } = await proofOf(client);
  assert.is(proof.client_assertion_type, 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  const { payload } = await jwtVerify(proof.client_assertion ?? '', publicKey, { audience: site.origin });
  assert.equal([payload.iss, payload.sub], ['mine', 'mine']);
});

test('what is no such key is explained, without the key', async () => {
  const error = await refusalOf(
    resolve({ clientId: 'mine', clientKey: { pem: 'not a key', algorithm: 'ES256' } }),
  );
  assert.is(error.message, 'the key of the client: expected a PKCS #8 key for ES256');
  assert.instance(error.cause, Error);
});

test('a document describes the client where the server reads such documents', async () => {
  registerWith();
  const clientMetadataUrl = 'https://client.example/me.json';
  const server = serverOf({ client_id_metadata_document_supported: true });
  const client = await resolve({ clientMetadataUrl }, server);
  assert.equal([client.id, await proofOf(client)], [clientMetadataUrl, { client_id: clientMetadataUrl }]);
  assert.is(site.visits.length, 0);
  const error = await refusalOf(resolve({ clientMetadataUrl: 'http://client.example/me.json' }, server));
  assert.is(
    error.message,
    'the address of the client metadata document: expected an https URL, or http on this machine, received "http://client.example/me.json"',
  );

  for (const supported of [undefined, false, 'true']) {
    const other = serverOf({ client_id_metadata_document_supported: supported });
    assert.is((await resolve({ clientMetadataUrl }, other)).id, 'client-1', String(supported));
  }
  assert.is((await resolve({ clientMetadataUrl, clientId: 'mine' }, server)).id, 'mine');
  assert.is((await resolve({}, server)).id, 'client-1', 'without a document it registers');
});

test('a registration says what the client does, and how it will prove itself', async () => {
  registerWith();
  await resolve({ clientName: 'Tool' }, serverOf({ token_endpoint_auth_methods_supported: ['none'] }));
  store = createTokenStore(undefined);
  await resolve({ grant: 'device' });
  store = createTokenStore(undefined);
  await resolve({}, serverOf({ token_endpoint_auth_methods_supported: ['client_secret_post'] }));
  const always = { application_type: 'native' };
  const code = { redirect_uris: [CALLBACK], response_types: ['code'] };
  const grants = ['authorization_code', 'refresh_token'];
  assert.equal(registered(), [
    {
      client_name: 'Tool',
      ...always,
      ...code,
      grant_types: grants,
      token_endpoint_auth_method: 'none',
    },
    {
      client_name: 'barewire',
      ...always,
      redirect_uris: [],
      response_types: [],
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      client_name: 'barewire',
      ...always,
      ...code,
      grant_types: grants,
      token_endpoint_auth_method: 'client_secret_post',
    },
  ]);
});

test('a server that supports none of the methods is asked for a client without a secret', async () => {
  registerWith();
  const client = await resolve({}, serverOf({ token_endpoint_auth_methods_supported: ['private_key_jwt'] }));
  assert.is(registered()[0]?.token_endpoint_auth_method, 'none');
  assert.equal(await proofOf(client), { client_id: 'client-1' });
});

test('the client proves itself as the registration says', async () => {
  const basic = { basic: 'client-1:hush' };
  const post = { client_id: 'client-1', client_secret: 'hush' };
  const none = { client_id: 'client-1' };
  for (const [answer, expected] of [
    [{ client_secret: 'hush' }, basic],
    [{ client_secret: 'hush', token_endpoint_auth_method: 'client_secret_basic' }, basic],
    [{ client_secret: 'hush', token_endpoint_auth_method: 'client_secret_post' }, post],
    [{ client_secret: 'hush', token_endpoint_auth_method: 'none' }, none],
    [{ client_secret: 'hush', token_endpoint_auth_method: 7 }, basic],
    [{ client_secret: 7, token_endpoint_auth_method: 'client_secret_basic' }, none],
    [{ token_endpoint_auth_method: 'client_secret_post' }, none],
  ]) {
    for (const status of [200, 201]) {
      registerWith(answer, status);
      store = createTokenStore(undefined);
      const before = site.count(REGISTER);
      assert.equal(await proofOf(await resolve()), expected, JSON.stringify(answer));
      assert.equal(await proofOf(await resolve()), expected, `${JSON.stringify(answer)}, from the store`);
      assert.is(site.count(REGISTER), before + 1);
    }
  }
});

test('a registration is kept for its server and its redirect URI', async () => {
  registerWith();
  assert.is((await resolve()).id, 'client-1');
  assert.equal(await store.registration(site.origin), {
    clientId: 'client-1',
    method: 'client_secret_basic',
    redirectUri: CALLBACK,
  });
  assert.is((await resolve()).id, 'client-1', 'the same again');
  const elsewhere = serverOf({ issuer: `${site.origin}/tenant` });
  assert.is((await resolve({}, elsewhere)).id, 'client-2', 'another server');
  assert.is((await resolve()).id, 'client-1');
  const other = 'http://127.0.0.1:8/callback';
  assert.is((await resolve({}, serverOf(), other)).id, 'client-3', 'another redirect URI');
  assert.is((await store.registration(site.origin))?.redirectUri, other);
  assert.is((await resolve({ clientId: 'mine' })).id, 'mine', 'a client of the caller');
});

test('a client without redirect URI is kept without one', async () => {
  registerWith();
  const device = (): Promise<Client> => resolve({ grant: 'device' });
  assert.is((await device()).id, 'client-1');
  assert.equal(await store.registration(site.origin), {
    clientId: 'client-1',
    method: 'client_secret_basic',
  });
  assert.equal([(await device()).id, (await resolve()).id], ['client-1', 'client-2']);
});

test('a secret is used until it expires, and then the client registers again', async () => {
  registerWith({ client_secret: 'hush', client_secret_expires_at: 1_000 });
  const idAt = async (ms: number): Promise<string> => (await resolve({ clock: () => new Date(ms) })).id;
  assert.is(await idAt(0), 'client-1');
  assert.is((await store.registration(site.origin))?.secretExpiresAt, 1_000_000);
  assert.equal(
    [await idAt(999_999), await idAt(1_000_000), await idAt(1_000_000)],
    ['client-1', 'client-2', 'client-3'],
  );
});

test('a secret without an end never expires', async () => {
  for (const end of [0, -1, undefined, null, '1000']) {
    registerWith({ client_secret: 'hush', client_secret_expires_at: end });
    store = createTokenStore(undefined);
    const later = { clock: () => new Date('9999-01-01') };
    assert.equal([(await resolve()).id, (await resolve(later)).id], ['client-1', 'client-1'], String(end));
    assert.is('secretExpiresAt' in ((await store.registration(site.origin)) ?? {}), false);
  }
});

test('a registration that failed is explained, and not kept', async () => {
  const what = `registration at ${site.origin}`;
  for (const [status, body, expected, code] of [
    [
      400,
      { error: 'invalid_redirect_uri', error_description: 'no' },
      'was refused: "invalid_redirect_uri", "no"',
      'invalid_redirect_uri',
    ],
    [403, { error: 'access_denied' }, 'was refused: "access_denied"', 'access_denied'],
    [404, '<h1>Nothing</h1>', 'failed: expected status 201, received 404', undefined],
    [202, { client_id: 'client-1' }, 'failed: expected status 201, received 202', undefined],
    [302, {}, 'failed: expected status 201, received 302', undefined],
    [201, {}, 'failed: it gave no "client_id"', undefined],
    [201, { client_id: 7 }, 'failed: it gave no "client_id"', undefined],
    [201, { error: 'a' }, 'failed: it gave no "client_id"', undefined],
    [201, 'null', 'failed: it gave no "client_id"', undefined],
    [200, '{', 'failed: it gave no "client_id"', undefined],
  ] as const) {
    site.answers.set(REGISTER, { status, body });
    const error = await refusalOf(resolve());
    assert.equal([error.message, error.code], [`${what} ${expected}`, code]);
    assert.is(await store.registration(site.origin), undefined);
  }
});

test('a server that does not answer is explained', async () => {
  const fails = async (): Promise<never> => {
    throw new TypeError('fetch failed', { cause: new Error('no route') });
  };
  const error = await refusalOf(resolve({ fetch: fails }));
  assert.is(error.message, `registration at ${site.origin} failed: no route`);
});

test('where nobody can register, the message says what to do', async () => {
  const server = serverOf({ registration_endpoint: undefined });
  const message = async (work: Promise<Client>): Promise<string> => (await refusalOf(work)).message;
  const start = `${site.origin} lets no client register itself: register one there`;
  assert.is(
    await message(resolve({}, server)),
    `${start} with the redirect URI ${CALLBACK}, and give its client id`,
  );
  assert.is(await message(resolve({ grant: 'device' }, server)), `${start}, and give its client id`);
});

test.run();
