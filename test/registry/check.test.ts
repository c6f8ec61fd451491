/** Checks of real servers on loopback: honest ones, those that drift from their manifest, and hostile ones. */
import type { LookupAddress } from 'node:dns';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createGuardedFetch, type Lookup } from '../../src/services/outbound/guarded-fetch.js';
import { networks, type Reach } from '../../src/services/outbound/reach.js';
import { type CheckResult, createCheck } from '../../src/services/registry/check/check.js';
import { createTokens, NoToken } from '../../src/services/registry/check/token.js';
import { TestIssuer } from '../support/issuer.js';
import { bodyOf, definition, listed, MANIFEST, manifestOf, Published } from './made.js';

const test = suite('registry/check');

let server: Published;
test.before.each(async () => {
  server = await Published.open();
});
test.after.each(() => server.close());

type Given = { deadlineMs?: number; reach?: Reach; lookup?: Lookup };
function checkOf({ deadlineMs = 3_000, reach = { loopback: true }, lookup }: Given = {}) {
  return createCheck({ ask: createGuardedFetch(reach, lookup), tokens: undefined, version: '0', deadlineMs });
}
const look = (given: Given = {}, address = server.address): Promise<CheckResult> =>
  checkOf(given)({ address, manifest: undefined, off: new Set() });
const codes = ({ findings }: CheckResult): string[] => findings.map(({ code }) => code);
const words = ({ findings }: CheckResult): string => findings.map(({ message }) => message).join('\n');

test('a server that matches its manifest has no finding except that it is open', async () => {
  server.mcp(listed(server.manifest(['a.read', 'a.find'])));
  const checked = await look();
  assert.equal(
    [checked.reached, checked.manifest?.name, codes(checked)],
    [true, 'example-mcp', ['open-server']],
  );
});

test('an unchanged manifest is not sent again, and the server is checked all the same', async () => {
  const manifest = server.manifest(['a.read']);
  server.mcp([]);
  const checked = await checkOf()({ address: server.address, manifest, off: new Set() });
  assert.equal(
    [checked.reached, checked.manifest, codes(checked)],
    [true, undefined, ['open-server', 'tool-missing']],
  );
});

test('a stranger that claims to be unchanged cannot make an entry speak for another server', async () => {
  const other = await Published.open();
  try {
    other.mcp([]);
    const manifest = other.manifest(['a.read']);
    for (const path of [MANIFEST, `${MANIFEST}/mcp`])
      server.paths.set(path, (_request, response) => void response.writeHead(304).end());
    for (const address of [server.address, `${server.address}/mcp`]) {
      const checked = await checkOf()({ address, manifest, off: new Set() });
      assert.equal([checked.reached, codes(checked)], [false, ['manifest-unreachable']], address);
    }
    assert.equal(other.asked, []);
  } finally {
    await other.close();
  }
});

test('a legacy server is spoken to in its own era', async () => {
  const tools = listed(server.manifest(['a.read']));
  const seen: string[] = [];
  server.paths.set('/mcp', (request, response) => {
    void bodyOf(request).then((text) => {
      const { id, method } = JSON.parse(text);
      seen.push(
        `${method} ${request.headers['mcp-session-id'] ?? '-'} ${request.headers['mcp-protocol-version'] ?? '-'}`,
      );
      if (method === 'server/discover')
        return response
          .writeHead(400)
          .end('{"jsonrpc":"2.0","error":{"code":-32600,"message":"no session"}}');
      if (id === undefined) return response.writeHead(202).end();
      const result =
        method === 'initialize' ? { protocolVersion: '2025-06-18', capabilities: {} } : { tools };
      const data = JSON.stringify({ jsonrpc: '2.0', id, result });
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 's1' })
        .end(`event: message\ndata: ${data}\n\n`);
    });
  });
  assert.equal(codes(await look()), ['open-server']);
  assert.equal(seen, [
    'server/discover - 2026-07-28',
    'initialize - -',
    'notifications/initialized s1 2025-06-18',
    'tools/list s1 2025-06-18',
  ]);
});

test('every page of tools is read, and a list without end is given up', async () => {
  const manifest = server.manifest(['a.read', 'a.find']);
  const [first, second] = listed(manifest);
  const pages = (next: (cursor: string | undefined) => object) =>
    server.paths.set('/mcp', (request, response) => {
      void bodyOf(request).then((text) => {
        const { id, method, params } = JSON.parse(text);
        const result =
          method === 'server/discover' ? { supportedVersions: manifest.revisions } : next(params.cursor);
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
  pages((cursor) => (cursor === undefined ? { tools: [first], nextCursor: '2' } : { tools: [second] }));
  assert.equal(codes(await look()), ['open-server']);
  pages(() => ({ tools: [], nextCursor: 'again' }));
  assert.match(words(await look()), 'tools/list does not end');
});

const drifts: [what: string, tools: (all: object[]) => object[], code: string][] = [
  ['a tool that is not there', ([first]) => [first ?? {}], 'tool-missing'],
  [
    'a tool that no manifest lists',
    (all) => [...all, { name: 'a.secret', description: 'x', inputSchema: { type: 'object' } }],
    'tool-undeclared',
  ],
  [
    'another description',
    ([first, second]) => [{ ...first, description: 'Something else' }, second ?? {}],
    'tool-drift',
  ],
  [
    'another schema',
    ([first, second]) => [{ ...first, inputSchema: { type: 'object', properties: {} } }, second ?? {}],
    'tool-drift',
  ],
  [
    'another scope',
    ([first, second]) => [{ ...first, _meta: { 'barewire/access': { scopes: ['other'] } } }, second ?? {}],
    'tool-drift',
  ],
  [
    'a hint that it destroys',
    ([first, second]) => [{ ...first, annotations: { destructiveHint: true } }, second ?? {}],
    'tool-drift',
  ],
];
for (const [what, change, code] of drifts) {
  test(`drift: ${what}`, async () => {
    server.mcp(change(listed(server.manifest(['a.read', 'a.find']))));
    const checked = await look();
    assert.equal(codes(checked), ['open-server', code]);
    assert.ok(checked.findings.every(({ mend }) => mend !== ''));
  });
}

test('a tool that is switched off is not missing', async () => {
  const manifest = server.manifest(['a.read', 'a.find']);
  server.mcp(listed(manifest).slice(1));
  const checked = await checkOf()({ address: server.address, manifest, off: new Set(['a.read']) });
  assert.equal(codes(checked), ['open-server']);
});

test('a revision that is declared and not supported is a finding', async () => {
  const tools = listed(server.manifest(['a.read']));
  server.mcp(tools, ['2026-07-28', '2025-11-25']);
  assert.match(words(await look()), 'does not support 2025-06-18');
});

test('an endpoint that does not answer with MCP has an unreachable transport', async () => {
  server.manifest(['a.read']);
  server.paths.set(
    '/mcp',
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello'),
  );
  const checked = await look();
  assert.equal(codes(checked), ['open-server', 'transport-unreachable']);
  assert.match(words(checked), 'neither server/discover nor initialize is answered');
});

test('metadata of another resource, or of other issuers, are wrong', async () => {
  server.mcp([]);
  const path = '/.well-known/oauth-protected-resource';
  const given = { issuers: ['https://as.example'] };
  server.manifest([], given);
  assert.match(words(await look()), 'answered with status 404');
  server.json(path, {
    resource: 'https://other.example/mcp',
    authorization_servers: ['https://evil.example'],
  });
  const checked = await look();
  assert.equal(codes(checked), ['metadata-wrong', 'metadata-wrong', 'no-token']);
  assert.match(
    words(checked),
    `expected the resource ${server.origin}/mcp, received "https://other.example/mcp"`,
  );
  assert.match(words(checked), 'expected authorization_servers with https://as.example');
  server.json(path, { resource: `${server.origin}/mcp`, authorization_servers: ['https://as.example'] });
  assert.equal(codes(await look()), ['no-token']);
});

test('a tool without scope is named', async () => {
  const manifest = manifestOf(['a.read', 'a.find'], { url: `${server.origin}/mcp` });
  const [first, { scope: _, ...second } = definition('x')] = manifest.tools;
  server.json(MANIFEST, { ...manifest, tools: [first, second] });
  const [found] = (await look()).findings;
  assert.equal([found?.code, found?.severity, found?.tool], ['tool-without-scope', 'error', 'a.find']);
});

test('a manifest that speaks for another origin is not believed, and that origin is not contacted', async () => {
  const other = await Published.open();
  other.mcp([]);
  server.manifest([], { url: `${other.origin}/mcp` });
  const checked = await look();
  assert.equal([checked.reached, codes(checked), other.asked], [false, ['url-elsewhere'], []]);
  await other.close();
});

test('two tools of one name are refused by name', async () => {
  const manifest = manifestOf(['a.read', 'a.find'], { url: `${server.origin}/mcp` });
  server.json(MANIFEST, { ...manifest, tools: [manifest.tools[0], manifest.tools[0]] });
  const checked = await look();
  assert.is(checked.reached, false);
  assert.match(
    words(checked),
    '/tools/1/name: expected a name that no other tool has, received string "a.read"',
  );
});

test('a script in a description is text like any other', async () => {
  const description = '<script>alert(1)</script> lists issues';
  server.mcp(listed(server.manifest([definition('a.read', { description })])));
  const checked = await look();
  assert.is(checked.manifest?.tools[0]?.description, description);
});

const hostile: [what: string, publish: () => void, code: string, message: RegExp][] = [
  [
    '10 MB',
    () => server.paths.set(MANIFEST, (_request, response) => void response.end(' '.repeat(10 * 1024 * 1024))),
    'manifest-too-large',
    /more than 1048576 bytes/,
  ],
  [
    'a body without end',
    () =>
      server.paths.set(MANIFEST, (_request, response) => {
        const more = setInterval(() => response.write('x'.repeat(64 * 1024)), 1);
        response.on('close', () => clearInterval(more));
      }),
    'manifest-too-large',
    /more than 1048576 bytes/,
  ],
  [
    'a body that comes byte by byte',
    () =>
      server.paths.set(MANIFEST, (_request, response) => {
        const more = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(more));
      }),
    'manifest-unreachable',
    /no whole answer in time/,
  ],
  [
    'nothing at all',
    () => server.paths.set(MANIFEST, () => {}),
    'manifest-unreachable',
    /no whole answer in time/,
  ],
  [
    'JSON of 20,000 levels',
    () =>
      server.paths.set(
        MANIFEST,
        (_request, response) => void response.end(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
      ),
    'manifest-not-json',
    /nested deeper than 64 levels/,
  ],
  [
    'JSON of 100,000 objects',
    () =>
      server.paths.set(MANIFEST, (_request, response) => void response.end(`[${'{},'.repeat(99_999)}{}]`)),
    'manifest-too-large',
    /more than 20000 members and items/,
  ],
  [
    'a name that stands twice',
    () => server.paths.set(MANIFEST, (_request, response) => void response.end('{"tools":[],"tools":[{}]}')),
    'manifest-not-json',
    /\/tools: the name stands twice in one object/,
  ],
  [
    'a number that a double cannot keep',
    () => server.paths.set(MANIFEST, (_request, response) => void response.end('{"slo":{"p99Ms":1e400}}')),
    'manifest-not-json',
    /\/slo\/p99Ms: the number 1e400 cannot be kept/,
  ],
  [
    'HTML',
    () =>
      server.paths.set(
        MANIFEST,
        (_request, response) =>
          void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
      ),
    'manifest-not-json',
    /is not JSON.*Content-Type "text\/html"/,
  ],
  [
    'bytes that are no text',
    () =>
      server.paths.set(MANIFEST, (_request, response) => void response.end(Buffer.from([0xff, 0xfe, 0x00]))),
    'manifest-not-json',
    /not UTF-8/,
  ],
  [
    '__proto__',
    () => server.paths.set(MANIFEST, (_request, response) => void response.end('{"__proto__":{}}')),
    'manifest-not-json',
    /__proto__/,
  ],
  ['a number', () => server.json(MANIFEST, 5), 'manifest-invalid', /expected/],
  [
    'a status of 500',
    () => server.paths.set(MANIFEST, (_request, response) => void response.writeHead(500).end()),
    'manifest-unreachable',
    /status 500/,
  ],
  [
    'a redirect to a link-local address',
    () => redirect('http://169.254.169.254/latest/meta-data/'),
    'url-elsewhere',
    /which is another origin/,
  ],
  [
    'a redirect to a private address',
    () => redirect('https://10.0.0.1/'),
    'url-elsewhere',
    /which is another origin/,
  ],
  ['a redirect to a file', () => redirect('file:///etc/passwd'), 'url-elsewhere', /which is another origin/],
  ['a redirect to itself', () => redirect(MANIFEST), 'manifest-unreachable', /leads on and on/],
  ['a redirect to nowhere', () => redirect('http://['), 'manifest-unreachable', /which is no URL/],
];
function redirect(location: string): void {
  server.paths.set(MANIFEST, (_request, response) => void response.writeHead(302, { location }).end());
}
for (const [what, publish, code, message] of hostile) {
  test(`hostile: ${what}`, async () => {
    publish();
    const checked = await look({ deadlineMs: 700 });
    assert.equal([checked.reached, codes(checked)], [false, [code]]);
    assert.match(words(checked), message);
  });
}

test('a closed port is reported in stable words', async () => {
  const { address } = server;
  await server.close();
  const [first, second] = [await look({}, address), await look({}, address)];
  assert.match(words(first), 'ECONNREFUSED');
  assert.equal(first.findings, second.findings);
  server = await Published.open();
});

const resolving =
  (...addresses: string[]): Lookup =>
  (_hostname, _options, done) => {
    done(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

test('a public name is contacted over https only, and not if it leads to a private network', async () => {
  const address = `https://rebind.example${MANIFEST}`;
  for (const inside of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fd00::1', '::ffff:127.0.0.1']) {
    const checked = await look({ lookup: resolving(inside) }, address);
    assert.equal([inside, codes(checked)], [inside, ['manifest-out-of-reach']]);
  }
  assert.match(words(await look({}, `http://plain.example${MANIFEST}`)), 'only https is');
});

test('a network that its owner allows is contacted, even over http, and no other', async () => {
  server.mcp(listed(server.manifest([], { url: `http://mcp.internal:${new URL(server.origin).port}/mcp` })));
  const reach: Reach = { loopback: false, networks: networks(['127.0.0.1/32']) };
  const address = `http://mcp.internal:${new URL(server.origin).port}${MANIFEST}`;
  assert.equal(codes(await look({ reach, lookup: resolving('127.0.0.1') }, address)), ['open-server']);
  assert.match(
    words(await look({ reach, lookup: resolving('127.0.0.2') }, address)),
    '127.0.0.2 is not asked: it is inside',
  );
  assert.match(
    words(await look({ reach, lookup: resolving('93.184.215.14') }, address)),
    'is not asked over plain http',
  );
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'x/8', '::/129', '1.2.3.4/8/9']) {
    assert.throws(() => networks([text]), /expected a network such as 10\.2\.0\.0\/16/);
  }
});

test("the registry's secret goes to its own issuer only, and its token to the server that it is for", async () => {
  const issuer = await TestIssuer.start();
  const metadata = {
    ...issuer.metadata,
    token_endpoint: `${issuer.origin}/token`,
    authorization_endpoint: `${issuer.origin}/a`,
  };
  issuer.routes.set('/.well-known/oauth-authorization-server', () => ({ body: metadata }));
  issuer.routes.set('/token', ({ body }) => {
    const form = new URLSearchParams(body);
    assert.is(form.get('scope'), null, 'a check needs no scope, so none is asked for');
    const token = issuer.sign({ iss: issuer.issuer, aud: form.get('resource'), sub: 'registry' });
    return { body: { access_token: token, token_type: 'Bearer', expires_in: 300 } };
  });
  const tokens = createTokens({
    issuer: issuer.origin,
    client: { id: 'registry', secret: 's' },
    clock: () => new Date(),
  });
  const given = await tokens.for('https://a.example/mcp', [issuer.origin]);
  const claims = JSON.parse(Buffer.from(given.split('.')[1] ?? '', 'base64url').toString());
  assert.is(claims.aud, 'https://a.example/mcp');
  await tokens.for('https://a.example/mcp', [issuer.origin]);
  assert.is(issuer.asked.filter(({ path }) => path === '/token').length, 1);
  const refused = await tokens
    .for('https://a.example/mcp', ['https://evil.example'])
    .catch((error: unknown) => error);
  assert.instance(refused, NoToken);
  issuer.routes.set('/token', () => ({ status: 400, body: { error: 'invalid_target' } }));
  const none = await tokens
    .for('https://b.example/mcp', [issuer.origin])
    .catch((error: unknown) => String(error));
  assert.match(none, 'gives no token for https://b.example/mcp: invalid_target');
  const challenge = { 'www-authenticate': 'Basic realm="token"' };
  issuer.routes.set('/token', () => ({
    status: 401,
    headers: challenge,
    body: { error: 'invalid_client' },
  }));
  for (let turn = 0; turn < 2; turn += 1) {
    const wrong = await tokens.for('https://c.example/mcp', [issuer.origin]).catch(String);
    assert.match(wrong, "gives no token for https://c.example/mcp: it does not accept the registry's client");
  }
  assert.is(
    issuer.asked.filter(({ path }) => path === '/token').length,
    3,
    'it is not asked again right away',
  );
  await issuer.goAway();
});

test.run();
