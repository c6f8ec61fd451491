/** The approval pages as a client, and the scope of people who may decide: a person gets it there, a program nowhere. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authorize, Browser, PERSON, signIn } from '../support/person.js';
import {
  authorizationUrl,
  CALLBACK,
  claimsOf,
  DESTRUCTIVE,
  pkce,
  post,
  READONLY,
  RESOURCES,
  type Running,
  read,
  register,
  run,
} from './running.js';

const test = suite('authserver/approvals-client');
let server: Running;
test.before(async () => {
  server = await run();
});
test.after(() => server.close());

const PAGES = 'barewire-approvals';
const BACK = 'http://localhost:3001/approvals/callback';
const DECIDES = 'approvals:decide';

const asking = (
  challenge: string,
  more: { [name: string]: string | undefined } = {},
  client = PAGES,
): string =>
  authorizationUrl(
    server.issuer,
    client,
    { verifier: '', challenge },
    { redirect_uri: BACK, resource: DESTRUCTIVE, scope: DECIDES, ...more },
  );

/** What the address a client opens leads to at once: what it redirects to, or the page that refuses it. */
async function opened(address: string): Promise<{ status: number; location: URL | undefined; text: string }> {
  const response = await fetch(address, { redirect: 'manual' });
  const location = response.headers.get('location');
  const url = location === null ? undefined : new URL(location, server.issuer);
  return { status: response.status, location: url, text: await response.text() };
}

test('a person reads in plain words what the pages ask for, and the pages get a token for it', async () => {
  const { verifier, challenge } = pkce();
  const browser = new Browser(server.issuer);
  const arrival = await browser.open(asking(challenge));
  if (!('page' in arrival)) throw new Error('no page');
  const consent = await browser.press(
    arrival.page,
    { login: PERSON.login, password: PERSON.password },
    { name: 'do', value: 'login' },
  );
  if (!('page' in consent)) throw new Error('no consent was asked for');
  assert.match(consent.page.text, /the approval pages/);
  assert.match(
    consent.page.text,
    /Approve or refuse, in your name, what programs of your organisation want to change/,
  );
  const left = await browser.press(consent.page, {}, { name: 'do', value: 'allow' });
  if (!('left' in left)) throw new Error(`stopped at ${left.page.text}`);
  const back = new URL(left.left);
  assert.is(back.origin + back.pathname, BACK);
  assert.is(back.searchParams.get('iss'), server.issuer);
  const { body } = await post(
    `${server.issuer}/token`,
    {
      grant_type: 'authorization_code',
      client_id: PAGES,
      code: back.searchParams.get('code') ?? '',
      redirect_uri: BACK,
      code_verifier: verifier,
      resource: DESTRUCTIVE,
    },
    '',
  );
  const { sub, aud, scope, tenant, client_id: clientId } = claimsOf(body.access_token);
  assert.equal([sub, aud, scope, tenant, clientId], [PERSON.login, DESTRUCTIVE, DECIDES, 'demo', PAGES]);
  assert.not('refresh_token' in body);
});

test('no program gets it for itself, whatever else it asks for', async () => {
  for (const scope of [DECIDES, `jira:write ${DECIDES}`]) {
    const { status, body } = await post(`${server.issuer}/token`, {
      grant_type: 'client_credentials',
      resource: DESTRUCTIVE,
      scope,
    });
    assert.equal([status, body.error, body.scope], [400, 'invalid_scope', DECIDES]);
    assert.match(String(body.error_description), /given to a person on the approval pages only/);
  }
  const all = await post(`${server.issuer}/token`, {
    grant_type: 'client_credentials',
    resource: DESTRUCTIVE,
  });
  assert.not.match(String(all.body.scope ?? ''), /approvals:decide/);
  const own = await post(
    `${server.issuer}/token`,
    { grant_type: 'client_credentials', client_id: PAGES, resource: DESTRUCTIVE, scope: DECIDES },
    '',
  );
  assert.is(own.status, 400);
  assert.not('access_token' in own.body);
});

test('no client that asks a person gets it either: by device, registered, or with the pages as its name', async () => {
  const device = await post(`${server.issuer}/device_authorization`, {
    resource: DESTRUCTIVE,
    scope: DECIDES,
  });
  assert.equal([device.status, device.body.error], [400, 'invalid_scope']);

  const { challenge } = pkce();
  const stranger = await register(server.issuer, { client_name: PAGES });
  assert.is.not(stranger, PAGES);
  const refused = await opened(asking(challenge, { redirect_uri: CALLBACK }, stranger));
  assert.is(refused.location?.searchParams.get('error'), 'invalid_scope');
  // The same client may have anything else.
  const allowed = await opened(asking(challenge, { redirect_uri: CALLBACK, scope: 'jira:write' }, stranger));
  assert.match(allowed.location?.pathname ?? '', /^\/interaction\//);

  const named = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: PAGES, redirect_uris: [CALLBACK] }),
  });
  assert.is.not((await read(named)).body.client_id, PAGES);
});

test('a client that asks for nothing is offered everything except deciding', async () => {
  const client = await register(server.issuer);
  const { challenge } = pkce();
  const browser = new Browser(server.issuer);
  const arrival = await browser.open(
    asking(challenge, { redirect_uri: CALLBACK, scope: undefined, resource: DESTRUCTIVE }, client),
  );
  if (!('page' in arrival)) throw new Error('no page');
  const consent = await browser.press(
    arrival.page,
    { login: PERSON.login, password: PERSON.password },
    { name: 'do', value: 'login' },
  );
  if (!('page' in consent)) throw new Error('no consent was asked for');
  assert.match(consent.page.text, /jira:write/);
  assert.not.match(consent.page.text, /approvals:decide/);
});

test('the answer goes to the pages alone: no other port, path or host', async () => {
  const { challenge } = pkce();
  for (const redirect_uri of [
    'http://localhost:3002/approvals/callback',
    'http://127.0.0.1:3001/approvals/callback',
    'http://localhost:3000/approvals/callback',
    'http://localhost:3001/approvals/callback/x',
    'http://localhost:3001/other',
    'https://elsewhere.example/approvals/callback',
  ]) {
    const { status, location, text } = await opened(asking(challenge, { redirect_uri }));
    assert.equal([status, location], [400, undefined], redirect_uri);
    assert.match(text, /redirect_uri/);
  }
});

test('a server that changes nothing has nothing to decide', async () => {
  const { challenge } = pkce();
  const { location } = await opened(asking(challenge, { resource: READONLY }));
  assert.is(location?.searchParams.get('error'), 'invalid_scope');
});

test('the address of the pages is known as soon as the server is, and follows it', async () => {
  let resources: typeof RESOURCES = [];
  const later = await run({ resources: () => resources });
  try {
    const leads = async (back: string, resource: string): Promise<boolean> => {
      const { challenge } = pkce();
      const url = authorizationUrl(
        later.issuer,
        PAGES,
        { verifier: '', challenge },
        { redirect_uri: back, resource, scope: DECIDES },
      );
      const response = await fetch(url, { redirect: 'manual' });
      await response.body?.cancel();
      return response.status === 303;
    };
    assert.is(await leads(BACK, DESTRUCTIVE), false, 'nothing listens there yet');
    resources = RESOURCES;
    assert.is(await leads(BACK, DESTRUCTIVE), true);
    const moved = 'http://localhost:4001/mcp';
    resources = RESOURCES.map((one) => (one.resource === DESTRUCTIVE ? { ...one, resource: moved } : one));
    assert.is(await leads(BACK, moved), false);
    assert.is(await leads('http://localhost:4001/approvals/callback', moved), true);
    assert.equal(later.errors, []);
  } finally {
    await later.close();
  }
});

test('a person who has allowed it once is asked for the password only', async () => {
  const browser = new Browser(server.issuer);
  const { challenge } = pkce();
  await authorize(asking(challenge), { ...PERSON, browser });
  const again = await signIn(browser, await browser.open(asking(pkce().challenge)));
  assert.ok('left' in again && new URL(again.left).searchParams.has('code'));
});

test.run();
