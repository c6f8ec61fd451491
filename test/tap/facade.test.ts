/** What a client reads and asks at the tap on its way to a token, and what the servers behind it get: request by request. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import { openTap, type Tap } from './opened.js';

const test = suite('tap/facade');

type Reply = { status?: number; headers?: { [name: string]: string }; body?: unknown };
type Heard = { method: string; path: string; host: string; body: string };
type Stub = { origin: string; heard: Heard[]; close(): Promise<void> };

const OPEN: { close(): Promise<void> }[] = [];
test.after(async () => {
  await Promise.all(OPEN.map((one) => one.close()));
});

/** A server that answers by path. */
async function stub(replies: { [path: string]: (heard: Heard) => Reply }): Promise<Stub> {
  const heard: Heard[] = [];
  const server: Server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, host: headers.host ?? '', body };
    heard.push(one);
    const reply = replies[url.split('?')[0] ?? '']?.(one) ?? { status: 404 };
    const text = reply.body === undefined ? '' : JSON.stringify(reply.body);
    response
      .writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
      .end(text);
  });
  const origin = `http://localhost:${await listen(server, 0, '127.0.0.1')}`;
  const made = { origin, heard, close: () => close(server, 0) };
  OPEN.push(made);
  return made;
}

type Issuer = Stub & { metadata: { [name: string]: unknown } };

async function issuer(more: { [name: string]: unknown } = {}, path = ''): Promise<Issuer> {
  const made: Issuer = Object.assign(
    await stub({
      [`/.well-known/oauth-authorization-server${path}`]: () => ({ body: made.metadata }),
      '/token': () => ({ body: { access_token: 'a', token_type: 'Bearer' } }),
      '/register': ({ body }) => {
        const asked = JSON.parse(body);
        if (made.metadata.picky === true && asked.redirect_uris.length > 1)
          return { status: 400, body: { error: 'invalid_redirect_uri' } };
        return { status: 201, body: { ...asked, client_id: 'c1' } };
      },
    }),
    { metadata: {} },
  );
  made.metadata = {
    issuer: made.origin + path,
    authorization_endpoint: `${made.origin}/authorize?tenant=1`,
    token_endpoint: `${made.origin}/token`,
    registration_endpoint: `${made.origin}/register`,
    jwks_uri: `${made.origin}/jwks`,
    signed_metadata: 'a.b.c',
    ...more,
  };
  return made;
}

type Scene = { tap: Tap; server: Stub; issuer: Issuer; facade: string };

/** A server that wants tokens of an issuer, with a tap in front of it. */
async function scene(more: { [name: string]: unknown } = {}, path = ''): Promise<Scene> {
  const made = await issuer(more, path);
  const server = await stub({
    '/.well-known/oauth-protected-resource/mcp': () => ({
      body: {
        resource: `${server.origin}/mcp`,
        authorization_servers: [made.metadata.issuer],
        signed_metadata: 'x.y.z',
      },
    }),
    '/mcp': () => ({
      status: 401,
      headers: {
        'www-authenticate': `Bearer error="invalid_token", resource_metadata="${server.origin}/.well-known/oauth-protected-resource/mcp", scope="a"`,
      },
    }),
  });
  const tap = await openTap(new URL(`${server.origin}/mcp`));
  OPEN.push(tap);
  const facade = `${tap.url.origin}/.barewire-tap/${String(made.metadata.issuer).replace('://', '/')}`;
  return { tap, server, issuer: made, facade };
}

async function json(url: string): Promise<{ [name: string]: unknown }> {
  return (await (await fetch(url)).json()) as { [name: string]: unknown };
}

/** The metadata of the issuer, as a client finds it from the server's. */
async function discovered({ tap, facade }: Scene): Promise<{ [name: string]: unknown }> {
  await json(`${tap.url.origin}/.well-known/oauth-protected-resource/mcp`);
  const { origin, pathname } = new URL(facade);
  return json(`${origin}/.well-known/oauth-authorization-server${pathname}`);
}

test('the challenge, the resource and the issuer name the tap, and only the tap', async () => {
  const made = await scene({}, '/tenant');
  const { tap, facade, issuer: real } = made;
  const challenge = (await fetch(tap.url, { method: 'POST' })).headers.get('www-authenticate');
  const document = `${tap.url.origin}/.well-known/oauth-protected-resource/mcp`;
  assert.is(challenge, `Bearer error="invalid_token", resource_metadata="${document}", scope="a"`);
  assert.equal(await json(document), { resource: tap.url.href, authorization_servers: [facade] });
  assert.equal(await discovered(made), {
    issuer: facade,
    authorization_endpoint: `${facade}/authorization_endpoint`,
    token_endpoint: `${facade}/token_endpoint`,
    registration_endpoint: `${facade}/registration_endpoint`,
    jwks_uri: real.metadata.jwks_uri,
  });
  assert.match(tap.notes.join(), `asked for tokens for ${made.server.origin}/mcp`);
  // Another name of this machine is another address of the tap.
  const other = document.replace('localhost', '127.0.0.1');
  assert.is((await json(other)).resource, tap.url.href.replace('localhost', '127.0.0.1'));
});

test('a metadata document that the server keeps elsewhere is served by the tap', async () => {
  const elsewhere = await stub({ '/prm.json': () => ({ body: { resource: `${server.origin}/mcp` } }) });
  const server: Stub = await stub({
    '/mcp': () => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer resource_metadata=${elsewhere.origin}/prm.json` },
    }),
  });
  const tap = await openTap(new URL(`${server.origin}/mcp`));
  OPEN.push(tap);
  const header = (await fetch(tap.url)).headers.get('www-authenticate') ?? '';
  const [, address = ''] = /resource_metadata="([^"]+)"/.exec(header) ?? [];
  assert.is(new URL(address).origin, tap.url.origin);
  assert.equal(await json(address), { resource: tap.url.href });
});

test('a resource of another origin stays, because clients refuse it without the tap, too', async () => {
  const body = { resource: 'https://other.example/mcp', authorization_servers: ['https://login.example'] };
  const server = await stub({ '/.well-known/oauth-protected-resource': () => ({ body }) });
  const tap = await openTap(new URL(`${server.origin}/mcp`));
  OPEN.push(tap);
  assert.equal(await json(`${tap.url.origin}/.well-known/oauth-protected-resource`), body);
  assert.match(tap.notes.join(), 'names the resource "https://other.example/mcp", which is not on');
});

test('an issuer that gives another name stays recognizable', async () => {
  const made = await scene({ issuer: 'https://mixed-up.example' });
  const facade = `${made.tap.url.origin}/.barewire-tap/${made.issuer.origin.replace('://', '/')}`;
  // The resource names the real one, and its document another.
  made.issuer.metadata = { ...made.issuer.metadata };
  const server = await stub({
    '/.well-known/oauth-protected-resource/mcp': () => ({
      body: { resource: `${server.origin}/mcp`, authorization_servers: [made.issuer.origin] },
    }),
  });
  const tap = await openTap(new URL(`${server.origin}/mcp`));
  OPEN.push(tap);
  const document = await discovered({
    ...made,
    tap,
    facade: facade.replace(made.tap.url.origin, tap.url.origin),
  });
  assert.is(document.issuer, 'https://mixed-up.example');
});

test('a token request names the server, and keeps everything else', async () => {
  const made = await scene();
  await discovered(made);
  const response = await fetch(`${made.facade}/token_endpoint`, {
    method: 'POST',
    body: new URLSearchParams([
      ['grant_type', 'authorization_code'],
      ['resource', made.tap.url.href],
      ['resource', 'https://else.example/'],
      ['redirect_uri', 'http://127.0.0.1:9/cb'],
      ['code_verifier', 'v~+&='],
    ]),
  });
  assert.equal([response.status, await response.json()], [200, { access_token: 'a', token_type: 'Bearer' }]);
  const asked = made.issuer.heard.at(-1);
  assert.equal([asked?.path, asked?.host], ['/token', new URL(made.issuer.origin).host]);
  assert.equal(
    [...new URLSearchParams(asked?.body)],
    [
      ['grant_type', 'authorization_code'],
      ['resource', `${made.server.origin}/mcp`],
      ['resource', 'https://else.example/'],
      // It does not name itself in its answers, so the browser goes straight back.
      ['redirect_uri', 'http://127.0.0.1:9/cb'],
      ['code_verifier', 'v~+&='],
    ],
  );
});

const SAYS_ISS = { authorization_response_iss_parameter_supported: true };

async function authorize({ facade }: Scene, params: { [name: string]: string }): Promise<URL> {
  const query = new URLSearchParams({ response_type: 'code', client_id: 'c1', ...params });
  const response = await fetch(`${facade}/authorization_endpoint?${query}`, { redirect: 'manual' });
  assert.is(response.status, 302);
  return new URL(response.headers.get('location') ?? '');
}

test('the browser comes back to the tap where the issuer names itself, and then to the client', async () => {
  const made = await scene(SAYS_ISS);
  await discovered(made);
  const sent = await authorize(made, {
    state: 'mine',
    redirect_uri: 'http://127.0.0.1:9/cb?x=1',
    resource: made.tap.url.href,
  });
  assert.is(sent.origin + sent.pathname, `${made.issuer.origin}/authorize`);
  assert.equal(
    [sent.searchParams.get('tenant'), sent.searchParams.get('resource')],
    ['1', `${made.server.origin}/mcp`],
  );
  const back = new URL(sent.searchParams.get('redirect_uri') ?? '');
  assert.is(back.href, `http://127.0.0.1:${made.tap.url.port}/cb?x=1`);
  const state = sent.searchParams.get('state') ?? '';
  assert.is.not(state, 'mine');

  const answer = new URL(back);
  for (const [name, value] of Object.entries({ code: 'c', state, iss: made.issuer.origin }))
    answer.searchParams.set(name, value);
  const onward = await fetch(answer, { redirect: 'manual' });
  const expected = new URLSearchParams({ x: '1', code: 'c', state: 'mine', iss: made.facade });
  const client = new URL(onward.headers.get('location') ?? '');
  assert.is(client.origin + client.pathname, 'http://127.0.0.1:9/cb');
  assert.equal(Object.fromEntries(client.searchParams), Object.fromEntries(expected));
  // Once only: afterwards the address is the server's.
  assert.is((await fetch(answer, { redirect: 'manual' })).status, 404);
});

test('the name of a third issuer is not covered up', async () => {
  const made = await scene(SAYS_ISS);
  await discovered(made);
  const sent = await authorize(made, { redirect_uri: 'http://localhost:9/cb' });
  const answer = new URL(sent.searchParams.get('redirect_uri') ?? '');
  answer.searchParams.set('state', sent.searchParams.get('state') ?? '');
  answer.searchParams.set('iss', 'https://attacker.example');
  const onward = await fetch(answer, { redirect: 'manual' });
  assert.is(onward.headers.get('location'), 'http://localhost:9/cb?iss=https%3A%2F%2Fattacker.example');
});

const REGISTRATION = { client_name: 'c', redirect_uris: ['cursor://callback'] };

async function register({ facade }: Scene): Promise<{ [name: string]: unknown }> {
  const response = await fetch(`${facade}/registration_endpoint`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(REGISTRATION),
  });
  assert.is(response.status, 201);
  return (await response.json()) as { [name: string]: unknown };
}

test('a client that registers gets an address on the tap besides its own, and does not see it', async () => {
  const made = await scene(SAYS_ISS);
  await discovered(made);
  assert.equal(await register(made), { ...REGISTRATION, client_id: 'c1' });
  const callback = `${made.tap.url.origin}/.barewire-tap/callback`;
  assert.equal(JSON.parse(made.issuer.heard.at(-1)?.body ?? '').redirect_uris, [
    'cursor://callback',
    callback,
  ]);
  const sent = await authorize(made, { redirect_uri: 'cursor://callback' });
  assert.is(sent.searchParams.get('redirect_uri'), callback);
});

test('a server that takes no such address gets the registration as it was, and the person a warning', async () => {
  const made = await scene({ ...SAYS_ISS, picky: true });
  await discovered(made);
  assert.equal(await register(made), { ...REGISTRATION, client_id: 'c1' });
  const sent = await authorize(made, { redirect_uri: 'cursor://callback', state: 's' });
  assert.equal(
    [sent.searchParams.get('redirect_uri'), sent.searchParams.get('state')],
    ['cursor://callback', 's'],
  );
  assert.match(
    made.tap.notes.join(),
    /names itself when it sends the browser back to cursor:\/\/callback.*--token-file/,
  );
});

test('a client that is authenticated by a signature fails, and the tap says why', async () => {
  const made = await scene();
  await discovered(made);
  made.issuer.metadata.token_endpoint = `${made.issuer.origin}/refuses`;
  await discovered(made);
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_assertion: 'a.b.c' });
  const response = await fetch(`${made.facade}/token_endpoint`, { method: 'POST', body });
  assert.is(response.status, 404);
  assert.match(
    made.tap.notes.join(),
    /refused a request with a client assertion, which names the tap.*--token-file/,
  );
});

test('a client that remembers its issuer from an earlier tap goes on', async () => {
  const made = await scene();
  const body = new URLSearchParams({ grant_type: 'refresh_token', resource: made.tap.url.href });
  const response = await fetch(`${made.facade}/token_endpoint`, { method: 'POST', body });
  assert.is(response.status, 200);
  assert.is(new URLSearchParams(made.issuer.heard.at(-1)?.body).get('resource'), `${made.server.origin}/mcp`);
});

test('the tap forwards to no issuer that the server does not name', async () => {
  const made = await scene();
  const stranger = await issuer();
  const path = stranger.origin.replace('://', '/');
  const response = await fetch(`${made.tap.url.origin}/.barewire-tap/${path}/token_endpoint`, {
    method: 'POST',
    body: '',
  });
  assert.is(response.status, 404);
  assert.equal(stranger.heard, []);
});

test('a server that is its own issuer is found where older clients look', async () => {
  const own = await issuer();
  const tap = await openTap(new URL(`${own.origin}/mcp`));
  OPEN.push(tap);
  const document = await json(`${tap.url.origin}/.well-known/oauth-authorization-server`);
  assert.is(document.issuer, tap.url.origin);
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const response = await fetch(String(document.token_endpoint), { method: 'POST', body });
  assert.is(response.status, 200);
  assert.is(own.heard.at(-1)?.path, '/token');
});

test.run();
