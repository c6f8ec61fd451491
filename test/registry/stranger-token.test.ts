/**
 * A stranger's server is checked while the issuer ignores what the registry asks for. The stranger records what it receives,
 * which must contain no token that is valid elsewhere.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reply, TestIssuer } from '../support/issuer.js';
import { bothStores } from './both-stores.js';
import { bodyOf, listed, Published } from './made.js';
import { RunningRegistry } from './running.js';

const test = suite('registry/stranger-token');

const stores = await bothStores('registry/stranger-token');
test.after(async () => {
  for (const { remove } of stores) await remove();
});

type Claims = { [name: string]: unknown };

/** Issues these claims whatever is requested, or an opaque token. */
function grant(issuer: TestIssuer, claims: Claims | undefined, answer: Claims = {}): void {
  const { origin } = issuer;
  const more = { token_endpoint: `${origin}/token`, authorization_endpoint: `${origin}/authorize` };
  issuer.routes.set('/.well-known/oauth-authorization-server', () => ({
    body: { ...issuer.metadata, ...more },
  }));
  issuer.routes.set('/token', (): Reply => {
    const now = Math.floor(Date.now() / 1_000);
    const common = { iss: issuer.issuer, sub: 'barewire-registry', iat: now, exp: now + 300 };
    const token = claims === undefined ? 'opaque-and-good-everywhere' : issuer.sign({ ...common, ...claims });
    return { body: { access_token: token, token_type: 'Bearer', expires_in: 300, ...answer } };
  });
}

/** The requests that the stranger gets during a check, and its entry after it. */
async function check(
  open: () => Promise<Awaited<ReturnType<(typeof stores)[number]['open']>>>,
  claimsFor: (origins: { registry: string; stranger: string }) => Claims | undefined,
  answer?: Claims,
) {
  const registry = await RunningRegistry.open({
    store: await open(),
    tokens: { client: { id: 'barewire-registry', secret: 's' } },
  });
  const stranger = await Published.open();
  const seen: (string | undefined)[] = [];
  try {
    const claims = claimsFor({ registry: registry.origin, stranger: `${stranger.origin}/mcp` });
    grant(registry.issuer, claims, answer);
    const name = `stranger-${stranger.origin.split(':').at(-1)}`;
    const manifest = stranger.manifest(['a.read'], { name, issuers: [registry.issuer.issuer] });
    stranger.json('/.well-known/oauth-protected-resource', {
      resource: `${stranger.origin}/mcp`,
      authorization_servers: [registry.issuer.issuer],
    });
    stranger.paths.set('/mcp', (request, response) => {
      seen.push(request.headers.authorization);
      void bodyOf(request).then((text) => {
        const { id, method } = JSON.parse(text);
        const result =
          method === 'server/discover'
            ? { supportedVersions: manifest.revisions, capabilities: { tools: {} } }
            : { tools: listed(manifest) };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
    const added = await registry.ask('POST', '/api/servers', { url: `${stranger.origin}/mcp` });
    const address = encodeURIComponent(String(added.body.name));
    const { body } = await registry.ask('POST', `/api/servers/${address}/validate`);
    const findings = body.allFindings as { code: string; message: string }[];
    const page = await (await fetch(`${registry.origin}/servers/${name}`)).text();
    await registry.ask('DELETE', `/api/servers/${name}`);
    return { seen, findings, page, log: registry.errors.join('\n') };
  } finally {
    await stranger.close();
    await registry.close();
  }
}

for (const { what, open } of stores) {
  const withheld: [
    what: string,
    claims: (to: { registry: string; stranger: string }) => Claims | undefined,
    answer: Claims | undefined,
    message: RegExp,
  ][] = [
    [
      'for another audience',
      ({ registry }) => ({ aud: registry }),
      undefined,
      /alone, received "http:\/\/\S+:\d+"/,
    ],
    [
      'for two audiences',
      ({ registry, stranger }) => ({ aud: [stranger, registry] }),
      undefined,
      /expected "aud" http:\S+\/mcp alone, received \[/,
    ],
    ['without an audience', () => ({}), undefined, /alone, received nothing/],
    [
      'with a scope',
      ({ stranger }) => ({ aud: stranger, scope: 'registry:write' }),
      undefined,
      /expected no "scope".* received "registry:write"/,
    ],
    ['with roles', ({ stranger }) => ({ aud: stranger, roles: ['admin'] }), undefined, /expected no "roles"/],
    [
      'with groups',
      ({ stranger }) => ({ aud: stranger, groups: ['operators'] }),
      undefined,
      /expected no "groups"/,
    ],
    [
      'with entitlements',
      ({ stranger }) => ({ aud: stranger, entitlements: ['switch'] }),
      undefined,
      /expected no "entitlements"/,
    ],
    [
      'with roles of a realm',
      ({ stranger }) => ({ aud: stranger, realm_access: { roles: ['offline_access', 'operator'] } }),
      undefined,
      /expected no "realm_access"/,
    ],
    [
      'granted a scope that it does not name',
      ({ stranger }) => ({ aud: stranger }),
      { scope: 'jira:write' },
      /the issuer granted "jira:write"/,
    ],
    ['that is opaque', () => undefined, undefined, /it is opaque/],
  ];
  for (const [kind, claims, answer, message] of withheld) {
    test(`${what}: a token ${kind} is never sent to a checked server, and page, API and log say why`, async () => {
      const { seen, findings, page, log } = await check(open, claims, answer);
      assert.ok(seen.length > 0, 'it is checked all the same');
      assert.equal(
        seen.filter((header) => header !== undefined),
        [],
      );
      const found = findings.find(({ code }) => code === 'token-withheld');
      assert.match(found?.message ?? '', message);
      assert.match(page, 'is not sent to');
      assert.match(log, message);
    });
  }

  test(`${what}: a token for that very server and nothing else is sent`, async () => {
    const { seen, findings } = await check(open, ({ stranger }) => ({
      aud: [stranger],
      scope: '',
      realm_access: { roles: ['offline_access', 'uma_authorization', 'default-roles-acme'] },
      resource_access: {},
    }));
    assert.ok(seen.length > 0 && seen.every((header) => header?.startsWith('Bearer ey') === true));
    assert.equal(findings, []);
  });
}

test.run();
