import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkHost, checkOrigin } from '../../src/wire/http/head.js';
import { closeAll, headerOf, legacy, raw, requestText, stand, statusOf } from './wire.js';

const test = suite('http/guard');
test.after(closeAll);
const guard = { hosts: ['mcp.example.com'], origins: ['https://app.example.com'] };

test('loopback names are served on any port, and so are the allowed names', () => {
  for (const host of [
    'localhost',
    'LocalHost:1',
    '127.0.0.1',
    '127.0.0.1:65535',
    '[::1]',
    '[::1]:3000',
    'mcp.example.com',
    'MCP.example.com:443',
  ])
    assert.is(checkHost(['Host', host ?? ''], host, guard), undefined, host);
});
test('a header is a Host header by its name, and not by the length of it', () => {
  assert.is(checkHost(['Date', 'today', 'hOsT', 'localhost', 'From', 'a'], 'localhost', guard), undefined);
  const two = checkHost(['Host', 'localhost', 'host', 'localhost'], 'localhost', guard);
  assert.is(two?.name, 'badHttp');
});
test('any other host is refused', () => {
  const others = [
    undefined,
    '',
    ' ',
    ':3000',
    'evil.test',
    'localhost.evil.test',
    'evil.test:80',
    'localhost.',
    'localhost:',
    'localhost:abc',
    'localhost:80:80',
    'localhost@evil.test',
    'evil@localhost',
    'localhost/evil.test',
    'evil.test:localhost',
    ']localhost',
    '127.0.0.1.evil.test',
    '127.1',
    '0.0.0.0',
    '::1',
    '[::1',
    '::1]',
    '[::2]',
    '[::1]evil.test',
    '[::1]:',
    '[::ffff:127.0.0.1]',
    '[]',
    'mcp.example.com.evil.test',
    'localhost,evil.test',
  ];
  for (const host of others)
    assert.is(checkHost(['Host', host ?? ''], host, guard)?.name, 'foreignHost', String(host));
});
test('a request of a loopback page or of an allowed Origin is served', () => {
  for (const origin of [
    'http://localhost',
    'https://localhost:8080',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'https://app.example.com',
  ])
    assert.is(checkOrigin(origin, guard), undefined, origin);
});
test('any other origin is refused', () => {
  const others = [
    '',
    'null',
    'http://evil.test',
    'https://app.example.com.evil.test',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com/',
    'http://localhost/',
    'http://localhost/x',
    'http://localhost.evil.test',
    'http://localhost@evil.test',
    'http://localhost:80@evil.test',
    'http://evil@localhost',
    'ftp://localhost',
    'file://',
    'localhost',
    '//localhost',
    'http://',
    'http://localhost:x',
    'chrome-extension://abc',
    'http://[::2]',
    'http://localhost, http://localhost',
    'http://0.0.0.0',
    'http://localhost?x',
    'http://localhost#x',
    'http://localhost\\.evil.test',
  ];
  for (const origin of others) assert.is(checkOrigin(origin, guard)?.name, 'foreignOrigin', origin);
});
test('a refusal names the received value and the setting that would allow it, and is an error without an id', async () => {
  const { port, errors } = await stand();
  const host = await raw(
    port,
    requestText({ headers: { host: 'evil.test', connection: 'close' }, body: legacy('ping') }),
  );
  assert.is(statusOf(host), 403);
  assert.match(
    host,
    /\{"jsonrpc":"2.0","error":\{"code":-32600,"message":"Forbidden host: the Host \\"evil.test\\".*--allow-host/,
  );
  const origin = await raw(
    port,
    requestText({ headers: { origin: 'http://evil.test', connection: 'close' }, body: legacy('ping') }),
  );
  assert.is(statusOf(origin), 403);
  assert.match(origin, /Forbidden origin: the Origin \\"http:\/\/evil.test\\".*--allow-origin/);
  assert.is(headerOf(origin, 'access-control-allow-origin'), undefined);
  assert.equal(errors, []);
});
test('the guard comes before path and method; only the health probes are open to any name', async () => {
  const { port } = await stand();
  for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
    for (const target of ['/mcp', '/other']) {
      const text = requestText({ method, headers: { origin: 'null', connection: 'close' } }, target);
      assert.is(statusOf(await raw(port, text)), 403, `${method} ${target}`);
    }
  }
  for (const target of ['/healthz', '/readyz']) {
    const text = requestText(
      { method: 'GET', headers: { host: '10.1.2.3:8080', connection: 'close' } },
      target,
    );
    assert.is(statusOf(await raw(port, text)), 200, target);
  }
});
test('a request without a Host, or with two, is refused with a message', async () => {
  const { port } = await stand();
  const body = legacy('ping');
  const rest = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
  for (const [head, received] of [
    ['POST /mcp HTTP/1.1\r\n', 0],
    ['POST /mcp HTTP/1.0\r\n', 0],
    ['POST /mcp HTTP/1.1\r\nhost: localhost\r\nhost: evil.test\r\n', 2],
  ] as const) {
    const answer = await raw(port, head + rest);
    assert.is(statusOf(answer), 400, head);
    assert.match(answer, `expected one Host header, received ${received}`);
  }
});

test.run();
