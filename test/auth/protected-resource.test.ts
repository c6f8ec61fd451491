import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isLoopback,
  isLoopbackAddress,
  metadataPaths,
  metadataUrl,
  readResource,
  resourceIdentifier,
  secureUrl,
} from '../../src/oauth/protected-resource.js';

const test = suite('auth/protected-resource');

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

function problem(text: string): string {
  try {
    readResource(text);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
  return '';
}

test('one resource has one spelling', () => {
  for (const [text, identifier] of [
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp'],
    ['HTTPS://MCP.Example.com:443/mcp', 'https://mcp.example.com/mcp'],
    ['https://mcp.example.com', 'https://mcp.example.com'],
    ['https://mcp.example.com/', 'https://mcp.example.com'],
    ['https://mcp.example.com:8443', 'https://mcp.example.com:8443'],
    ['https://mcp.example.com/teams/a/mcp', 'https://mcp.example.com/teams/a/mcp'],
    ['http://localhost:3000/mcp', 'http://localhost:3000/mcp'],
    ['http://127.0.0.1:3000/mcp', 'http://127.0.0.1:3000/mcp'],
    ['http://[::1]:3000/mcp', 'http://[::1]:3000/mcp'],
  ] as const) {
    assert.is(resourceIdentifier(readResource(text)), identifier);
  }
});
test('an invalid resource is refused with the reason', () => {
  for (const [text, reason] of [
    ['', /an http or https URL/],
    ['mcp.example.com/mcp', /an http or https URL/],
    ['ftp://mcp.example.com/mcp', /an http or https URL/],
    ['https://mcp.example.com/mcp?a=b', /without query, fragment and credentials/],
    ['https://mcp.example.com/mcp?', /without query/],
    ['https://mcp.example.com/mcp#a', /fragment/],
    ['https://mcp.example.com/mcp#', /fragment/],
    ['httpx://mcp.example.com/mcp', /an http or https URL/],
    ['xhttp://mcp.example.com/mcp', /an http or https URL/],
    ['https://me@mcp.example.com/mcp', /credentials/],
    ['https://:secret@mcp.example.com/mcp', /credentials/],
    ['https://mcp.example.com/mcp/', /slash at its end/],
    ['http://mcp.example.com/mcp', /in the clear/],
    ['http://0.0.0.0:3000/mcp', /in the clear/],
    ['http://localhost.example.com/mcp', /in the clear/],
    ['http://127.0.0.1.example.com/mcp', /in the clear/],
  ] as const) {
    assert.match(problem(text), reason, text);
  }
});
test('its metadata stands with its path inserted, and at the root', () => {
  for (const [text, paths] of [
    ['https://mcp.example.com/mcp', [`${WELL_KNOWN}/mcp`, WELL_KNOWN]],
    ['https://mcp.example.com/teams/a/mcp', [`${WELL_KNOWN}/teams/a/mcp`, WELL_KNOWN]],
    ['https://mcp.example.com', [WELL_KNOWN]],
    ['https://mcp.example.com/', [WELL_KNOWN]],
  ] as const) {
    const resource = readResource(text);
    assert.equal(metadataPaths(resource), paths);
    assert.is(metadataUrl(resource), `https://mcp.example.com${paths[0]}`);
  }
});
test('its metadata is where a client that inserts the path looks', () => {
  for (const text of [
    'https://a.example/mcp',
    'https://a.example',
    'https://a.example:1/x/y',
    'http://localhost:3000/m%20p',
  ]) {
    const { origin, pathname } = new URL(text);
    const looked = `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
    assert.is(metadataUrl(readResource(text)), looked);
  }
});
test('loopback is this machine, by its names and no others', () => {
  for (const name of ['localhost', '127.0.0.1', '127.8.9.10', '[::1]']) assert.ok(isLoopback(name), name);
  for (const name of [
    '0.0.0.0',
    '::1',
    'localhost.',
    'a.localhost',
    '128.0.0.1',
    '127.0.0.1.example.com',
    '[::]',
    '',
  ])
    assert.not.ok(isLoopback(name), name);
});
test('a server that listens on loopback is told from one that does not, with IPv6 as well', () => {
  for (const host of ['localhost', '127.0.0.1', '::1']) assert.ok(isLoopbackAddress(host), host);
  for (const host of ['0.0.0.0', '::', '::2', '192.0.2.1']) assert.not.ok(isLoopbackAddress(host), host);
});
test('keys come from an https URL without credentials and fragment, or from this machine', () => {
  for (const text of ['https://as.example/jwks?a=b', 'http://127.0.0.1:3000/jwks'])
    assert.is(secureUrl(text)?.href, text);
  for (const value of [
    'as.example/jwks',
    'http://as.example/jwks',
    'ftp://127.0.0.1/jwks',
    'https://me@as.example/jwks',
    'https://:secret@as.example/jwks',
    'https://as.example/jwks#a',
    ['https://as.example/jwks'],
    undefined,
  ])
    assert.is(secureUrl(value), undefined, JSON.stringify(value));
  assert.is(secureUrl('http://127.0.0.1:3000/jwks', false), undefined);
});

test.run();
