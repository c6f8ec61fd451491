/** Which authorization server gets the person and the credentials. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chooseServer,
  readServer,
  serverAtOrigin,
  textsOf,
} from '../../src/oauth/client/server-discovery.js';
import { canned } from './canned.js';
import { refusalOf } from './site.js';

const test = suite('oauth-client/server-discovery');
const ENDPOINT = new URL('https://mcp.example/mcp');
const AT_ORIGIN = 'https://mcp.example/.well-known/oauth-authorization-server';
const WELL_KNOWN = '/.well-known/oauth-authorization-server';

type Documents = { [url: string]: unknown };

const metadata = (issuer: string, more: object = {}) => ({
  issuer,
  token_endpoint: `${issuer}/token`,
  ...more,
});
/** The documents of these issuers, where they belong. */
const documentsOf = (...issuers: string[]): Documents =>
  Object.fromEntries(issuers.map((issuer) => [`${issuer}${WELL_KNOWN}`, metadata(issuer)]));

const choose = (issuers: string[], issuer: string | undefined, documents: Documents) =>
  chooseServer({ identifier: ENDPOINT.href, issuers }, issuer, canned(ENDPOINT, documents).outgoing);
const read = (issuer: string, document: unknown) =>
  readServer(issuer, canned(ENDPOINT, { [`${issuer}${WELL_KNOWN}`]: document }).outgoing);
const readAtOrigin = (document: unknown) =>
  serverAtOrigin(ENDPOINT, canned(ENDPOINT, { [AT_ORIGIN]: document }).outgoing);

const refusal = async (work: Promise<unknown>): Promise<string> => (await refusalOf(work)).message;

test('the first server whose metadata is right is used, and later ones are not asked', async () => {
  const [a, b, c] = ['https://a.example', 'https://b.example', 'https://c.example'] as const;
  const { outgoing, asked } = canned(ENDPOINT, documentsOf(b, c));
  const server = await chooseServer({ identifier: ENDPOINT.href, issuers: [a, b, c] }, undefined, outgoing);
  assert.equal(server, { issuer: b, token_endpoint: `${b}/token`, isGuess: false });
  assert.equal([...new Set(asked.map((url) => new URL(url).origin))], [a, b]);
});

test('with credentials for one server, no other is asked', async () => {
  const [a, b] = ['https://a.example', 'https://b.example'] as const;
  const { outgoing, asked } = canned(ENDPOINT, documentsOf(a, b));
  const resource = { identifier: ENDPOINT.href, issuers: [a, b] };
  assert.is((await chooseServer(resource, b, outgoing)).issuer, b);
  assert.equal(asked, [`${b}${WELL_KNOWN}`]);
  assert.is(
    await refusal(chooseServer(resource, `${b}/`, outgoing)),
    `https://mcp.example/mcp: expected the authorization server ${b}/, for which there are credentials, received "${a}", "${b}"`,
  );
  assert.is(asked.length, 1);
});

test('five of the named servers are tried', async () => {
  const issuers = [1, 2, 3, 4, 5, 6].map((at) => `https://${at}.example`);
  const [fifth = '', sixth = ''] = issuers.slice(4);
  assert.is((await choose(issuers, undefined, documentsOf(fifth))).issuer, fifth);
  assert.is((await choose(issuers, fifth, documentsOf(fifth))).issuer, fifth);
  assert.not.match(await refusal(choose(issuers, undefined, documentsOf(sixth))), /6\.example/);
  assert.match(
    await refusal(choose(issuers, sixth, documentsOf(sixth))),
    /received "\S+1\.example", .*"\S+5\.example"$/,
  );
});

test('when none can be used, each says why', async () => {
  const message = await refusal(choose(['http://a.example', 'https://b.example'], undefined, {}));
  assert.is(
    message,
    'an authorization server: expected an https URL, received "http://a.example"; ' +
      'the metadata of "https://b.example" failed: no metadata of https://b.example: ' +
      'https://b.example/.well-known/oauth-authorization-server answered with status 404; ' +
      'https://b.example/.well-known/openid-configuration answered with status 404',
  );
});

const NAMES = [
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'device_authorization_endpoint',
];
for (const name of NAMES) {
  test(`a server whose "${name}" is not safe is not used`, async () => {
    const issuer = 'https://a.example';
    for (const value of ['http://a.example/x', null, 7, ''])
      assert.match(
        await refusal(read(issuer, metadata(issuer, { [name]: value }))),
        new RegExp(`^"${name}" of https://a\\.example: expected an https URL, received (nothing|".*")$`),
      );
  });
}

test('a server needs a token endpoint and nothing else, and cannot call itself a guess', async () => {
  const issuer = 'https://a.example';
  assert.is(
    await refusal(read(issuer, { issuer })),
    'the metadata of https://a.example has no "token_endpoint"',
  );
  const server = await read(issuer, metadata(issuer, { isGuess: true, scopes_supported: ['a'] }));
  assert.equal(server, { ...metadata(issuer), scopes_supported: ['a'], isGuess: false });
});

test('the server at the origin of the endpoint may name itself with or without a slash', async () => {
  for (const issuer of ['https://mcp.example', 'https://mcp.example/']) {
    const server = await readAtOrigin({ issuer, token_endpoint: 'https://mcp.example/t' });
    assert.equal(server, { issuer, token_endpoint: 'https://mcp.example/t', isGuess: false });
  }
});

test('and no other name', async () => {
  for (const issuer of ['https://mcp.example/mcp', 'https://evil.example', 'https://mcp.example//', ''])
    assert.is(
      await refusal(readAtOrigin(metadata(issuer))),
      `${AT_ORIGIN}: expected "issuer" https://mcp.example, received "${issuer}"`,
    );
  assert.match(await refusal(readAtOrigin({ token_endpoint: 'https://mcp.example/t' })), /received nothing$/);
});

test('its endpoints are checked as well', async () => {
  const document = { issuer: ENDPOINT.origin, token_endpoint: 'http://mcp.example/t' };
  assert.match(
    await refusal(readAtOrigin(document)),
    /^"token_endpoint" of https:\/\/mcp\.example: expected an https/,
  );
});

test('without metadata, its endpoints are guessed', async () => {
  assert.equal(await readAtOrigin(undefined), {
    isGuess: true,
    issuer: 'https://mcp.example',
    authorization_endpoint: 'https://mcp.example/authorize',
    token_endpoint: 'https://mcp.example/token',
    registration_endpoint: 'https://mcp.example/register',
    code_challenge_methods_supported: ['S256'],
  });
});

test('but not when it could not be asked', async () => {
  assert.is(
    await refusal(readAtOrigin(new Error('connect ECONNREFUSED'))),
    `the metadata of https://mcp.example failed: ${AT_ORIGIN} could not be asked within 10000 ms (connect ECONNREFUSED)`,
  );
});

test('of a list in the metadata, the texts are taken', () => {
  const server = { issuer: 'https://a.example', scopes_supported: ['a', 7, 'b'] as string[] };
  assert.equal(textsOf(server, 'scopes_supported'), ['a', 'b']);
  assert.is(textsOf(server, 'grant_types_supported'), undefined);
  assert.is(textsOf(server, 'issuer'), undefined);
});

test.run();
