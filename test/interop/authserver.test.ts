/** Token verification against the real development authorization server: opaque tokens, and an outage. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, type Endpoint } from '../../src/index.js';
import type { AuthOptions, Refusal } from '../../src/oauth/protection.js';
import {
  type AuthServer,
  type ProtectedResource,
  startAuthServer,
} from '../../src/services/authserver/authserver.js';
import { legacy } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { tokenFor } from '../support/person.js';
import { until } from '../support/until.js';

const test = suite('interop/authserver');
const tool = toolOf('t', { scope: 'bench:read' });

let stateDir: string;
let authserver: AuthServer;
const resources: ProtectedResource[] = [];
const endpoints: Endpoint[] = [];

const open = (port: number): Promise<AuthServer> =>
  startAuthServer({ host: '127.0.0.1', port, stateDir, resources: () => resources });

test.before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'barewire-authserver-'));
  authserver = await open(0);
});
test.after(async () => {
  await Promise.all([authserver.close(), ...endpoints.map((endpoint) => endpoint.close())]);
  await rm(stateDir, { recursive: true, force: true });
});

type Server = { url: string; refusals: Refusal[]; call(token: string): Promise<Response> };

async function serve(auth: Partial<AuthOptions>, tokenFormat: 'jwt' | 'opaque' = 'jwt'): Promise<Server> {
  const refusals: Refusal[] = [];
  const { issuer } = authserver;
  const endpoint = createEndpoint({
    name: 'bench',
    version: '1.0.0',
    tools: [tool],
    onError: () => {},
    auth: { issuers: [{ issuer }], onRefused: (refusal) => void refusals.push(refusal), ...auth },
  });
  endpoints.push(endpoint);
  const url = await endpoint.listen(0);
  resources.push({ resource: url, name: 'Bench', tools: [tool], tokenFormat });
  const call = (token: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: legacy('tools/call', { name: 't', arguments: {} }),
    });
  return { url, refusals, call };
}

const tokenOf = ({ url }: Server): Promise<string> =>
  tokenFor({ issuer: authserver.issuer, resource: url, scope: 'bench:read' });

test('an opaque token is introspected, and refused once it was revoked', async () => {
  const introspection = { clientId: 'demo', clientSecret: 'demo-secret' };
  const { issuer } = authserver;
  const server = await serve({ issuers: [{ issuer, introspection }], cacheMs: 0 }, 'opaque');
  const token = await tokenOf(server);
  assert.not.match(token, '.');
  assert.is((await server.call(token)).status, 200);
  const authorization = `Basic ${Buffer.from('demo:demo-secret').toString('base64')}`;
  const body = new URLSearchParams({ token });
  const revoked = await fetch(`${issuer}/revoke`, { method: 'POST', headers: { authorization }, body });
  assert.is(revoked.status, 200);
  assert.is((await server.call(token)).status, 401);
  assert.equal(
    server.refusals.map(({ reason }) => reason),
    ['inactive'],
  );
});

test('while the authorization server is away nobody gets in, and afterwards everybody does', async () => {
  const server = await serve({ keysMaxAgeMs: 0, cacheMs: 0 });
  const token = await tokenOf(server);
  assert.is((await server.call(token)).status, 200);
  await authserver.close();
  const codeOf = async (answer: Response): Promise<number | undefined> =>
    ((await answer.json()) as { error?: { code: number } }).error?.code;
  // A legacy client is refused in band: a retry helps, and another token does not.
  const away = await server.call(token);
  assert.equal([away.status, away.headers.get('retry-after'), await codeOf(away)], [200, '5', 503]);
  assert.is((await fetch(new URL('/readyz', server.url))).status, 503);
  // The same keys, from the folder they are kept in.
  authserver = await open(Number(new URL(authserver.issuer).port));
  await until(
    async () => (await codeOf(await server.call(token))) === undefined,
    'a call that is answered again',
  );
});

test.run();
