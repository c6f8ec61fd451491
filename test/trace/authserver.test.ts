/**
 * The trace of the development authorization server: what it shows, and that it stores none of the secrets of real flows. The
 * bytes of every exchange are watched a second time, unmasked, so that the list of secrets comes from the wire itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Note } from '../../src/lesson/annotations/note.js';
import { curlOf } from '../../src/lesson/trace/curl.js';
import { AUTHSERVER, type TracedExchange } from '../../src/lesson/trace/exchange.js';
import { answerLines, requestLines } from '../../src/lesson/trace/lines.js';
import { type Observer, tap, watchWith } from '../../src/lesson/trace/observe.js';
import { conversation } from '../../src/lesson/trace/pages/conversation.js';
import { tracePage } from '../../src/lesson/trace/pages/page.js';
import { createTrace, type Trace } from '../../src/lesson/trace/trace.js';
import { wireOf } from '../../src/lesson/trace/wire.js';
import {
  authorizationUrl,
  CALLBACK,
  DEVICE_GRANT,
  pkce,
  post,
  READONLY,
  register,
  run,
} from '../authserver/running.js';
import { approve, authorize, Browser, PERSON } from '../support/person.js';
import { until } from '../support/until.js';

const test = suite('trace/authserver');

const SCOPE = 'postgres:query:readonly';
const SECRET = 'a-secret-of-a-known-client';
const STATE = 'state-that-belongs-to-one-window';
const DEMO = { id: 'other', secret: SECRET, grants: ['client_credentials', DEVICE_GRANT] };

type Watched = {
  issuer: string;
  trace: Trace;
  errors: string[];
  /** Requests and answers as they were on the wire. */
  wire: string[];
  written: () => string;
  /** All exchanges, once as many are over. */
  over: (count: number) => Promise<TracedExchange[]>;
  close: () => Promise<void>;
};

async function watched(): Promise<Watched> {
  let text = '';
  const errors: string[] = [];
  const wire: string[] = [];
  const trace = createTrace({
    terminal: {
      write: (more) => {
        text += more;
      },
      look: () => ({ columns: 140, color: false }),
    },
    clock: () => new Date(),
    ticks: () => process.hrtime.bigint(),
    onError: (error, about) => errors.push(`${about}: ${error}`),
  });
  const watch = watchWith(trace.observe(AUTHSERVER));
  const { issuer, close } = await run({
    extraClients: [DEMO],
    observe(request, response) {
      tap(request, response, copying(request, wire));
      watch(request, response);
    },
  });
  trace.begin();
  const over = (count: number): Promise<TracedExchange[]> =>
    until(() => {
      const { all } = trace.store;
      return all.length >= count && all;
    }, `${count} exchanges`);
  return { issuer, trace, errors, wire, written: () => text, over, close };
}

/** Copies an exchange as it is, unmasked. */
function copying({ method, url, rawHeaders }: IncomingMessage, wire: string[]): Observer {
  const ignore = (): void => {};
  const headers = rawHeaders.map((text, at) => (at % 2 === 0 ? `\n${text}: ` : text)).join('');
  const copy = (bytes: string | Uint8Array): void => void wire.push(Buffer.from(bytes).toString());
  wire.push(`${method} ${url}${headers}\n\n`);
  return {
    ...{
      received: copy,
      headed: copy,
      sent: copy,
      receivedAll: ignore,
      authenticated: ignore,
      decided: ignore,
    },
    ...{ handled: ignore, refused: ignore, recorded: ignore, ended: ignore },
  };
}

/** The values of what is secret on that wire, by its name. */
function secretsOn(wire: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string, value: string): void => {
    if (value !== '')
      found.set(name, (found.get(name) ?? new Set()).add(value).add(decodeURIComponent(value)));
  };
  for (const [, name = '', value = ''] of wire.matchAll(/\b(authserver_\w+(?:\.sig)?)=([^;\s]*)/g))
    add(name, value);
  for (const [, value = ''] of wire.matchAll(/^authorization: \S+ (\S+)/gim)) add('authorization', value);
  for (const [, value = ''] of wire.matchAll(/\/(?:interaction|authorize|device)\/([\w-]+)/g))
    add('visit', value);
  const names =
    'client_secret code code_verifier state nonce proof device_code user_code access_token refresh_token id_token ' +
    'client_assertion assertion password csrf xsrf';
  for (const name of names.split(' ')) {
    for (const [, value = ''] of wire.matchAll(new RegExp(`[?&\n]${name}=([^&\\s"#]+)`, 'g')))
      add(name, value);
    for (const [, value = ''] of wire.matchAll(new RegExp(`"${name}":"([^"]+)"`, 'g'))) add(name, value);
    for (const [, value = ''] of wire.matchAll(new RegExp(`name="${name}" value="([^"]+)"`, 'g')))
      add(name, value);
  }
  return found;
}

async function codeFlow(issuer: string): Promise<void> {
  const client = await register(issuer);
  const proof = pkce();
  const more = {
    resource: READONLY,
    scope: `openid offline_access ${SCOPE}`,
    state: STATE,
    nonce: 'nonce-of-one-window',
  };
  const left = await authorize(authorizationUrl(issuer, client, proof, { ...more, prompt: 'consent' }));
  const token = async (fields: { [name: string]: string }) =>
    (await post(`${issuer}/token`, { client_id: client, ...fields }, '')).body;
  const grant = {
    grant_type: 'authorization_code',
    code: new URL(left).searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: proof.verifier,
  };
  const tokens = await token(grant);
  assert.ok(tokens.refresh_token, JSON.stringify(tokens));
  const again = await token({ grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) });
  await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${again.access_token}` } });
  await token(grant);
}

async function deviceFlow(issuer: string): Promise<void> {
  const basic = `Basic ${btoa(`other:${SECRET}`)}`;
  const { body } = await post(`${issuer}/device_authorization`, { resource: READONLY, scope: SCOPE }, basic);
  await post(`${issuer}/token`, { grant_type: DEVICE_GRANT, device_code: String(body.device_code) }, basic);
  await approve(String(body.verification_uri_complete));
  const tokens = await post(
    `${issuer}/token`,
    { grant_type: DEVICE_GRANT, device_code: String(body.device_code) },
    basic,
  );
  assert.is(tokens.status, 200);
}

async function clientCredentials(issuer: string): Promise<void> {
  const asked = { grant_type: 'client_credentials', resource: READONLY, scope: SCOPE };
  const { body } = await post(`${issuer}/token`, { ...asked, client_id: 'other', client_secret: SECRET }, '');
  const token = String(body.access_token);
  await post(`${issuer}/introspect`, { token }, `Basic ${btoa(`other:${SECRET}`)}`);
  await post(`${issuer}/revoke`, { token }, `Basic ${btoa(`other:${SECRET}`)}`);
  await post(
    `${issuer}/token`,
    { ...asked, client_assertion: 'an-assertion-of-some-client', client_assertion_type: 'jwt-bearer' },
    '',
  );
}

test('of whole flows nothing secret is stored, printed or saved, and everything else is', async () => {
  const { issuer, trace, errors, wire, written, over, close } = await watched();
  await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  await fetch(`${issuer}/jwks`);
  await codeFlow(issuer);
  await deviceFlow(issuer);
  await clientCredentials(issuer);
  const all = await over(25);
  await close();
  assert.equal(errors, []);

  const secrets = secretsOn(wire.join('\n'));
  const expected =
    'authserver_interaction authserver_interaction.sig authserver_resume authserver_session authorization visit client_secret ' +
    'code code_verifier state nonce proof device_code user_code access_token refresh_token id_token client_assertion ' +
    'password csrf xsrf';
  assert.equal(
    expected.split(' ').filter((name) => !secrets.has(name)),
    [],
    'the flows have each kind of secret',
  );
  const shown = [
    JSON.stringify(trace.store.all),
    written(),
    ...all.flatMap((one) => [
      wireOf(one) ?? '',
      curlOf(one),
      tracePage('/trace/s', all, one.number, one)({}),
    ]),
  ];
  for (const [name, values] of secrets)
    for (const value of values) {
      // The demo people's password is in the name of the demo client, so only its field counts.
      const text = name === 'password' ? `password=${value}` : value;
      for (const [at, where] of shown.entries())
        assert.not.ok(where.includes(text), `${name} ${value} in ${at}`);
    }
  for (const secret of [SECRET, STATE, PERSON.login, encodeURIComponent(PERSON.login)])
    for (const [at, where] of shown.entries()) assert.not.ok(where.includes(secret), `${secret} in ${at}`);

  const about = all.map(({ verb, path, answer }) => `${verb} ${path} ${answer?.status}`);
  for (const line of [
    'GET /.well-known/oauth-authorization-server 200',
    'POST /register 201',
    'GET /authorize 303',
    'GET /interaction/[hidden] 200',
    'POST /interaction/[hidden] 303',
    'GET /authorize/[hidden] 303',
    'POST /token 400',
    'POST /device_authorization 200',
    'POST /introspect 200',
  ])
    assert.ok(about.includes(line), `${line} in ${about.join('\n')}`);
  const token = all.find(
    ({ body }) => body.text.startsWith('client_id=') && body.text.includes('code_verifier'),
  );
  assert.match(
    token?.body.text ?? '',
    /^client_id=[\w-]+&grant_type=authorization_code&code=\[hidden\]&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&code_verifier=\[hidden\]$/,
  );
  assert.match(
    token?.answer?.body.text ?? '',
    /"access_token":"\[hidden\]","expires_in":\d+,"id_token":"\[hidden\]"/,
  );
});

test('notes explain OAuth, and none of them speaks of MCP messages', async () => {
  const { issuer, over, close } = await watched();
  await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  await codeFlow(issuer);
  const all = await over(10);
  await close();
  const notes = new Map<string, Note>();
  for (const one of all)
    for (const { text, note } of [...requestLines(one), ...answerLines(one)].flat())
      if (note !== undefined) notes.set(text.trim(), note);
  for (const [text, what] of [
    ['POST /token HTTP/1.1', /exchanges what it has/],
    ['code_verifier', /only the client that began the flow can end it/],
    ['"access_token"', /opens the resource/],
    ['content-type', /OAuth sends forms/],
    ['resource', /becomes the audience/],
  ] as const)
    assert.match(notes.get(text)?.what ?? `no note on ${text}`, what);
  for (const [text, { what }] of notes) assert.not.match(what, /JSON-RPC|one message|MCP message/, text);
});

test('the conversation has the arrows to the authorization server, in place of what a token lets one guess', () => {
  const made = (number: number, server: string, more: Partial<TracedExchange>): TracedExchange => ({
    ...{
      number,
      server,
      time: '',
      client: '',
      line: '',
      verb: 'POST',
      path: '/token',
      stages: [],
      state: 'done',
    },
    ...{ token: undefined, answer: undefined, verdicts: [] },
    headers: [{ name: 'host', value: '127.0.0.1:3003' }],
    body: { text: 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code', bytes: 9, cut: false },
    ...more,
  });
  const claims = { iss: 'http://localhost:3003', scope: 'a:b' };
  const call = made(2, 'readonly', { token: { header: {}, claims }, path: '/mcp' });
  const asked = made(1, AUTHSERVER, { verdicts: [{ outcome: '200 OK: issued access_token' }] });
  const text = conversation([asked, call], undefined).text;
  assert.match(text, '#1 POST /token device_code');
  assert.match(text, '200 OK: issued access_token');
  assert.match(text, 'authorization server');
  assert.not.match(text, 'a token for a:b');
  const alone = conversation([call], undefined).text;
  assert.match(alone, 'a token for a:b');
  assert.match(alone, 'requests to an authorization server that are not seen here');
});

test('a page for people is one line, without its HTML', async () => {
  const { issuer, trace, written, over, close } = await watched();
  const browser = new Browser(issuer);
  await browser.open(`${issuer}/device`);
  const [device] = await over(1);
  await browser.open(`${issuer}/`);
  await browser.open(`${issuer}/style.css`);
  await browser.open(`${issuer}/signout`);
  await fetch(`${issuer}/jwks`);
  const all = await over(2);
  await close();
  assert.equal(
    all.map(({ path }) => path),
    ['/device', '/jwks'],
    'other pages and styles are not traced',
  );
  const body = device?.answer?.body;
  assert.equal([body?.text, body?.isPage, (body?.bytes ?? 0) > 500], ['', true, true]);
  assert.match(
    written(),
    /^-- #1 {2}authserver {2}GET \/device HTTP\/1\.1: HTTP\/1\.1 200 OK, a page of \d+ bytes, /m,
  );
  assert.not.match(written(), '<html');
  assert.match(wireOf(trace.store.all[0] as TracedExchange) ?? '', '# server: authserver');
});

test('the trace says how a request ended, and for which client', async () => {
  const { issuer, over, close } = await watched();
  await post(`${issuer}/token`, { grant_type: 'client_credentials', resource: READONLY, scope: SCOPE });
  await post(`${issuer}/token`, { grant_type: 'password' });
  await fetch(authorizationUrl(issuer, 'nobody', pkce()));
  const all = await over(3);
  await close();
  const verdicts = all.map(({ verdicts: [verdict] }) => verdict);
  assert.equal(verdicts[0], {
    outcome: `200 OK: issued access_token for the scopes ${SCOPE}`,
    clientId: 'demo',
  });
  assert.match(verdicts[1]?.outcome ?? '', /^400 Bad Request: unsupported_grant_type, /);
  assert.equal(verdicts[2], { outcome: '400 Bad Request: a page for a person', clientId: 'nobody' });
});

test('an error of the trace changes no answer', async () => {
  const errors: string[] = [];
  const broken = createTrace({
    terminal: {
      write: () => {
        throw new Error('the terminal is gone');
      },
      look: () => ({ columns: 140, color: false }),
    },
    clock: () => new Date(),
    ticks: () => process.hrtime.bigint(),
    onError: (error, about) => errors.push(`${about}: ${error}`),
  });
  const server = await run({ observe: watchWith(broken.observe(AUTHSERVER)) });
  broken.begin();
  const { status } = await post(`${server.issuer}/token`, {
    grant_type: 'client_credentials',
    resource: READONLY,
  });
  await until(() => errors.length > 0, 'the error');
  await server.close();
  assert.equal([status, errors], [200, ['trace.failed: Error: the terminal is gone']]);

  let clock = 0;
  const unable = createTrace({
    clock: () => {
      clock += 1;
      return new Date(Number.NaN);
    },
    ticks: () => process.hrtime.bigint(),
    onError: (error, about) => errors.push(`${about}: ${error}`),
  });
  unable.begin();
  const other = await run({ observe: watchWith(unable.observe(AUTHSERVER)) });
  assert.is((await fetch(`${other.issuer}/jwks`)).status, 200);
  await other.close();
  assert.equal([clock, errors.length], [1, 2]);
});

test('a server without a trace wraps nothing, and neither does one that has not begun', async () => {
  const seen: { request: IncomingMessage; response: ServerResponse }[] = [];
  const idle = createTrace({
    clock: () => new Date(),
    ticks: () => process.hrtime.bigint(),
    onError: () => {},
  });
  const watch = watchWith(idle.observe(AUTHSERVER));
  const server = await run({
    observe(request, response) {
      watch(request, response);
      seen.push({ request, response });
    },
  });
  await fetch(`${server.issuer}/jwks`);
  await server.close();
  const [one] = seen;
  assert.ok(one !== undefined);
  for (const name of ['write', 'end', 'push', 'flushHeaders'])
    assert.not.ok(Object.hasOwn(one.request, name) || Object.hasOwn(one.response, name), name);
});

test.run();
