/** The target of a request: a path, or an absolute URL with the scheme in use. */
import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkHost, header, targetOf } from '../../src/wire/http/head.js';

const test = suite('http/head');

function target(url: string | undefined, isEncrypted = false): [host: string | undefined, path: string] {
  const socket = (isEncrypted ? { encrypted: true } : {}) as Socket;
  const { host, path } = targetOf({ headers: { host: 'header' }, socket, ...(url !== undefined && { url }) });
  return [host, path];
}

test('the path is the part before the query, and the host is the one in the header', () => {
  assert.equal(target('/mcp'), ['header', '/mcp']);
  assert.equal(target('/mcp?a=/b?c'), ['header', '/mcp']);
  assert.equal(target('/a/'), ['header', '/a/']);
  assert.equal(target(undefined), ['header', '/']);
});

test('the host of an absolute URL replaces the header, if its scheme is the one in use', () => {
  for (const [scheme, isEncrypted] of [
    ['http', false],
    ['HTTPS', true],
  ] as const) {
    const other = scheme === 'http' ? 'https' : 'http';
    for (const [url, host, path] of [
      [`${scheme}://target:1/mcp/x?a=b`, 'target:1', '/mcp/x'],
      [`${scheme}://target`, 'target', '/'],
      [`${scheme}://target/`, 'target', '/'],
      [`${scheme}://target?a=b`, 'target', '/'],
      [`${scheme}://target/mcp#a`, 'header', `${scheme}://target/mcp#a`],
      [`${scheme}://target#a`, 'header', `${scheme}://target#a`],
      [`${scheme}:///mcp`, 'header', `${scheme}:///mcp`],
      [`x${scheme}://target/mcp`, 'header', `x${scheme}://target/mcp`],
      [`${other}://target/mcp`, 'header', `${other}://target/mcp`],
    ] as const)
      assert.equal(target(url, isEncrypted), [host, path], url);
  }
});

test('the refusal of a host says which ones are served', () => {
  const fault = checkHost(['Host', ''], undefined, { hosts: [], origins: [] });
  assert.match(
    fault?.message ?? '',
    'the Host "" is not served; --allow-host adds a name to localhost, 127.0.0.1, [::1]',
  );
});

test('a header is one string, also where node makes a list of it', () => {
  const headers = { 'set-cookie': ['a=1', 'b=2'], accept: '*/*' };
  assert.equal(
    ['set-cookie', 'accept', 'origin'].map((name) => header({ headers }, name)),
    ['a=1, b=2', '*/*', undefined],
  );
});

test.run();
