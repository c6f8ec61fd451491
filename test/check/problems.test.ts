/** What a person reads when the other side cannot be checked: one clear sentence, and never a wait without end. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createPlain, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needing } from '../support/programs.js';
import { checked } from './checked.js';
import { type Answer, json, modern, startSmall } from './small.js';

const test = suite('check/problems');
const TIMEOUT_MS = 500;

async function problemOf(url: URL): Promise<string> {
  return checked(url, { timeoutMs: TIMEOUT_MS }).then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const answers: [name: string, answer: Answer, expected: RegExp][] = [
  [
    'an HTML page',
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><title>Hello</title></html>' },
    /answered 200 with an HTML page \("Hello"\)/,
  ],
  [
    'a redirect',
    { status: 307, headers: { location: '/other/mcp' } },
    /redirects to http:\/\/127\.0\.0\.1:\d+\/other\/mcp; check that address instead/,
  ],
  [
    'a proxy that wants a password',
    { status: 407 },
    /a proxy between here and the server asks for a password/,
  ],
  ['nothing', { status: 404 }, /answered 404 with an empty body/],
  ['text', { status: 400, body: 'go away' }, /a body that is not JSON-RPC: "go away"/],
  ['other JSON', json(200, { hello: 'world' }), /JSON that is not JSON-RPC 2\.0/],
];
for (const [name, answer, expected] of answers)
  test(`${name} is not an MCP server`, async () => {
    const server = await startSmall(() => answer);
    const problem = await problemOf(server.url);
    await server.close();
    assert.match(problem, expected);
  });

test("a server's description of itself is one short line without control characters", async () => {
  const text = `\u001b[2J\u202e\r\nbarewire check: all is well${'m'.repeat(100_000)}`;
  const server = await startSmall(() =>
    json(200, { jsonrpc: '2.0', id: 1, error: { code: 1, message: text } }),
  );
  const problem = await problemOf(server.url);
  await server.close();
  assert.match(problem, /error 1: \\x1b\[2J\\u\{202e\}\\x0d\\x0abarewire/);
  assert.not.match(problem, /\p{C}/u);
  assert.ok(problem.length < 2_000);
});

test('nothing listens there', async () => {
  assert.match(
    await problemOf(new URL('http://127.0.0.1:9/mcp')),
    /^http:\/\/127\.0\.0\.1:9: nothing listens there/,
  );
});

const bytes: [name: string, say: (socket: Socket) => void, expected: RegExp][] = [
  ['never answers', () => {}, /sent no answer within 0\.5 s; --timeout/],
  ['closes the connection', (socket) => socket.destroy(), /closed the connection/],
  [
    'sends interim responses without end',
    (socket) => {
      const many = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20_000);
      socket.write(many);
    },
    /sent no answer within 0\.5 s/,
  ],
  ['speaks another protocol', (socket) => socket.end('220 mail ready\r\n\r\n'), /does not speak HTTP\/1\.1/],
];
for (const [name, say, expected] of bytes)
  test(`a server that ${name}`, async () => {
    const sockets = new Set<Socket>();
    const server = createPlain((socket) => {
      sockets.add(socket);
      socket.once('data', () => say(socket)).on('error', () => socket.destroy());
    });
    const problem = await problemOf(new URL(`http://127.0.0.1:${await listening(server)}/mcp`));
    for (const socket of sockets) socket.destroy();
    server.close();
    assert.match(problem, expected);
  });

test('a server without TLS at an https address', async () => {
  const server = await startSmall(modern);
  const url = new URL(server.url);
  url.protocol = 'https:';
  const problem = await problemOf(url);
  await server.close();
  assert.match(problem, /does not speak TLS there; try http:\/\//);
});

needing(
  test,
  'a certificate that nobody vouches for',
  'openssl',
)('a certificate that nobody vouches for is refused, and the message says how to accept it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-days', '1', '-nodes', '-newkey', 'rsa:2048'];
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = createTls({ key: readFileSync(key), cert: readFileSync(cert) });
  server.on('tlsClientError', () => {});
  const problem = await problemOf(new URL(`https://127.0.0.1:${await listening(server)}/mcp`));
  server.close();
  rmSync(folder, { recursive: true });
  assert.match(problem, /^https:\/\/127\.0\.0\.1:\d+: cannot trust the server: .*NODE_EXTRA_CA_CERTS/);
});

test.run();
