/** Which refresh token is sent, by which client, and what is forgotten when the server refuses it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renew } from '../../src/oauth/client/obtain.js';
import { settle, type TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createOutgoing } from '../../src/oauth/client/outgoing.js';
import type { Server } from '../../src/oauth/client/server-discovery.js';
import { createTokenStore, type Tokens } from '../../src/oauth/client/token-store.js';
import { browser, openSite, type Site } from './site.js';

const test = suite('oauth-client/obtain');
let site: Site;
test.before.each(async () => {
  site = await openSite();
  site.answers.set('POST /token', {
    body: { access_token: 'new', token_type: 'Bearer', refresh_token: 'r2' },
  });
});
test.after.each(() => site.close());

const REGISTERED = { clientId: 'registered', method: 'none', redirectUri: 'http://127.0.0.1:7/callback' };

/** The new token or the error, what was sent, and what the store has after it. */
async function renewed(
  given: { [name: string]: unknown } = {},
  options: Partial<TokenSourceOptions> = {},
  isKnown = true,
) {
  const store = createTokenStore(undefined);
  if (isKnown) await store.setRegistration(site.origin, REGISTERED);
  const tokens = {
    endpoint: site.endpoint.href,
    issuer: site.origin,
    resource: site.endpoint.href,
    clientId: 'registered',
    isForClient: false,
    accessToken: 'old',
    refreshToken: 'r1',
    scopes: ['a'],
    ...given,
  } as Tokens;
  await store.setTokens(tokens);
  const settings = settle({ interaction: browser(), ...options });
  const outgoing = createOutgoing(site.endpoint, settings);
  const server = { issuer: site.origin, token_endpoint: `${site.origin}/token` } as Server;
  const tools = { settings, store, outgoing, endpoint: site.endpoint };
  const token = await renew(tokens, server, tools).catch((error: Error) => error.message);
  const sent = site.visits
    .filter(({ path }) => path === '/token')
    .map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  const registration = await store.registration(site.origin);
  return {
    token,
    sent,
    kept: await store.tokens(site.endpoint.href, () => true),
    isRegistered: registration !== undefined,
  };
}

test('the client that got the refresh token sends it, and keeps the new one', async () => {
  const { token, sent, kept } = await renewed();
  assert.is(token, 'new');
  assert.equal([sent[0]?.refresh_token, sent[0]?.client_id, sent.length], ['r1', 'registered', 1]);
  assert.equal([kept?.accessToken, kept?.refreshToken], ['new', 'r2']);
});
test('a server that sends no new refresh token lets the client keep the old one', async () => {
  site.answers.set('POST /token', { body: { access_token: 'new', token_type: 'Bearer' } });
  assert.is((await renewed()).kept?.refreshToken, 'r1');
});
test('a refresh token goes to nobody else, and is not sent by another client', async () => {
  assert.equal((await renewed({ issuer: 'https://other.example' })).sent, []);
  assert.equal((await renewed({ refreshToken: undefined })).sent, []);
  assert.equal((await renewed({ clientId: 'an earlier registration' })).sent, []);
  assert.equal((await renewed({ clientId: 'mine' }, { clientId: 'another' })).sent, []);
  assert.equal((await renewed({}, {}, false)).sent, [], 'the registration is gone');
  assert.equal(
    site.visits.filter(({ path }) => path === '/register'),
    [],
  );
});
test('a client that was given by its id renews without a registration', async () => {
  const { token, sent } = await renewed({ clientId: 'mine' }, { clientId: 'mine' }, false);
  assert.equal([token, sent[0]?.client_id], ['new', 'mine']);
});
test('a refused refresh token is forgotten, and a refused client with it', async () => {
  const refuse = (error: string) => site.answers.set('POST /token', { status: 400, body: { error } });
  refuse('invalid_grant');
  const spent = await renewed();
  assert.equal([spent.token, spent.kept?.refreshToken, spent.isRegistered], [undefined, undefined, true]);
  assert.is(spent.kept?.accessToken, 'old');
  refuse('invalid_client');
  assert.is((await renewed()).isRegistered, false);
  const given = await renewed({ clientId: 'mine' }, { clientId: 'mine' });
  assert.is(given.isRegistered, true, 'the registration was not the client that was refused');
});
test('a lost connection forgets nothing', async () => {
  const fetch = async () => {
    throw new TypeError('fetch failed');
  };
  const { token, kept, isRegistered } = await renewed({}, { fetch });
  assert.match(String(token), 'fetch failed');
  assert.equal([kept?.accessToken, kept?.refreshToken, isRegistered], ['old', 'r1', true]);
});

test.run();
