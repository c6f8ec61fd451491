import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, type EndpointOptions } from '../../src/index.js';
import { checkOwnMetadata, isCurrent } from '../../src/oauth/discovery.js';
import { closeAll, dial, headerOf, legacy, raw, requestText, stand, statusOf } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { Authority } from '../support/certificates.js';
import { cpuMs } from '../support/cpu.js';
import { freePort } from '../support/free-port.js';
import { needing } from '../support/programs.js';
import { closeGuarded, counted, guarded, ping, startIssuer } from './guarded.js';

const test = suite('endpoint/discovery');
test.after(closeGuarded);
test.after(closeAll);

const ROOT = '/.well-known/oauth-protected-resource';
const INSERTED = `${ROOT}/mcp`;
const ISSUER_METADATA = '/.well-known/oauth-authorization-server';
const PUBLIC = 'https://mcp.example.com/mcp';
const PAGE = 'http://localhost:5173';

const tools = [toolOf('a'), toolOf('b'), toolOf('c', { scope: 'bench:write', destructive: true })];

test('the same document stands at both places, for anyone who asks, and says where to get tokens', async () => {
  const { url, issuer, errors } = await guarded({ title: 'The bench', tools });
  for (const path of [INSERTED, ROOT, `${ROOT}?a=b`]) {
    const response = await fetch(new URL(path, url));
    assert.is(response.status, 200);
    assert.is(response.headers.get('content-type'), 'application/json');
    assert.is(response.headers.get('cache-control'), 'max-age=300');
    assert.is(response.headers.get('vary'), 'Origin');
    assert.equal(await response.json(), {
      resource: url,
      authorization_servers: [issuer.issuer],
      scopes_supported: ['bench:read', 'bench:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'The bench',
    });
  }
  assert.equal(errors, []);
});
test('a client that follows the challenge arrives at the document of the server it called', async () => {
  const { url } = await guarded();
  const challenge = (await fetch(url, { method: 'POST' })).headers.get('www-authenticate') ?? '';
  const named = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
  const { resource } = (await (await fetch(named)).json()) as { resource: string };
  assert.is(resource, url);
});
test('HEAD has the head of GET and no body', async () => {
  const { port } = await guarded();
  const sent = { headers: { connection: 'close' } };
  const whole = await raw(port, requestText({ method: 'GET', ...sent }, ROOT));
  const head = await raw(port, requestText({ method: 'HEAD', ...sent }, ROOT));
  assert.is(statusOf(head), 200);
  assert.is(headerOf(head, 'content-length'), headerOf(whole, 'content-length'));
  assert.ok(head.endsWith('\r\n\r\n'));
});
test('a page on loopback may read it, even one that names its revision; a foreign page may not', async () => {
  const { url } = await guarded();
  for (const path of [INSERTED, ROOT, ISSUER_METADATA]) {
    const target = new URL(path, url);
    const read = await fetch(target, { headers: { origin: PAGE }, redirect: 'manual' });
    assert.is(read.headers.get('access-control-allow-origin'), PAGE);
    const preflight = await fetch(target, {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    assert.is(preflight.status, 204);
    assert.is(preflight.headers.get('access-control-allow-origin'), PAGE);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /MCP-Protocol-Version/);
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /GET/);
    const foreign = await fetch(target, { headers: { origin: 'https://evil.test' } });
    assert.is(foreign.status, 403);
    assert.is(foreign.headers.get('access-control-allow-origin'), null);
  }
});
test('a client that looks for the authorization server here is told where it is', async () => {
  const { url, issuer } = await guarded();
  for (const [path, what] of [
    ['/register', 'clients register'],
    ['/authorize', 'people sign in'],
    ['/token', 'tokens are issued'],
  ] as const) {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(new URL(path, url), { method });
      const { error } = (await response.json()) as { error: { message: string } };
      assert.is(response.status, 404);
      assert.match(error.message, `${what} at the authorization server ${issuer.issuer}, which `);
      assert.match(error.message, INSERTED);
      assert.not.match(error.message, 'the MCP endpoint is');
    }
  }
  assert.match(await (await fetch(new URL('/registered', url))).text(), 'the MCP endpoint is /mcp');
  const { port } = await stand();
  const open = await fetch(`http://localhost:${port}/register`, { method: 'POST' });
  assert.equal([open.status, (await open.text()).includes('asks for no token')], [404, true]);
});
test('a client that looks here for one of several authorization servers is told all of them', async () => {
  const [one, other] = [await startIssuer(), await startIssuer()];
  const issuers = [one, other].map(({ issuer }) => ({ issuer, tenant: 'acme' }));
  const { url } = await guarded({}, { issuers }, one);
  const text = await (await fetch(new URL('/token', url))).text();
  assert.match(text, `at one of the authorization servers ${one.issuer}, ${other.issuer}, which `);
});
test('it is read-only', async () => {
  const { url } = await guarded();
  for (const path of [INSERTED, ROOT, ISSUER_METADATA]) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(new URL(path, url), { method, headers: { origin: PAGE } });
      const { status, headers } = response;
      assert.equal([status, headers.get('allow')], [405, 'GET, HEAD, OPTIONS']);
      assert.match(await response.text(), `${path} takes GET, HEAD, OPTIONS, received ${method}`);
      assert.is(headers.get('access-control-allow-origin'), PAGE);
    }
    const { status, headers } = await fetch(new URL(path, url), { method: 'OPTIONS' });
    assert.equal([status, headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
  }
});
test('a document with a tag is sent again only to those who have another version', async () => {
  const headers = { etag: 'W/"v2"' };
  const documents = new Map([['/about', { text: '{"a":1}', digest: 'v2', headers }]]);
  const { url } = await guarded({ documents });
  const get = async (path: string, tag: string) => {
    const response = await fetch(new URL(path, url), { headers: { 'if-none-match': tag } });
    return [response.status, response.headers.get('etag'), await response.text()];
  };
  assert.equal(await get('/about', '"v1", W/"v2"'), [304, 'W/"v2"', '']);
  assert.equal(await get('/about', 'W/"v1"'), [200, 'W/"v2"', '{"a":1}']);
  const [status, tag] = await get(ROOT, '*');
  assert.equal([status, tag], [200, null]);
});
test('If-None-Match is met by the tag, weak or strong, alone or in a list, and by a star', () => {
  for (const header of ['"v2"', '"a", W/"v2"', 'W/"a",W/"v2" , "b"', '*', ' * '])
    assert.ok(isCurrent(header, 'v2'), header);
  for (const header of [undefined, '', 'v2', '"a"', '"v2x"', '"v"', '"*"', '"'])
    assert.not.ok(isCurrent(header, 'v2'), header);
});
test('a hostile If-None-Match takes no time', () => {
  const ms = cpuMs(() => {
    assert.not.ok(isCurrent('"'.repeat(16_384), 'sha256:x'));
    assert.not.ok(isCurrent(`"${'a'.repeat(16_384)}`, 'sha256:x'));
  });
  assert.ok(ms < 200, `${ms} ms`);
});
test('a resource without a path has its document at the root only', async () => {
  const { port, token, issuer } = await guarded({ url: 'https://mcp.example.com/', path: '/' });
  const document = await raw(port, requestText({ method: 'GET', headers: { connection: 'close' } }, ROOT));
  assert.match(document, '"resource":"https://mcp.example.com",');
  const inserted = await raw(
    port,
    requestText({ method: 'GET', headers: { connection: 'close' } }, INSERTED),
  );
  assert.is(statusOf(inserted), 404);
  const without = await raw(port, requestText({ body: ping, headers: { connection: 'close' } }, '/'));
  assert.match(
    headerOf(without, 'www-authenticate') ?? '',
    `resource_metadata="https://mcp.example.com${ROOT}"`,
  );
  for (const aud of ['https://mcp.example.com', 'https://mcp.example.com/']) {
    const authorization = `Bearer ${token({ aud, iss: issuer.issuer })}`;
    const answer = await raw(
      port,
      requestText({ body: ping, headers: { authorization, connection: 'close' } }, '/'),
    );
    assert.is(statusOf(answer), 200, aud);
  }
});
test('a public URL may have a path and a name of its own, and its host is served', async () => {
  const { port, token } = await guarded({ url: 'https://mcp.example.com/teams/a/mcp' });
  const get = (host: string, path: string): Promise<string> =>
    raw(port, requestText({ method: 'GET', headers: { host, connection: 'close' } }, path));
  for (const host of ['mcp.example.com', 'MCP.example.com:443', `localhost:${port}`]) {
    for (const path of [`${ROOT}/teams/a/mcp`, ROOT]) {
      assert.match(await get(host, path), '"resource":"https://mcp.example.com/teams/a/mcp"');
    }
  }
  assert.is(statusOf(await get('mcp.example.com', INSERTED)), 404);
  assert.is(statusOf(await get('other.example.com', ROOT)), 403);
  const headers = { host: 'mcp.example.com', authorization: `Bearer ${token()}`, connection: 'close' };
  assert.is(statusOf(await raw(port, requestText({ body: ping, headers }))), 200);
  const challenge = headerOf(
    await raw(port, requestText({ headers: { connection: 'close' } })),
    'www-authenticate',
  );
  assert.match(challenge ?? '', `resource_metadata="https://mcp.example.com${ROOT}/teams/a/mcp"`);
});
test('clients that look for the authorization server here are redirected to it', async () => {
  const issuer = await startIssuer();
  for (const [path, expected] of [
    ['', ISSUER_METADATA],
    ['/', ISSUER_METADATA],
    ['/tenants/a', `${ISSUER_METADATA}/tenants/a`],
  ] as const) {
    const { url } = await guarded({}, { issuers: [{ issuer: issuer.origin + path }] }, issuer);
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(new URL(ISSUER_METADATA, url), { method, redirect: 'manual' });
      assert.equal([response.status, response.headers.get('location')], [307, `${issuer.origin}${expected}`]);
    }
  }
});
test('a server that checks no tokens has nothing to discover', async () => {
  const open = createEndpoint({ name: 'open', version: '1', tools });
  const url = await open.listen(0);
  for (const path of [INSERTED, ROOT, ISSUER_METADATA]) {
    assert.is((await fetch(new URL(path, url), { redirect: 'manual' })).status, 404);
  }
  assert.is(open.resource, undefined);
  await open.close();
});

test('the server compares its own documents with its name when it starts', async () => {
  const one = await guarded();
  const other = await guarded();
  const about = (resource: string, path = ROOT) => ({ resource, documents: new Map([[path, '']]) });
  const problem = (address: string, served: ReturnType<typeof about>): Promise<string> =>
    checkOwnMetadata(address, served).then(
      () => '',
      ({ message }: Error) => message,
    );
  const at = (path: string): string => new URL(path, one.url).href;
  assert.is(await problem(one.url, about(one.url)), '');
  assert.is(
    await problem(one.url, about(other.url)),
    `${at(ROOT)} should describe ${other.url}, received the metadata of ${one.url}`,
  );
  const missing = '/.well-known/oauth-protected-resource/else';
  assert.is(
    await problem(one.url, about(one.url, missing)),
    `${at(missing)} should describe ${one.url}, received HTTP 404`,
  );
  assert.is(
    await problem(one.url, about(one.url, '/healthz')),
    `${at('/healthz')} should describe ${one.url}, received something else`,
  );
});
test('a document that comes with an error status does not count as served', async () => {
  const server = createServer((_, response) => {
    response.writeHead(500).end(JSON.stringify({ resource: PUBLIC }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const served = { resource: PUBLIC, documents: new Map([[ROOT, '']]) };
  const { message } = await checkOwnMetadata(`http://127.0.0.1:${port}/mcp`, served).then(
    () => new Error('it counted'),
    (error: Error) => error,
  );
  assert.match(message, /received HTTP 500$/);
  server.close();
});
test('a server on all addresses of its machine asks itself at localhost', async () => {
  const issuer = await startIssuer();
  const endpoint = createEndpoint({ ...optionsFor(issuer.issuer), url: PUBLIC });
  assert.match(await endpoint.listen(0, '0.0.0.0'), /^http:\/\/0\.0\.0\.0:\d+\/mcp$/);
  await endpoint.close();
});
needing(
  test,
  'endpoint/discovery over TLS',
  'openssl',
)('over TLS a server checks its documents whatever name its certificate has', async () => {
  const certificate = { pair: new Authority().issue(['other.example.com']), onReplaced: () => () => {} };
  const { url } = await guarded({ url: PUBLIC, certificate });
  assert.match(url, /^https:/);
});
test('an address without a name of its own is checked by the public name', async () => {
  const issuer = await startIssuer();
  const endpoint = createEndpoint({ ...optionsFor(issuer.issuer), url: PUBLIC });
  const address = await endpoint.listen(0, '127.0.0.2');
  assert.match(address, /^http:\/\/127\.0\.0\.2:\d+\/mcp$/);
  assert.is(endpoint.resource, PUBLIC);
  await endpoint.close();
});
test('a failed start holds no port, and another may follow', async () => {
  const issuer = await startIssuer();
  const endpoint = createEndpoint(optionsFor(issuer.issuer));
  const free = await freePort();
  const failure = (port: number, host?: string): Promise<string> =>
    endpoint.listen(port, host).then(String, ({ message }: Error) => message);
  assert.is(
    await failure(free, '0.0.0.0'),
    `http://0.0.0.0:${free}/mcp cannot be this server's public URL: expected https, or http on a loopback address: tokens must not travel in the clear`,
  );
  assert.is(await connected(free), 'ECONNREFUSED');
  const taken = await guarded();
  assert.match(await failure(taken.port), /EADDRINUSE/);
  const address = await endpoint.listen(0);
  assert.is(endpoint.resource, address);
  await endpoint.close();
});
test('a server that is to check tokens and does not know its URL yet serves nobody', async () => {
  const issuer = await startIssuer();
  const { tool, runs } = counted('t');
  for (const [url, code] of [
    [undefined, 503],
    [PUBLIC, 401],
  ] as const) {
    const endpoint = createEndpoint({
      ...optionsFor(issuer.issuer),
      tools: [tool],
      ...(url === undefined ? {} : { url }),
    });
    const server = createServer(endpoint.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const authorization = `Bearer ${issuer.sign({ iss: issuer.issuer, aud: `http://localhost:${port}/mcp` })}`;
    const wire = dial(port).send(
      requestText({
        body: legacy('tools/call', { name: 't' }),
        headers: { authorization, connection: 'close' },
      }),
    );
    assert.match(await wire.toEnd(), `"error":{"code":${code},`);
    assert.is(
      statusOf(await raw(port, requestText({ method: 'GET', headers: { connection: 'close' } }, '/healthz'))),
      200,
    );
    const document = await raw(port, requestText({ method: 'GET', headers: { connection: 'close' } }, ROOT));
    assert.is(statusOf(document), url === undefined ? 404 : 200);
    server.close();
    server.closeAllConnections();
    await endpoint.close();
  }
  assert.is(runs(), 0);
});

const optionsFor = (issuer: string): EndpointOptions => ({
  name: 'bench',
  version: '1',
  tools,
  auth: { issuers: [{ issuer }] },
});

function connected(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.once('close', () => socket.destroy());
  });
}

test.run();
