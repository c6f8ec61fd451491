/**
 * Which server an entry identifies, and which one a switch applies to: strangers that come first, redirect to another's manifest
 * or take its name, and two servers on one origin. Over a file and a real PostgreSQL server.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bothStores } from './both-stores.js';
import { listed, MANIFEST, manifestOf, Published } from './made.js';
import { RunningRegistry } from './running.js';

const test = suite('registry/endpoints');

const stores = await bothStores('registry/endpoints');
test.after(async () => {
  for (const { remove } of stores) await remove();
});

const pathOf = (name: string): string => `/api/servers/${encodeURIComponent(name)}`;
const REASON = 'It must stop';

type Body = { [name: string]: unknown };
type Finding = { code: string; message: string };
const codesOf = (body: Body): string[] => (body.allFindings as Finding[]).map(({ code }) => code);

class Case {
  private constructor(
    readonly registry: RunningRegistry,
    readonly servers: Published[],
  ) {}

  static async open(kind: (typeof stores)[number], servers: number): Promise<Case> {
    const registry = await RunningRegistry.open({ store: await kind.open() });
    return new Case(registry, await Promise.all(Array.from({ length: servers }, () => Published.open())));
  }

  /** Adds and checks it; returns its entry. */
  async add(url: string): Promise<Body> {
    const { body } = await this.registry.ask('POST', '/api/servers', { url });
    return this.check(String(body.address));
  }
  async check(name: string): Promise<Body> {
    return (await this.registry.ask('POST', `${pathOf(name)}/validate`)).body;
  }
  async off(name: string, tool?: string) {
    const path = tool === undefined ? pathOf(name) : `${pathOf(name)}/tools/${tool}`;
    return this.registry.ask('PUT', `${path}/switch`, { enabled: false, reason: REASON });
  }
  async switches(url: string) {
    return this.registry.ask('GET', `/api/switches?url=${encodeURIComponent(url)}`);
  }

  async close(): Promise<void> {
    const { body } = await this.registry.ask('GET', '/api/servers?limit=200');
    for (const { address } of body.servers as { address: string }[])
      await this.registry.ask('DELETE', pathOf(address));
    await this.registry.close();
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

/** One server on an origin that has several: its own manifest below the well-known path, and its endpoint. */
function place(origin: Published, path: string, name: string, tools: readonly string[]): string {
  const url = `${origin.origin}${path}`;
  const manifest = manifestOf(tools, { name, url });
  origin.json(`${MANIFEST}${path}`, manifest);
  origin.mcp(listed(manifest));
  const handler = origin.paths.get('/mcp');
  assert.ok(handler);
  origin.paths.set(path, handler);
  return url;
}

for (const kind of stores) {
  test(`${kind.what}: two servers on one origin are two entries, each followed with its own switches`, async () => {
    const one = await Case.open(kind, 1);
    try {
      const [origin] = one.servers;
      assert.ok(origin);
      const readonly = place(origin, '/readonly/mcp', 'tools-readonly', ['jira.search']);
      const destructive = place(origin, '/destructive/mcp', 'tools-destructive', ['jira.create']);
      assert.equal((await one.add(readonly)).name, 'tools-readonly');
      assert.equal((await one.add(destructive)).name, 'tools-destructive');
      assert.is((await one.off('tools-destructive', 'jira.create')).status, 200);
      assert.is((await one.off('tools-readonly')).status, 200);
      const both = await Promise.all([one.switches(readonly), one.switches(destructive)]);
      assert.equal(
        both.map(({ body }) => body),
        [
          { server: 'tools-readonly', enabled: false, tools: {} },
          { server: 'tools-destructive', enabled: true, tools: { 'jira.create': 'off' } },
        ],
      );
      // The bare address of the origin is one of the two, which is there already.
      origin.json(MANIFEST, manifestOf(['jira.search'], { name: 'tools-readonly', url: readonly }));
      const again = await one.add(origin.origin);
      assert.equal([codesOf(again), again.state], [['endpoint-taken'], 'pending']);
      assert.is((await one.switches(readonly)).body.enabled, false);
    } finally {
      await one.close();
    }
  });

  test(`${kind.what}: an added server is known by its endpoint at once, before it was checked`, async () => {
    const one = await Case.open(kind, 1);
    try {
      const url = `${one.servers[0]?.origin}/mcp`;
      assert.is((await one.switches(url)).status, 404);
      await one.registry.ask('POST', '/api/servers', { url });
      assert.is((await one.switches(url)).status, 200);
      assert.is((await one.off(url)).status, 200);
      assert.is((await one.switches(url)).body.enabled, false);
    } finally {
      await one.close();
    }
  });

  test(`${kind.what}: a stranger that came first and points to a server's manifest gets neither its name nor its address`, async () => {
    const one = await Case.open(kind, 2);
    try {
      const [stranger, real] = one.servers;
      assert.ok(stranger && real);
      real.mcp(listed(real.manifest(['jira.create'], { name: 'internal-destructive-mcp' })));
      for (const path of [MANIFEST, `${MANIFEST}/mcp`])
        stranger.paths.set(path, (_request, response) => {
          response.writeHead(302, { location: `${real.origin}${path}` }).end();
        });
      const led = await one.add(`${stranger.origin}/mcp`);
      assert.equal([codesOf(led), led.state, led.name], [['url-elsewhere'], 'pending', led.address]);
      assert.is((await one.add(`${real.origin}/mcp`)).name, 'internal-destructive-mcp');
      assert.is((await one.off('internal-destructive-mcp')).status, 200);
      assert.is((await one.switches(`${real.origin}/mcp`)).body.enabled, false);
      assert.is((await one.switches(`${stranger.origin}/mcp`)).body.enabled, true);
    } finally {
      await one.close();
    }
  });

  test(`${kind.what}: a redirect within the address's own origin is followed`, async () => {
    const one = await Case.open(kind, 1);
    try {
      const [server] = one.servers;
      assert.ok(server);
      server.mcp(listed(server.manifest(['a.read'], { name: 'moved-manifest' })));
      server.paths.set(`${MANIFEST}/mcp`, (_request, response) => {
        response.writeHead(307, { location: MANIFEST }).end();
      });
      assert.is((await one.add(`${server.origin}/mcp`)).name, 'moved-manifest');
    } finally {
      await one.close();
    }
  });

  test(`${kind.what}: a manifest that names another endpoint of its origin is not the manifest of the requested one`, async () => {
    const one = await Case.open(kind, 1);
    try {
      const [server] = one.servers;
      assert.ok(server);
      server.manifest(['a.read'], { name: 'neighbour', url: `${server.origin}/destructive/mcp` });
      assert.equal(codesOf(await one.add(`${server.origin}/mcp`)), ['url-differs']);
      assert.is((await one.switches(`${server.origin}/destructive/mcp`)).status, 404);
    } finally {
      await one.close();
    }
  });

  test(`${kind.what}: a name that two servers claim switches neither, and the refusal lists both by their URLs`, async () => {
    const one = await Case.open(kind, 2);
    try {
      const [stranger, real] = one.servers;
      assert.ok(stranger && real);
      for (const server of [stranger, real])
        server.mcp(listed(server.manifest(['jira.create'], { name: 'internal-destructive-mcp' })));
      await one.add(`${stranger.origin}/mcp`);
      const second = await one.add(`${real.origin}/mcp`);
      assert.ok(codesOf(second).includes('name-taken'));
      const urls = [stranger, real].map(({ origin }) => `${origin}/mcp`);
      for (const refused of [
        await one.off('internal-destructive-mcp'),
        await one.off('internal-destructive-mcp', 'jira.create'),
        await one.registry.ask('DELETE', pathOf('internal-destructive-mcp')),
      ]) {
        assert.is(refused.status, 409);
        for (const url of urls) assert.match(String(refused.body.detail), url);
      }
      for (const url of urls) assert.is((await one.switches(url)).body.enabled, true);
      assert.is((await one.off(urls[1] ?? '', 'jira.create')).status, 200);
      assert.equal((await one.switches(urls[1] ?? '')).body.tools, { 'jira.create': 'off' });
      assert.equal((await one.switches(urls[0] ?? '')).body.tools, {});
      const first = await one.check(urls[0] ?? '');
      assert.ok(codesOf(first).includes('name-claimed'), 'the one that has the name says so as well');
      // When one of them is gone, the name is unambiguous.
      await one.registry.ask('DELETE', pathOf(urls[0] ?? ''));
      await one.check(urls[1] ?? '');
      assert.is((await one.off('internal-destructive-mcp')).status, 200);
      assert.is((await one.switches(urls[1] ?? '')).body.enabled, false);
    } finally {
      await one.close();
    }
  });

  test(`${kind.what}: two servers of one name that are checked at the same time both exist, and one gets the name`, async () => {
    const one = await Case.open(kind, 6);
    try {
      for (const server of one.servers) server.mcp(listed(server.manifest(['a.read'], { name: 'twins' })));
      await Promise.all(one.servers.map(({ origin }) => one.add(`${origin}/mcp`)));
      const { body } = await one.registry.ask('GET', '/api/servers?limit=200');
      const names = (body.servers as { name: string }[]).map(({ name }) => name);
      assert.is(new Set(names).size, one.servers.length);
      assert.is(names.filter((name) => name === 'twins').length, 1);
    } finally {
      await one.close();
    }
  });

  test(`${kind.what}: a server whose URL changed is in quarantine under both URLs`, async () => {
    const one = await Case.open(kind, 1);
    try {
      const [server] = one.servers;
      assert.ok(server);
      server.paths.delete(`${MANIFEST}/mcp`);
      const at = (path: string) => {
        const manifest = manifestOf(['a.read'], { name: 'mover', url: `${server.origin}${path}` });
        server.json(MANIFEST, manifest);
        server.mcp(listed(manifest));
      };
      at('/mcp');
      await one.add(server.origin);
      at('/elsewhere');
      assert.is((await one.check('mover')).state, 'quarantined');
      assert.is((await one.switches(`${server.origin}/mcp`)).body.enabled, false);
      assert.is((await one.switches(`${server.origin}/elsewhere`)).body.enabled, false);
    } finally {
      await one.close();
    }
  });
}

test.run();
