/** Which documents say where the tokens for an endpoint come from. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discoverResource, type Resource } from '../../src/oauth/client/resource-discovery.js';
import { canned } from './canned.js';
import { refusalOf } from './site.js';

const test = suite('oauth-client/resource-discovery');
const ENDPOINT = new URL('https://mcp.example/a/bee');
const AT_PATH = 'https://mcp.example/.well-known/oauth-protected-resource/a/bee';
const AT_ROOT = 'https://mcp.example/.well-known/oauth-protected-resource';
const NAMED = 'https://cdn.example/named.json';
const GOOD = { resource: ENDPOINT.href, authorization_servers: ['https://auth.example'] };

type Documents = { [url: string]: unknown };

async function discover(documents: Documents, named?: string) {
  const { outgoing, asked } = canned(ENDPOINT, documents);
  return { found: await discoverResource(ENDPOINT, named, outgoing), asked };
}
const refusal = async (documents: Documents, named?: string): Promise<string> =>
  (await refusalOf(discover(documents, named))).message;

test('the path of the endpoint is asked first, then the root; without both there is no metadata', async () => {
  assert.equal(await discover({ [AT_PATH]: GOOD, [AT_ROOT]: { ...GOOD, resource: 'https://mcp.example' } }), {
    found: { identifier: ENDPOINT.href, issuers: ['https://auth.example'] },
    asked: [AT_PATH],
  });
  const { found, asked } = await discover({ [AT_ROOT]: GOOD });
  assert.equal([found?.identifier, asked], [ENDPOINT.href, [AT_PATH, AT_ROOT]]);
  assert.equal(await discover({}), { found: undefined, asked: [AT_PATH, AT_ROOT] });
});

test('a document that the challenge names is the only one, even if it is not there', async () => {
  const { asked } = await discover({ [NAMED]: GOOD }, NAMED);
  assert.equal(asked, [NAMED]);
  assert.is(
    await refusal({ [AT_PATH]: GOOD }, NAMED),
    `the metadata of https://mcp.example/a/bee cannot be used: ${NAMED} answered with status 404`,
  );
});

test('a server that cannot be asked has not said that it has no metadata', async () => {
  assert.is(
    await refusal({ [AT_PATH]: new Error('connect ECONNREFUSED'), [AT_ROOT]: GOOD }),
    `the metadata of https://mcp.example/a/bee failed: ${AT_PATH} could not be asked within 10000 ms (connect ECONNREFUSED)`,
  );
});

for (const resource of [
  'https://mcp.example',
  'https://mcp.example/',
  'https://mcp.example/a',
  'https://mcp.example/a/',
  'https://mcp.example/a/bee',
  'HTTPS://MCP.example:443/a/bee',
]) {
  test(`the resource ${resource} covers the endpoint, and keeps its spelling`, async () => {
    const { found } = await discover({ [NAMED]: { ...GOOD, resource } }, NAMED);
    assert.is(found?.identifier, resource);
  });
}

for (const resource of [
  'https://mcp.example/a/bee/',
  'https://mcp.example/a/bee/c',
  'https://mcp.example/A/bee',
  'https://mcp.example/a/b',
  'https://mcp.example/a?tenant=1',
  'https://mcp.example/b',
  'https://mcp.example:444/a/bee',
  'http://mcp.example/a/bee',
  'https://user@mcp.example/a/bee',
  'https://mcp.example.evil.example/a/bee',
  'mcp.example',
  '',
]) {
  test(`the resource ${resource || 'without a text'} is another server`, async () => {
    assert.is(
      await refusal({ [NAMED]: { ...GOOD, resource } }, NAMED),
      `${NAMED} describes another server: expected "resource" https://mcp.example/a/bee, received "${resource}"`,
    );
  });
}

test('a resource that is no text is another server', async () => {
  for (const resource of [undefined, 7, [ENDPOINT.href]])
    assert.match(await refusal({ [NAMED]: { ...GOOD, resource } }, NAMED), /received nothing$/);
});

test('without an authorization server there is nowhere to go', async () => {
  for (const servers of [undefined, [], [7, null], 'https://auth.example', { 0: 'https://auth.example' }])
    assert.is(
      await refusal({ [AT_PATH]: { ...GOOD, authorization_servers: servers } }),
      `${AT_PATH} names no authorization server in "authorization_servers"`,
    );
});

test('of the lists, only what can be used is taken', async () => {
  const found = async (more: object): Promise<Resource | undefined> =>
    (await discover({ [AT_PATH]: { ...GOOD, ...more } })).found;
  const issuers = [7, 'https://a.example', null, 'https://b.example'];
  const scopes = ['read', 7, '', 'a b', 'quote"', 'notes:write'];
  assert.equal(await found({ authorization_servers: issuers, scopes_supported: scopes }), {
    identifier: ENDPOINT.href,
    issuers: ['https://a.example', 'https://b.example'],
    scopesSupported: ['read', 'notes:write'],
  });
  assert.is((await found({ scopes_supported: 'read' }))?.scopesSupported, undefined);
});

test.run();
