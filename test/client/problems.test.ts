/** Each failure of a connection, and each answer that is not MCP, has a sentence of its own. */
import type { IncomingHttpHeaders } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answerProblem, connectionProblem } from '../../src/client/problems.js';

const test = suite('client/problems');

const url = new URL('https://mcp.example/mcp');
const failed = (code: string, message = code) => Object.assign(new Error(message), { code });

test('a failed connection says what failed', () => {
  const rows: [code: string, kind: string, reason: string][] = [
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'its certificate is self-signed; to trust it, name its authority'],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'tls',
      'its certificate comes from no issuer that this machine trusts; to trust',
    ],
    ['CERT_HAS_EXPIRED', 'tls', 'its certificate has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'its certificate is for another name'],
    ['EPROTO', 'tls', 'TLS failed: EPROTO'],
    ['ENOTFOUND', 'dns', 'no such host: mcp.example'],
    ['EAI_AGAIN', 'dns', 'mcp.example cannot be looked up now'],
    ['ECONNREFUSED', 'unreachable', 'nothing listens there'],
    ['ETIMEDOUT', 'unreachable', 'did not accept the connection in time'],
    ['ENETUNREACH', 'unreachable', 'no route leads there'],
    ['HPE_HEADER_OVERFLOW', 'too-large', 'the header of the answer'],
    ['HPE_INVALID_CONSTANT', 'protocol', 'the answer is not HTTP'],
    ['ECONNRESET', 'closed', 'closed the connection'],
    ['EOTHER', 'closed', 'the connection failed: EOTHER'],
  ];
  for (const [code, kind, reason] of rows) {
    const found = connectionProblem(failed(code), url);
    assert.is(found.kind, kind, code);
    assert.match(found.reason, reason);
  }
  assert.not.match(connectionProblem(failed('CERT_HAS_EXPIRED'), url).reason, 'NODE_EXTRA_CA_CERTS');
});

test('the other protocol is suggested, and a proxy where a direct connection fails', () => {
  const plain = connectionProblem(failed('EPROTO', 'ssl3_get_record:wrong version number'), url);
  assert.match(plain.reason, 'try http:// instead of https://');
  const secure = connectionProblem(failed('HPE_INVALID_CONSTANT'), new URL('http://mcp.example/'));
  assert.match(secure.reason, 'the server may want https://');
  assert.match(
    connectionProblem(failed('ENOTFOUND'), url, 'http://proxy:8080').reason,
    'uses the proxy http://proxy:8080',
  );
  assert.not.match(connectionProblem(failed('CERT_HAS_EXPIRED'), url, 'http://proxy:8080').reason, 'proxy');
});

test('an answer that is not MCP says what it is', () => {
  const rows: [status: number, headers: IncomingHttpHeaders, body: string, kind: string, reason: string][] = [
    [301, { location: 'https://other.example/mcp' }, '', 'redirect', 'leads to https://other.example/mcp'],
    [307, { location: '/sse' }, '', 'redirect', 'leads to https://mcp.example/sse'],
    [302, { location: 'http://[' }, '', 'redirect', 'leads to http://['],
    [302, {}, '', 'redirect', 'without saying where to go'],
    [407, {}, '', 'proxy', 'a proxy on the way'],
    [404, { 'content-type': 'text/html; charset=utf-8' }, 'x', 'html', 'a page for browsers'],
    [200, {}, '  <HTML>', 'html', 'a page for browsers'],
    [404, {}, 'no  such\npage', 'http', 'answered 404 Not Found: no such page'],
    [502, {}, '', 'http', 'https://mcp.example/mcp answered 502 Bad Gateway'],
    [
      200,
      { 'content-type': 'text/plain' },
      'hello',
      'protocol',
      'with text/plain; expected application/json',
    ],
    [202, {}, '', 'protocol', '202 Accepted with nothing'],
  ];
  for (const [status, headers, body, kind, reason] of rows) {
    const found = answerProblem(url, status, headers, body);
    assert.is(found.kind, kind);
    assert.match(found.reason, reason);
  }
  assert.is(answerProblem(url, 500, {}, 'x'.repeat(10_000)).reason.length < 300, true);
  assert.is(answerProblem(url, 307, { location: '/sse' }, '').location, 'https://mcp.example/sse');
});

test.run();
