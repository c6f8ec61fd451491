/**
 * Habits of clients in the field: how they spell the resource, what they leave out, what they add. All but one end with
 * a token that the server takes, and that names the server as the server names itself.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Running, start } from '../../src/app/app.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { authorize } from '../support/person.js';

const test = suite('interop/oauth-habits');

const SCOPE = 'postgres:query:readonly jira:read';
const CALLBACK = 'http://127.0.0.1:9/callback';

let stateHome: string;
let running: Running;
let resource: string;
let issuer: string;

test.before(async () => {
  stateHome = await mkdtemp(join(tmpdir(), 'barewire-habits-'));
  running = await start({
    readonlyPort: 0,
    destructivePort: 0,
    authserverPort: 0,
    registryPort: 0,
    stateHome,
  });
  resource = running.addresses.readonly ?? '';
  issuer = running.addresses.authserver ?? '';
});
test.after(async () => {
  await running.close();
  await rm(stateHome, { recursive: true, force: true });
});

type Fields = { [name: string]: string };
type Habit = {
  name: string;
  /** Further members of its registration. */
  registers?: JsonObject;
  asks: (resource: string) => Fields;
  /** Sent along with the code. */
  trades?: (resource: string) => Fields;
  scope?: string;
};

const HABITS: Habit[] = [
  {
    name: 'a resource that is named only at first',
    asks: (resource) => ({ resource, scope: SCOPE }),
  },
  { name: 'no resource, as before there were any', asks: () => ({ scope: SCOPE }) },
  {
    name: 'a resource in capitals, with a host that has no case',
    asks: (resource) => ({
      resource: resource.replace('http://localhost', 'HTTP://LOCALHOST'),
      scope: SCOPE,
    }),
  },
  {
    name: 'no scope at all',
    asks: (resource) => ({ resource }),
    scope: 'postgres:query:readonly s3:list jira:read incidents:read',
  },
  {
    name: 'offline_access, and no prompt for it',
    asks: (resource) => ({ resource, scope: `${SCOPE} offline_access` }),
    trades: (resource) => ({ resource }),
  },
  {
    name: 'openid beside the scopes, and a prompt for both pages',
    asks: (resource) => ({ resource, scope: `openid ${SCOPE}`, prompt: 'login consent' }),
    trades: (resource) => ({ resource }),
  },
  {
    name: 'a registration with a secret that it does not get, and a scope of its own',
    registers: { token_endpoint_auth_method: 'client_secret_post', scope: 'everything', contacts: ['a@b.c'] },
    asks: (resource) => ({ resource, scope: SCOPE }),
  },
  {
    name: 'redirects for every editor there is',
    registers: {
      redirect_uris: ['https://editor.example/redirect', 'http://localhost/', 'http://127.0.0.1/callback'],
    },
    asks: (resource) => ({ resource, scope: SCOPE }),
  },
];

for (const { name, registers = {}, asks, trades = () => ({}), scope = SCOPE } of HABITS) {
  test(name, async () => {
    const { client_id: client, token_endpoint_auth_method: method } = await register(name, registers);
    assert.is(method, 'none');
    const verifier = randomBytes(32).toString('base64url');
    const left = await ask({ ...asks(resource), client_id: String(client) }, verifier);
    assert.is(left.searchParams.get('error'), null, left.href);
    const given = await json(`${issuer}/token`, 'application/x-www-form-urlencoded', {
      grant_type: 'authorization_code',
      client_id: String(client),
      code: left.searchParams.get('code') ?? '',
      code_verifier: verifier,
      redirect_uri: CALLBACK,
      ...trades(resource),
    });
    assert.is(given.scope, scope);
    const token = String(given.access_token);
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    assert.is(isRecord(claims) && claims.aud, resource);
    const { rows } = await call(token);
    assert.equal(rows, [[42]]);
  });
}

// Another path, hence another resource (RFC 8707, section 2): the client learns which there are.
test('a resource with a slash at its end is unknown, and the refusal names the right one', async () => {
  const { client_id: client } = await register('slash', {});
  const left = await ask(
    { client_id: String(client), resource: `${resource}/`, scope: SCOPE },
    'x'.repeat(43),
  );
  assert.is(left.searchParams.get('error'), 'invalid_target');
  assert.ok(left.searchParams.get('error_description')?.includes(`there is: ${resource},`));
});

function register(name: string, more: JsonObject): Promise<JsonObject> {
  return json(`${issuer}/register`, 'application/json', {
    client_name: name,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    ...more,
  });
}

/** Where the browser is sent in the end. */
async function ask(fields: Fields, verifier: string): Promise<URL> {
  const asked = new URLSearchParams({
    response_type: 'code',
    redirect_uri: CALLBACK,
    state: 'kept',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...fields,
  });
  return new URL(await authorize(`${issuer}/authorize?${asked}`));
}

async function json(url: string, type: string, fields: JsonObject): Promise<JsonObject> {
  const body =
    type === 'application/json' ? JSON.stringify(fields) : String(new URLSearchParams(fields as Fields));
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  const value: unknown = await response.json();
  if (!response.ok || !isRecord(value)) throw new Error(`${response.status} ${JSON.stringify(value)}`);
  return value;
}

async function call(token: string): Promise<JsonObject> {
  const answer = await fetch(resource, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'postgres.readonly', arguments: { sql: 'select 42 as answer' } },
    }),
  });
  const value: unknown = await answer.json();
  const result = isRecord(value) ? value.result : undefined;
  const content = isRecord(result) ? result.structuredContent : undefined;
  return isRecord(content) ? content : { value };
}

test.run();
