/** What the tap says when the other side cannot be reached, is no MCP server, or never answers; and about a wrong command line. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from '../../src/app/commands/command.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { freePort } from '../support/free-port.js';
import { run } from '../support/process.js';
import { needing } from '../support/programs.js';
import { until, within } from '../support/until.js';
import { openTap } from './opened.js';
import { answer, rawServer } from './upstream.js';

const test = suite('tap/errors');
const certified = needing(test, 'tap/errors, certificates', 'openssl');

type Asked = { status: number; text: string; notes: string[] };

async function ask(target: URL, timeoutMs?: number): Promise<Asked> {
  const tap = await openTap(target, timeoutMs === undefined ? {} : { timeoutMs });
  try {
    const response = await fetch(tap.url, { method: 'POST', body: '{}' });
    return { status: response.status, text: await response.text(), notes: tap.notes };
  } finally {
    await tap.close();
  }
}

test('a server that nobody started', async () => {
  const { status, text, notes } = await ask(new URL(`http://127.0.0.1:${await freePort()}/mcp`));
  assert.is(status, 502);
  assert.match(text, /^barewire tap: http:\/\/127\.0\.0\.1:\d+: nothing listens there/);
  assert.match(notes[0] ?? '', 'nothing listens there');
});

test('a host that does not exist', async () => {
  const { status, text } = await ask(new URL('http://nobody.invalid/mcp'));
  assert.is(status, 502);
  assert.match(text, /nobody\.invalid/);
});

test('a server that never answers', async () => {
  const server = await rawServer(() => {});
  const { status, text } = await ask(server.url, 50);
  await server.close();
  assert.equal([status, text], [504, `barewire tap: ${server.url.origin} did not answer within 0.05 s\n`]);
});

test('a server that speaks something else', async () => {
  const server = await rawServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
  const { status, text } = await ask(server.url);
  await server.close();
  assert.is(status, 502);
  assert.match(text, 'the answer is not HTTP');
});

test('a status line with an escape sequence is not passed on, and the tap goes on', async () => {
  const server = await rawServer((socket) =>
    socket.end('HTTP/1.1 500 \x1b[31mBAD\r\nContent-Length: 0\r\n\r\n'),
  );
  const { status, text, notes } = await ask(server.url);
  await server.close();
  assert.is(status, 502);
  assert.match(text, 'Invalid character in statusMessage');
  for (const line of [text.trim(), ...notes]) assert.not.match(line, /\p{Cc}/u);
});

test('a server that switches to another protocol', async () => {
  const server = await rawServer((socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  const { status, text } = await within(ask(server.url), 'an answer');
  await server.close();
  assert.is(status, 502);
  assert.match(text, 'switches to another protocol');
});

test('a server that closes without an answer', async () => {
  const server = await rawServer((socket) => socket.end());
  const { status, text } = await ask(server.url);
  await server.close();
  assert.is(status, 502);
  assert.match(text, server.url.origin);
});

test('a page for browsers passes unchanged, and the person at the tap learns of it', async () => {
  const server = await rawServer((socket) =>
    socket.write(answer('<!doctype html>', ['Content-Type: text/html'], '404 Not Found')),
  );
  const { status, text, notes } = await ask(server.url);
  await server.close();
  assert.equal([status, text], [404, '<!doctype html>']);
  assert.match(notes[0] ?? '', 'is a page for browsers');
});

certified('a certificate that nobody trusts, until it is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'barewire-tap-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const flags = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const names = ['-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...flags.split(' '), ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createSecureServer(pair, (_, response) => response.end('over TLS'));
  const target = new URL(`https://localhost:${await listen(server, 0, '127.0.0.1')}/mcp`);
  const { status, text } = await ask(target);
  assert.is(status, 502);
  assert.match(text, /cannot trust the server: .*self-signed.*NODE_EXTRA_CA_CERTS/);

  const { child, seen, output, ended } = run(
    process.execPath,
    ['dist/server.js', 'tap', target.href, '--port', '0'],
    {
      NODE_EXTRA_CA_CERTS: cert,
    },
  );
  await seen('Ctrl-C ends it.');
  const [, address = ''] = /^ {2}(http:\S+\/mcp)$/m.exec(output()) ?? [];
  assert.is(await (await fetch(address)).text(), 'over TLS');
  child.kill('SIGTERM');
  assert.is((await within(ended, 'the end')).code, 0);
  await close(server, 0);
  rmSync(folder, { recursive: true });
});

async function command(...args: readonly string[]) {
  const lines: string[] = [];
  const errors: string[] = [];
  const interrupt = new AbortController();
  const ended = runCommand(
    ['tap', ...args],
    {},
    {
      print: (line) => void lines.push(line),
      complain: (line) => void errors.push(line),
      signal: interrupt.signal,
    },
  );
  return { lines, errors, ended, interrupt: () => interrupt.abort() };
}

test('the help has examples of both', async () => {
  const { ended, lines } = await command('--help');
  assert.is(await ended, 0);
  assert.match(lines.join('\n'), 'barewire tap http://localhost:3000/mcp');
  assert.match(lines.join('\n'), 'barewire tap --log tap.log -- npx');
  assert.ok(
    lines
      .join('\n')
      .split('\n')
      .every(({ length }) => length <= 100),
  );
});

const secret = join(mkdtempSync(join(tmpdir(), 'barewire-tap-')), 'token');
writeFileSync(secret, 'two words\n');
test.after(() => rmSync(join(secret, '..'), { recursive: true }));

const WRONG: [args: string[], expected: RegExp][] = [
  [[], /expected one URL, or -- and a command, received neither/],
  [['http://localhost/mcp', 'npx'], /received "http:\/\/localhost\/mcp" and "npx"/],
  [['ftp://localhost/mcp'], /expected a URL such as .*received "ftp:/],
  [['http://user:pass@localhost/mcp'], /expected a URL without user and password/],
  [
    ['http://localhost/mcp', '--port', '70000'],
    /--port: expected a number from 0 to 65535, received "70000"/,
  ],
  [['http://localhost/mcp', '--header', 'no colon'], /--header: expected 'Name: value'/],
  [['http://localhost/mcp', '--token-file', secret], /--token-file: expected one token/],
  [['http://localhost/mcp', '--token-file', `${secret}.none`], /--token-file: ENOENT/],
  [['http://localhost/mcp', '--log', 'x'], /unknown flag --log/],
  [['--'], /expected a command after --/],
  [['--port', '1', '--', 'node'], /unknown flag --port/],
];
for (const [args, expected] of WRONG) {
  test(`a wrong command line: tap ${args.map((word) => word.replace(secret, 'FILE')).join(' ')}`, async () => {
    const { ended, errors } = await command(...args);
    assert.is(await ended, 2);
    assert.match(errors.join(), expected);
    assert.not.match(errors.join(), /user:pass|two words/);
  });
}

test('a port that is in use', async () => {
  const server = await rawServer(() => {});
  const { ended, errors } = await command('http://localhost:1/mcp', '--port', server.url.port);
  assert.is(await ended, 2);
  assert.match(errors.join(), `port ${server.url.port} is in use; choose another with --port`);
  await server.close();
});

test('says where it is, what is wrong with the server, and ends when it is interrupted', async () => {
  const port = await freePort();
  const { ended, lines, interrupt } = await command(`http://127.0.0.1:${port}/mcp`, '--port', '0');
  await until(() => lines.some((line) => line.includes('The tap tries again with each request')));
  assert.match(lines.join('\n'), /^ {2}http:\/\/localhost:\d+\/mcp$/m);
  assert.match(lines.join('\n'), /^ {2}http:\/\/localhost:\d+\/trace\/\S+$/m);
  interrupt();
  assert.is(await ended, 0);
});

test.run();
