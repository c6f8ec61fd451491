/** The manifests of servers, over real HTTP; and tools that may not be registered. */
import { request } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, SchemaRefused, type Tool } from '../../src/index.js';
import type { Manifest } from '../../src/services/registry/manifest/manifest.js';
import { readManifest } from '../../src/services/registry/manifest/read.js';
import { SUPPORTED } from '../../src/wire/revisions.js';
import { compileSchema } from '../../src/wire/schema/compile.js';
import { closeAll, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { closeGuarded, guarded } from './guarded.js';

const test = suite('endpoint/manifest');

const PATH = '/.well-known/mcp-capabilities';
const OWNER = { owner: 'Platform Data, #platform-data', slo: { availabilityPercent: 99.9, p99Ms: 250 } };

let governed: Governed;
test.before(async () => {
  governed = await startGoverned({ owner: OWNER.owner, slo: OWNER.slo });
});
test.after(async () => {
  await governed.close();
  await closeGuarded();
  await closeAll();
});

async function read(of: 'readonly' | 'destructive'): Promise<Manifest> {
  const response = await fetch(new URL(PATH, governed[of].url));
  assert.is(response.status, 200);
  const manifest = readManifest(await response.json());
  if (manifest.kind === 'refused') throw new Error(JSON.stringify(manifest.problems));
  return manifest.manifest;
}

test('a manifest says who the server is, how to talk to it, who may do so, and who answers for it', async () => {
  const { tools, digest, ...manifest } = await read('readonly');
  const url = governed.readonly.url.href;
  assert.equal(manifest, {
    name: 'internal-readonly-mcp',
    title: 'Internal tools, read only',
    version: '0.1.0',
    transport: 'StreamableHTTP',
    url,
    revisions: [...SUPPORTED],
    auth: {
      issuers: [governed.addresses.authserver],
      resourceMetadata: new URL('/.well-known/oauth-protected-resource/mcp', url).href,
    },
    ...OWNER,
  });
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
  assert.ok(tools.every(({ destructive }) => !destructive));
});

test('the same manifest stands below the well-known path at the path of the endpoint, and of no other', async () => {
  const below = await fetch(new URL(`${PATH}/mcp`, governed.destructive.url));
  const bare = await fetch(new URL(PATH, governed.destructive.url));
  assert.equal([below.status, await below.text()], [200, await bare.text()]);
  assert.is(below.headers.get('etag'), bare.headers.get('etag'));
  assert.is((await fetch(new URL(`${PATH}/other/mcp`, governed.destructive.url))).status, 404);
});

test('the two servers have different manifests, whose tools are those that a client sees', async () => {
  const both = { readonly: await read('readonly'), destructive: await read('destructive') };
  assert.is.not(both.readonly.digest, both.destructive.digest);
  for (const name of ['readonly', 'destructive'] as const) {
    const { url, token } = governed[name];
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'mcp-protocol-version': '2025-11-25',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    });
    const { result } = (await response.json()) as { result: { tools: { [member: string]: unknown }[] } };
    assert.equal(
      both[name].tools.map(({ name: of, description, schema, outputSchema }) => [
        of,
        description,
        schema,
        outputSchema,
      ]),
      result.tools.map((tool) => [tool.name, tool.description, tool.inputSchema, tool.outputSchema]),
    );
  }
});

test('its schema is served beside it, describes it, and holds for both', async () => {
  const response = await fetch(new URL(`${PATH}/schema`, governed.readonly.url));
  assert.is(response.headers.get('content-type'), 'application/schema+json');
  const check = compileSchema(
    'the published schema',
    (await response.json()) as { [member: string]: unknown },
  );
  for (const name of ['readonly', 'destructive'] as const) assert.is(check(await read(name)), undefined);
  assert.is.not(check({ ...(await read('readonly')), owner: undefined }), undefined);
});

test('a client that has it already gets no body, and HEAD says how long the body is', async () => {
  const address = new URL(PATH, governed.readonly.url);
  const first = await fetch(address);
  const text = await first.text();
  const etag = first.headers.get('etag') ?? '';
  assert.is(first.headers.get('cache-control'), 'max-age=60');
  assert.match(etag, (JSON.parse(text) as Manifest).digest);
  for (const known of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
    const again = await fetch(address, { headers: { 'if-none-match': known } });
    assert.equal([again.status, await again.text(), again.headers.get('etag')], [304, '', etag], known);
  }
  assert.is((await fetch(address, { headers: { 'if-none-match': '"other"' } })).status, 200);
  const head = await fetch(address, { method: 'HEAD' });
  assert.equal([head.status, head.headers.get('content-length')], [200, String(Buffer.byteLength(text))]);
});

test('no other method is accepted there, a page of this machine may read it, and a foreign name is refused', async () => {
  const address = new URL(PATH, governed.readonly.url);
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const refused = await fetch(address, { method });
    assert.equal([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD, OPTIONS']);
  }
  assert.is((await fetch(address, { method: 'OPTIONS' })).status, 204);
  const origin = 'http://localhost:8080';
  const page = await fetch(address, { headers: { origin } });
  assert.is(page.headers.get('access-control-allow-origin'), origin);
  assert.is((await fetch(address, { headers: { origin: 'https://evil.example' } })).status, 403);
  const status = await new Promise((resolve) => {
    request(address, { headers: { host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode)).end();
  });
  assert.is(status, 403);
});

test('its URL is the public one, whatever the request says', async () => {
  const url = 'https://mcp.example.com/tools/mcp';
  const door = await guarded({ url, manifest: OWNER });
  const manifest = (await (await fetch(new URL(PATH, door.url))).json()) as Manifest;
  assert.is(manifest.url, url);
  assert.is(
    manifest.auth?.resourceMetadata,
    'https://mcp.example.com/.well-known/oauth-protected-resource/tools/mcp',
  );
});

test('a server that is open says nothing of authorization, and one without an owner has no manifest', async () => {
  const open = await stand({ manifest: OWNER });
  const manifest = (await (await fetch(new URL(PATH, open.url))).json()) as Manifest;
  assert.equal([manifest.auth, manifest.url], [undefined, open.url]);
  const silent = await stand();
  assert.is((await fetch(new URL(PATH, silent.url))).status, 404);
});

test('tools that replace others are in the manifest, in the metadata and in the challenge', async () => {
  const door = await guarded({ manifest: OWNER, readOnly: true });
  const seen = async () => {
    const { tools, digest } = (await (await fetch(new URL(PATH, door.url))).json()) as Manifest;
    const metadata = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', door.url));
    const { scopes_supported } = (await metadata.json()) as { scopes_supported: string[] };
    const challenge = (await door.post('', {})).headers.get('www-authenticate') ?? '';
    const names = tools.map(({ name }) => name);
    return { names, digest, scopes_supported, scope: /scope="([^"]*)"/.exec(challenge)?.[1] };
  };
  const before = await seen();
  assert.is(before.scope, 'bench:read');
  door.replaceTools([toolOf('other', { scope: 'bench:other' })]);
  const { digest, ...after } = await seen();
  assert.equal(after, { names: ['other'], scopes_supported: ['bench:other'], scope: 'bench:other' });
  assert.is.not(digest, before.digest);
  for (const wrong of [[toolOf('a', { destructive: true })], [toolOf('a'), toolOf('a')]])
    assert.throws(
      () => door.replaceTools(wrong),
      (error: unknown) => error instanceof SchemaRefused,
    );
  assert.is((await seen()).digest, digest, 'a refusal changes nothing');
});

test('an empty owner is refused at the start', async () => {
  const manifest = { ...OWNER, owner: ' ' };
  const refused = await stand({ manifest }).catch((error: Error) => error.message);
  assert.match(String(refused), /the manifest of bench: \/owner/);
});

for (const [what, wrong, said] of [
  ['without a description', { description: undefined }, /tool "t": .*\/description/],
  ['whose description shows nothing', { description: ' \u200b ' }, /tool "t": .*\/description/],
  ['without a scope', { scope: undefined }, /tool "t": .*\/scope/],
  ['whose scope is two', { scope: 'a b' }, /tool "t": .*\/scope/],
  ['that does not say whether it destroys', { destructive: undefined }, /tool "t": .*\/destructive/],
] as const) {
  test(`a tool ${what} cannot be registered`, () => {
    // As it may come from a user's module, which no compiler has checked.
    const tool = { ...toolOf('t'), ...wrong } as Tool;
    assert.throws(
      () => createEndpoint({ name: 'bench', version: '1', tools: [tool] }),
      (error: unknown) => error instanceof SchemaRefused && said.test(error.message),
    );
  });
}

test('no tool that changes something can be registered on a read-only server', () => {
  const tools = [toolOf('t', { destructive: true })];
  assert.throws(
    () => createEndpoint({ name: 'bench', version: '1', tools, readOnly: true }),
    /tool "t": .*\/destructive.*this server is for reading/,
  );
  createEndpoint({ name: 'bench', version: '1', tools });
});

test.run();
