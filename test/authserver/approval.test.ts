/** A person's approval: a click of its own each time, and the moment of that click in every token that follows. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Arrival,
  authorize,
  Browser,
  decide,
  type Page,
  PERSON,
  signIn,
  tokenFor,
} from '../support/person.js';
import { inHeldTime } from '../support/time.js';
import {
  type Answer,
  authorizationUrl,
  CALLBACK,
  claimsOf,
  DESTRUCTIVE,
  pkce,
  post,
  READONLY,
  type Running,
  register,
  run,
} from './running.js';

const test = suite('authserver/approval');
let server: Running;
test.before(async () => {
  server = await run();
});
test.after(() => server.close());

const SCOPE = 'jira:write approved:by:human';
const seconds = (): number => Math.floor(Date.now() / 1000);

type Client = { id: string; callback: string };
const web = async (): Promise<Client> => {
  const callback = 'https://web.example/callback';
  return { id: await register(server.issuer, { redirect_uris: [callback] }), callback };
};

const urlFor = ({ id, callback }: Client, scope: string, challenge: string, more = {}): string =>
  authorizationUrl(
    server.issuer,
    id,
    { verifier: '', challenge },
    { redirect_uri: callback, resource: DESTRUCTIVE, scope, ...more },
  );

async function tokens(client: Client, scope: string, browser: Browser): Promise<Answer> {
  const { verifier, challenge } = pkce();
  // Where a tool changes something, a refresh token has to be asked for.
  const url = urlFor(client, `${scope} offline_access`, challenge, { prompt: 'consent' });
  const left = await authorize(url, { ...PERSON, browser });
  const code = new URL(left).searchParams.get('code') ?? '';
  const fields = { grant_type: 'authorization_code', client_id: client.id, code };
  return post(
    `${server.issuer}/token`,
    { ...fields, redirect_uri: client.callback, code_verifier: verifier },
    '',
  );
}

const refresh = ({ id }: Client, token: unknown, more: { [name: string]: string } = {}): Promise<Answer> =>
  post(
    `${server.issuer}/token`,
    { grant_type: 'refresh_token', client_id: id, refresh_token: String(token), ...more },
    '',
  );

function pageOf(arrival: Arrival): Page {
  if (!('page' in arrival)) throw new Error(`expected a page, left for ${arrival.left}`);
  return arrival.page;
}

test('client_credentials is refused with the reason, instead of silently getting fewer scopes', async () => {
  const { status, body } = await post(`${server.issuer}/token`, {
    grant_type: 'client_credentials',
    resource: DESTRUCTIVE,
    scope: SCOPE,
  });
  assert.equal([status, body.error, body.scope], [400, 'invalid_scope', 'approved:by:human']);
  assert.match(String(body.error_description), /device flow/);
  assert.not('access_token' in body);
});

test('where no tool changes anything there is nothing to approve', async () => {
  const { status, body } = await post(`${server.issuer}/device_authorization`, {
    resource: READONLY,
    scope: 'postgres:query:readonly approved:by:human',
  });
  assert.equal([status, body.error, body.scope], [400, 'invalid_scope', 'approved:by:human']);
});

test('a token that a person approved says when', async () => {
  const before = seconds();
  const token = await tokenFor({ issuer: server.issuer, resource: DESTRUCTIVE, scope: SCOPE });
  const { approved_at: at, scope, sub } = claimsOf(token);
  assert.equal([scope, sub], [SCOPE, PERSON.login]);
  assert.ok(Number(at) >= before && Number(at) <= seconds());
});

test('the page names the client and each effect that is requested, and no other', async () => {
  const client = await register(server.issuer, { client_name: 'Deploy\u202e bot' });
  const browser = new Browser(server.issuer);
  const url = urlFor({ id: client, callback: CALLBACK }, SCOPE, pkce().challenge);
  const login = pageOf(await browser.open(url));
  const fill = { login: PERSON.login, password: PERSON.password };
  const { text } = pageOf(await browser.press(login, fill, { name: 'do', value: 'login' }));
  assert.match(text, /<h1>Approve what “Deploy bot” wants to do\?<\/h1>/);
  assert.ok(text.includes(client));
  assert.ok(text.includes('<strong>127.0.0.1:9</strong>'), 'the address of the answer');
  assert.ok(text.includes('This client runs on this machine'));
  assert.match(text, /<strong>Create a Jira issue<\/strong>.*Creates an issue with status To Do/s);
  assert.not.match(text, /Acknowledge an incident/);
});

test('it ends with its token: a refresh gives everything else, and says so', async () => {
  const client = await web();
  const first = await tokens(client, SCOPE, new Browser(server.issuer));
  assert.type(claimsOf(first.body.access_token).approved_at, 'number');
  const second = await refresh(client, first.body.refresh_token);
  assert.is(second.body.scope, 'jira:write');
  const claims = claimsOf(second.body.access_token);
  assert.equal([claims.scope, claims.approved_at], ['jira:write', undefined]);
  const asked = await refresh(client, second.body.refresh_token, { scope: SCOPE });
  assert.is(asked.body.scope, 'jira:write');
});

test('it is clicked each time, no matter who is signed in and whatever was allowed before', () =>
  inHeldTime(async (time) => {
    const client = await web();
    const browser = new Browser(server.issuer);
    const first = await tokens(client, SCOPE, browser);
    const again = pageOf(await signIn(browser, await browser.open(urlFor(client, SCOPE, pkce().challenge))));
    assert.match(again.text, /Your approval is asked for/);
    await time.pass(1_100);
    const second = await tokens(client, SCOPE, browser);
    const [one, two] = [first, second].map(({ body }) => Number(claimsOf(body.access_token).approved_at));
    assert.ok(Number(two) > Number(one));
  }));

test('an approval is not included in a request that does not ask for it', async () => {
  const client = await web();
  const browser = new Browser(server.issuer);
  await tokens(client, SCOPE, browser);
  const plain = await tokens(client, 'jira:write', browser);
  const { scope, approved_at: at } = claimsOf(plain.body.access_token);
  assert.equal([scope, at], ['jira:write', undefined]);
  const widened = await refresh(client, plain.body.refresh_token, { scope: SCOPE });
  assert.is(widened.body.error, 'invalid_scope');
});

test('a silent request never gets an approval', async () => {
  const client = await web();
  const browser = new Browser(server.issuer);
  await tokens(client, SCOPE, browser);
  const silent = await browser.open(urlFor(client, SCOPE, pkce().challenge, { prompt: 'none' }));
  assert.ok('left' in silent);
  assert.is(new URL(silent.left).searchParams.get('error'), 'login_required');
  const plain = await browser.open(urlFor(client, 'jira:write', pkce().challenge, { prompt: 'none' }));
  assert.ok('left' in plain, 'nor a stored approval, which would depend on a cookie only');
  assert.is(new URL(plain.left).searchParams.get('error'), 'login_required');
});

test('a refusal by the person is reported to the client', async () => {
  const client = await web();
  const end = await authorize(urlFor(client, SCOPE, pkce().challenge), { ...PERSON, consent: 'deny' });
  assert.is(new URL(end).searchParams.get('error'), 'access_denied');
});

test('a form that is not from the page that was shown decides nothing', async () => {
  const client = await web();
  const browser = new Browser(server.issuer);
  const login = pageOf(await browser.open(urlFor(client, SCOPE, pkce().challenge)));
  const fill = { login: PERSON.login, password: PERSON.password };
  const consent = pageOf(await browser.press(login, fill, { name: 'do', value: 'login' }));
  const allow = { name: 'do', value: 'allow' };
  const forged = pageOf(await browser.press(consent, { csrf: 'guessed' }, allow));
  assert.is(forged.status, 403);
  // Another port of this host is another origin of the same site: its requests bring the cookies along.
  const elsewhere = Object.assign(browser, { origin: 'http://localhost:1' });
  assert.is(pageOf(await elsewhere.press(consent, {}, allow)).status, 403);
  Object.assign(browser, { origin: server.issuer });
  const end = await decide(browser, { page: consent }, PERSON);
  assert.ok('left' in end, 'and the page itself still works');
});

test('the key that signs cookies signs no form of these pages', async () => {
  const { cookies } = JSON.parse(readFileSync(join(server.stateDir, 'authserver-keys.json'), 'utf8')) as {
    cookies: [string];
  };
  const client = await web();
  const browser = new Browser(server.issuer);
  const login = pageOf(await browser.open(urlFor(client, SCOPE, pkce().challenge)));
  const fill = { login: PERSON.login, password: PERSON.password };
  const consent = pageOf(await browser.press(login, fill, { name: 'do', value: 'login' }));
  const uid = new URL(consent.url).pathname.split('/').at(-1);
  const csrf = createHmac('sha256', cookies[0])
    .update(`form consent ${uid} ${PERSON.login}`)
    .digest('base64url');
  const allow = { name: 'do', value: 'allow' };
  assert.is(pageOf(await browser.press(consent, { csrf }, allow)).status, 403);
  assert.ok(
    'left' in (await browser.press(consent, {}, allow)),
    'the values of the page itself are accepted',
  );
});

test('somebody who has not signed in cannot allow anything', async () => {
  const client = await web();
  const browser = new Browser(server.issuer);
  const login = pageOf(await browser.open(urlFor(client, SCOPE, pkce().challenge)));
  const forced = {
    ...login,
    forms: login.forms.map((form) => ({ ...form, buttons: [{ name: 'do', value: 'allow' }] })),
  };
  const allow = { name: 'do', value: 'allow' };
  assert.is(pageOf(await browser.press(forced, {}, allow)).status, 403);
  assert.is(pageOf(await browser.press(forced, { login: PERSON.login }, allow)).status, 403);
});

test('the consent page has no address of its own: its address asks for the password', async () => {
  const client = await web();
  const browser = new Browser(server.issuer);
  const login = await browser.open(urlFor(client, SCOPE, pkce().challenge));
  const consent = pageOf(await signIn(browser, login));
  assert.match(consent.text, /Your approval is asked for/);
  // With every cookie of the browser in which the password was typed.
  const reopened = pageOf(await browser.open(consent.url));
  assert.match(reopened.text, /<h1>Sign in<\/h1>/);
  assert.not.match(reopened.text, /value="allow"/);
  const [form] = reopened.forms;
  const forced = { ...reopened, forms: [{ ...form, buttons: [{ name: 'do', value: 'allow' }] }] } as Page;
  const allow = { name: 'do', value: 'allow' };
  for (const fill of [{}, { login: PERSON.login }, { login: 'dara.yilmaz7@example.com' }]) {
    assert.is(pageOf(await browser.press(forced, fill, allow)).status, 403);
  }
  // Only the person who typed the password says yes on the page.
  const other = pageOf(await browser.press(consent, { login: 'dara.yilmaz7@example.com' }, allow));
  assert.is(other.status, 403);
  assert.ok('left' in (await decide(browser, { page: consent }, PERSON)));
});

test('a program that plants its own request in a browser gains nothing from what the person allows there', async () => {
  const client = await web();
  const program = new Browser(server.issuer);
  const planted = pageOf(await program.open(urlFor(client, SCOPE, pkce().challenge)));
  // A program on another port may set cookies for this host, so the person's browser has those of the program.
  const person = program;
  const consent = pageOf(await signIn(person, { page: planted }));
  const fields = new URLSearchParams(consent.forms[0]?.fields);
  fields.set('do', 'allow');
  const uid = new URL(consent.url).pathname.split('/').at(-1);
  const cookie = person.cookiesFor(`/interaction/${uid}`);
  const allowed = await fetch(consent.url, {
    method: 'POST',
    headers: { cookie, origin: server.issuer },
    body: fields,
    redirect: 'manual',
  });
  const location = allowed.headers.get('location') ?? '';
  // The program knows the request, and is faster than the browser.
  for (const address of [location.split('?')[0] ?? '', `${location.split('?')[0]}?proof=guessed`]) {
    assert.is(pageOf(await program.open(address)).status, 400, address);
  }
  const end = await person.open(location);
  assert.ok('left' in end && new URL(end.left).searchParams.has('code'));
});

test.run();
