/**
 * Servers that follow the registry, seen by third-party clients: a tool that is switched off is gone within five seconds, stays off while
 * the registry is away, and a new tool is found in it.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Running, start } from '../../src/app/app.js';
import type { JsonObject } from '../../src/wire/value.js';
import { freePort } from '../support/free-port.js';
import { type Governed, type Guarded, startGoverned } from '../support/governed.js';
import { tokenFor } from '../support/person.js';
import { until } from '../support/until.js';
import { refusal, textOf } from './expectations.js';
import { openV1, openV2 } from './faces.js';

const test = suite('interop/registry');

let running: Governed;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-interop-'));
  running = await startGoverned();
  // A registry that has just started knows its servers once it has asked them.
  await until(async () => (await ask('GET', '/api/search?state=on')).total === 2);
});
test.after(async () => {
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(method: string, path: string, body?: object, at = running.registry): Promise<JsonObject> {
  const response = await fetch(new URL(path, at.url), {
    method,
    headers: { authorization: `Bearer ${at.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as JsonObject;
}
const turn = (path: string, enabled: boolean, at = running.registry) =>
  ask('PUT', `/api/servers/${path}/switch`, { enabled, reason: 'a test' }, at);
const WITHIN_MS = 5_000;

/** With a new client: an existing one may cache a list, and these tests are about the server's answer. */
async function listed(open: typeof openV1 | typeof openV2, at: Guarded): Promise<string[]> {
  const { client, close } = await open(at);
  const { tools } = await client.listTools();
  await close();
  return tools.map((tool) => tool.name);
}

for (const [name, open] of [
  ['version 1', openV1],
  ['version 2', openV2],
] as const) {
  test(`${name}: a tool that is switched off leaves the list within five seconds, its call is refused, and it comes back`, async () => {
    const face = await open(running.readonly);
    const names = (): Promise<string[]> => listed(open, running.readonly);
    assert.ok((await names()).includes('jira.search'));
    const begun = Date.now();
    await turn('internal-readonly-mcp/tools/jira.search', false);
    await until(async () => !(await names()).includes('jira.search'));
    assert.ok(Date.now() - begun < WITHIN_MS, `it took ${Date.now() - begun} ms`);
    assert.match(
      (await refusal(face.call('jira.search', { jql: 'project = OPS' }))).message,
      'no such tool: jira.search',
    );
    await turn('internal-readonly-mcp/tools/jira.search', true);
    await until(async () => (await names()).includes('jira.search'));
    assert.match(textOf(await face.call('jira.search', { jql: 'project = OPS', limit: 1 })), 'OPS-');
    await face.close();
  });
}

test('nothing of a server that is switched off may be used: no tool, no resource, no prompt', async () => {
  const face = await openV2(running.readonly);
  await turn('internal-readonly-mcp', false);
  await until(async () => (await listed(openV2, running.readonly)).length === 0);
  assert.match((await refusal(face.call('jira.search', { jql: 'project = OPS' }))).message, 'no such tool');
  assert.match((await refusal(face.read('incident://INC-1001'))).message, 'this server is switched off');
  assert.match(
    (await refusal(face.prompt('investigate-incident', { id: 'INC-1001' }))).message,
    'this server is switched off',
  );
  await turn('internal-readonly-mcp', true);
  await until(async () => (await listed(openV2, running.readonly)).length > 0);
  await face.read('incident://INC-1001');
  await face.close();
  const off = (await running.records('readonly')).filter((record) =>
    JSON.stringify(record).includes('this server is switched off'),
  );
  assert.ok(off.length >= 2, 'it is in the audit log');
});

test('a tool of somebody else appears in the registry after its check, and no file of the core has changed', async () => {
  // The module as its author writes it: a plain object, nothing imported.
  const file = join(folder, 'confluence.mjs');
  await writeFile(
    file,
    `export const search = {
  name: 'confluence.search',
  title: 'Search Confluence',
  description: 'Finds pages of the wiki that hold all the words.',
  scope: 'confluence:read',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: {
    type: 'object',
    properties: { words: { type: 'string', minLength: 1, description: 'What to look for' } },
    required: ['words'],
    additionalProperties: false,
  },
  async handler({ words }) {
    return { content: [{ type: 'text', text: \`no page holds \${words}\` }] };
  },
};
`,
  );
  const own = await startGoverned({ tools: [file] }, 'confluence:read');
  try {
    await until(async () => {
      const { total } = await ask('GET', '/api/search?q=confluence', undefined, own.registry);
      return total === 1;
    });
    const { servers } = (await ask('GET', '/api/search?q=confluence', undefined, own.registry)) as {
      servers: JsonObject[];
    };
    const [found] = servers as { name: string; state: string; findings: object; matched: JsonObject[] }[];
    assert.equal(
      [found?.name, found?.state, found?.findings],
      ['internal-readonly-mcp', 'on', { error: 0, warning: 0, info: 0 }],
    );
    assert.equal(
      found?.matched.map(({ name, scope }) => [name, scope]),
      [['confluence.search', 'confluence:read']],
    );
    const face = await openV2(own.readonly);
    assert.match(textOf(await face.call('confluence.search', { words: 'MCP' })), 'no page holds MCP');
    await face.close();
  } finally {
    await own.close();
  }
});

test('a tool that was off stays off while the registry is away, even over a restart; if the file is damaged, or the registry required, nothing is used without it', async () => {
  const { authserver: issuer = '' } = running.addresses;
  const [readonlyPort, registryPort] = [await freePort(), await freePort()];
  const [readonlyUrl, registryUrl] = [
    `http://localhost:${readonlyPort}/mcp`,
    `http://localhost:${registryPort}`,
  ];
  // An authorization server for both, which run on their own as they would in production.
  const lone = await start({
    only: 'authserver',
    authserverPort: 0,
    readonlyUrl,
    registryUrl,
    stateHome: join(folder, 'issuer'),
  });
  const issuers = [lone.addresses.authserver ?? issuer];
  const registry = (): Promise<Running> =>
    start({
      only: 'registry',
      registryPort,
      issuers,
      registryClient: { clientId: 'barewire-registry', clientSecret: 'registry-secret' },
      stateHome: join(folder, 'registry'),
    });
  const server = (more = {}): Promise<Running> =>
    start({
      only: 'readonly',
      readonlyPort,
      issuers,
      registryUrl,
      stateHome: join(folder, 'server'),
      ...more,
    });

  let one = await registry();
  let two = await server();
  try {
    const reading = await tokenFor({
      issuer: issuers[0] ?? '',
      resource: readonlyUrl,
      scope: 'jira:read s3:list',
    });
    const writing = await tokenFor({
      issuer: issuers[0] ?? '',
      resource: registryUrl,
      scope: 'registry:write',
    });
    const at = { url: new URL(registryUrl), token: writing };
    const guarded = { url: new URL(readonlyUrl), token: reading };
    const names = (): Promise<string[]> => listed(openV2, guarded);
    await ask('POST', '/api/servers', { url: readonlyUrl }, at);
    const checked = await ask(
      'POST',
      `/api/servers/${encodeURIComponent(await nameAt(at))}/validate`,
      undefined,
      at,
    );
    assert.equal(checked.allFindings, []);
    await turn('internal-readonly-mcp/tools/jira.search', false, at);
    await until(async () => !(await names()).includes('jira.search'));

    await one.close();
    await two.close();
    two = await server();
    assert.not.ok((await names()).includes('jira.search'), 'it was off in the last answer of the registry');
    assert.ok((await names()).includes('s3.list'));
    await two.close();

    const keptFile = join(folder, 'server', 'barewire', 'switches-readonly.json');
    await writeFile(keptFile, (await readFile(keptFile, 'utf8')).slice(0, -5));
    two = await server();
    const damaged = await openV2(guarded);
    assert.match(
      (await refusal(damaged.call('s3.list', { bucket: 'reports' }))).message,
      'the registry cannot say',
    );
    await damaged.close();
    await two.close();

    two = await server({ registryRequired: true });
    const face = await openV2(guarded);
    assert.match(
      (await refusal(face.call('s3.list', { bucket: 'reports' }))).message,
      'the registry cannot say',
    );
    one = await registry();
    await until(
      async () => (await face.call('s3.list', { bucket: 'reports' }).catch(() => undefined)) !== undefined,
    );
    await face.close();
  } finally {
    await Promise.all([one.close(), two.close()]);
    await lone.close();
  }
});

test('a server whose registry is on another machine is refused at the start without a public URL of its own', async () => {
  const starting = start({
    only: 'readonly',
    readonlyPort: 0,
    issuers: [running.addresses.authserver ?? ''],
    registryUrl: 'https://registry.example',
    stateHome: join(folder, 'lost'),
  });
  const refused = await starting.then(
    (started) => started.close().then(() => 'it started'),
    (error: unknown) => String(error),
  );
  assert.match(refused, 'cannot know this server as http://localhost:0/mcp; give its public URL');
});

async function nameAt(at: { url: URL; token: string }): Promise<string> {
  const { servers } = (await ask('GET', '/api/servers', undefined, at)) as { servers: { name: string }[] };
  return servers[0]?.name ?? '';
}

test.run();
