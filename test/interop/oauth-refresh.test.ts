/**
 * Time passes: access tokens end after a few seconds here, and the authorization server forgets. What the official
 * TypeScript clients do about it, by themselves or by having a person asked again.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, defineTool, type Endpoint, type Tool } from '../../src/index.js';
import { type AuthServer, startAuthServer } from '../../src/services/authserver/authserver.js';
import { until } from '../support/until.js';
import { browserFor, closeBrowser, Person } from './browser.js';
import { type Callback, openCallback } from './oauth-callback.js';
import { type Kind, Program, v1, v2 } from './oauth-programs.js';
import { described, Wallet } from './oauth-wallet.js';
import { Wire } from './oauth-wire.js';

const test = suite('interop/oauth-refresh');
const asking = browserFor('interop/oauth-refresh') ? test : test.skip;

const TOKEN_S = 4;
/** Generous: it only says when to give up. */
const PATIENCE_MS = 60_000;

const [LOOK, OPEN] = [
  { name: 'door.look', title: 'Look at the door', scope: 'door:read', destructive: false },
  { name: 'door.open', title: 'Open the door', scope: 'door:write', destructive: true },
].map((tool) =>
  defineTool({
    ...tool,
    description: 'It is a green one.',
    inputSchema: { type: 'object' },
    handler: () => ({ structuredContent: { done: tool.name } }),
  }),
);

type Door = { endpoint: Endpoint; url: URL; tools: Tool[] };

let stateDir: string;
let authserver: AuthServer;
let seen: Door;
let opened: Door;
let callback: Callback;
let person: Person;

function startAuthorization(port: number): Promise<AuthServer> {
  const resources = () =>
    [seen, opened].map(({ url, tools }) => ({ resource: url.href, name: 'The door', tools }));
  return startAuthServer({ host: '127.0.0.1', port, stateDir, accessTokenS: TOKEN_S, resources });
}

async function door(tool: Tool | undefined): Promise<Door> {
  const tools = tool === undefined ? [] : [tool];
  const auth = { issuers: [{ issuer: authserver.issuer }], clockToleranceS: 0 };
  const endpoint = createEndpoint({ name: 'door', version: '1.0.0', tools, auth });
  return { endpoint, tools, url: new URL(await endpoint.listen(0)) };
}

test.before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'barewire-refresh-'));
  authserver = await startAuthorization(0);
  seen = await door(LOOK);
  opened = await door(OPEN);
  callback = await openCallback();
});
test.after(async () => {
  await closeBrowser();
  await Promise.all([callback, seen.endpoint, opened.endpoint, authserver].map((one) => one.close()));
  await rm(stateDir, { recursive: true, force: true });
});

function program(name: string, kind: Kind, { url }: Door): Program {
  const wallet = new Wallet(described(name, callback.redirectUri, 'refresh_token'));
  const wire = new Wire(({ origin, pathname }) =>
    origin === url.origin ? `door${pathname}` : `authserver${pathname}`,
  );
  return new Program(() => kind(url, wallet, wire), wallet, wire, callback, person);
}

/** Resolves once the server no longer accepts this token. */
async function ended({ url }: Door, token: string | undefined): Promise<void> {
  const isRefused = async () => {
    const { body, status } = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    await body?.cancel();
    return status === 401;
  };
  await until(isRefused, 'the token is refused', PATIENCE_MS);
}

for (const [name, kind] of [
  ['version 2', v2],
  ['version 1', v1],
] as const) {
  let looking: Program;

  asking(`${name}: goes on with a new token when the old one has ended, and asks nobody`, async () => {
    person = await Person.arrive(`${name} refreshing`);
    looking = program(name, kind, seen);
    await looking.connect();
    const { wallet, wire } = looking;
    assert.equal(
      looking.pages().map(({ title }) => title),
      ['Sign in', `Allow access for “${name}”?`],
    );
    const { access_token: first, refresh_token: spent } = wallet.saved ?? {};
    await ended(seen, first);
    wire.next();
    const { structuredContent } = await looking.call('door.look', {});
    assert.equal(structuredContent, { done: 'door.look' });
    assert.equal(wire.next(), [
      'POST door/mcp tools/call 401',
      'POST authserver/token 200',
      'POST door/mcp tools/call 200',
    ]);
    const form = wire.forms.at(-1);
    assert.equal(
      [form?.get('grant_type'), form?.get('refresh_token'), form?.get('resource')],
      ['refresh_token', spent, seen.url.href],
    );
    assert.is.not(wallet.saved?.access_token, first);
    assert.is.not(wallet.saved?.refresh_token, spent);
    assert.is(wallet.saved?.scope, 'door:read');
    assert.equal(looking.pages(), []);
  });

  asking(`${name}: registers again and has the person asked when the server has forgotten both`, async () => {
    const { wallet, wire } = looking;
    const { access_token: last } = wallet.saved ?? {};
    const { port } = new URL(authserver.issuer);
    await authserver.close();
    authserver = await startAuthorization(Number(port));
    await ended(seen, last);
    const { structuredContent } = await looking.call('door.look', {});
    assert.equal(structuredContent, { done: 'door.look' });
    assert.equal(wire.next(), [
      'POST door/mcp tools/call 401',
      'POST authserver/token 401',
      'POST authserver/register 201',
      'POST authserver/token 200',
      'POST door/mcp tools/call 200',
    ]);
    assert.equal(
      looking.pages().map(({ title }) => title),
      ['Sign in', `Allow access for “${name}”?`],
    );
    await looking.close();
    assert.equal(person.complaints, []);
    await person.leave();
  });
}

asking('version 2: an approval ends with its token, and the person is asked for another', async () => {
  person = await Person.arrive('version 2 approving');
  const opening = program('version 2', v2, opened);
  const { wallet, wire } = opening;
  await opening.connect();
  await opening.call('door.open', {});
  opening.pages();
  await ended(opened, wallet.saved?.access_token);
  wire.next();
  const { structuredContent } = await opening.call('door.open', {});
  assert.equal(structuredContent, { done: 'door.open' });
  assert.equal(wire.next(), [
    'POST door/mcp tools/call 401',
    'POST authserver/token 200',
    'POST door/mcp tools/call 403',
    'POST authserver/token 200',
    'POST door/mcp tools/call 200',
  ]);
  assert.equal(
    opening.pages().map(({ title }) => title),
    ['Sign in', 'Approve what “version 2” wants to do?'],
  );
  await opening.close();
  await person.leave();
});

test.run();
