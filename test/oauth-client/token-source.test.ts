/** Which of the stored tokens go to the endpoint. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createTokenSource } from '../../src/oauth/client/token-source.js';
import type { Tokens } from '../../src/oauth/client/token-store.js';
import { browser } from './site.js';

const test = suite('oauth-client/token-source');
const ENDPOINT = 'https://mcp.example/mcp';
const ITSELF = { grant: 'client_credentials', clientId: 'one', clientSecret: 's' } as const;

const tokensOf = (accessToken: string, more: Partial<Tokens> = {}): Tokens => ({
  endpoint: ENDPOINT,
  issuer: 'https://auth.example',
  resource: ENDPOINT,
  clientId: 'one',
  accessToken,
  scopes: [],
  ...more,
});

/** The token that the first request would have, with these in the file. */
async function tokenFrom(
  stored: Tokens[],
  options: Partial<TokenSourceOptions> = {},
  address = ENDPOINT,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'barewire-token-source-'));
  try {
    const tokenFile = join(folder, 'tokens.json');
    const tokens = Object.fromEntries(stored.entries());
    await writeFile(tokenFile, JSON.stringify({ registrations: {}, tokens }), { mode: 0o600 });
    const source = createTokenSource(new URL(address), {
      interaction: browser(),
      tokenFile,
      fetch: async () => {
        throw new Error('nothing is asked');
      },
      ...options,
    });
    return await source.token();
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a token is for its endpoint, whose query does not count', async () => {
  const stored = [tokensOf('a')];
  assert.is(await tokenFrom(stored), 'a');
  assert.is(await tokenFrom(stored, {}, `${ENDPOINT}?a=b`), 'a');
  for (const other of ['https://mcp.example/', 'https://mcp.example/mcp/', 'https://mcp.example:444/mcp'])
    assert.is(await tokenFrom(stored, {}, other), undefined);
});

test('the token of a person is not for a client that acts for itself, and the other way round', async () => {
  const ofPerson = [tokensOf('a'), tokensOf('b', { isForClient: false })];
  assert.is(await tokenFrom(ofPerson.slice(0, 1)), 'a', 'a token that does not say is of a person');
  assert.is(await tokenFrom(ofPerson), 'b');
  assert.is(await tokenFrom(ofPerson, ITSELF), undefined);
  const ofClient = [tokensOf('c', { isForClient: true })];
  assert.is(await tokenFrom(ofClient, ITSELF), 'c');
  assert.is(await tokenFrom(ofClient), undefined);
});

test('the token of another client is not used', async () => {
  const stored = [tokensOf('a'), tokensOf('b', { clientId: 'two' })];
  assert.is(await tokenFrom(stored, { clientId: 'one' }), 'a');
  assert.is(await tokenFrom(stored, { clientId: 'three' }), undefined);
});

test('a token that cannot be renewed is still sent, and the server decides', async () => {
  const renewAt = Date.UTC(2026, 0, 1);
  const clock = () => new Date(renewAt);
  assert.is(await tokenFrom([tokensOf('a', { renewAt })], { clock }), 'a');
  assert.is(await tokenFrom([tokensOf('a', { renewAt, refreshToken: 'r' })], { clock }), 'a');
});

test.run();
