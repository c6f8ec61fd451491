/** What a person reads when the other side is no MCP server, or cannot be reached: what happened, and what to do. */
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../src/cli/call/failures.js';
import type { CallSettings } from '../../src/cli/call/settings.js';
import { ClientError } from '../../src/client/index.js';
import { plain } from '../../src/lesson/look.js';
import { freePort } from '../support/free-port.js';
import { barewire, type Outcome } from './caller.js';

const test = suite('call/failures');
const look = { width: 100, paint: plain };
const open = new Set<Server>();
test.after(() => {
  for (const server of open) {
    server.close();
    if ('closeAllConnections' in server) (server as HttpServer).closeAllConnections();
  }
});

/** The address of a server that answers like this, or of one that is no HTTP. */
async function at(server: Server): Promise<string> {
  open.add(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return `localhost:${typeof address === 'object' ? address?.port : ''}`;
}

const web = (listener: RequestListener): Promise<string> =>
  at(createServer({ keepAliveTimeout: 1 }, listener));

async function failed(
  address: string,
  settings: Partial<CallSettings> = {},
): Promise<Outcome & { first: string }> {
  const outcome = await barewire(`list ${address}`, settings);
  return { ...outcome, first: outcome.err.split('\n')[0] ?? '' };
}

/** Code 3, nothing on stdout, and these words on stderr. */
function refused({ code, out, err }: Outcome, ...words: RegExp[]): void {
  assert.equal([code, out], [3, ''], err);
  for (const word of words) assert.match(err, word);
}

test('a page for browsers', async () => {
  const address = await web((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Hello</title>');
  });
  refused(
    await failed(address),
    /page for browsers/,
    /\n {2}The endpoint of an MCP server often ends with \/mcp\.\n$/,
  );
});

test('nothing at this path', async () => {
  const address = await web((_, response) => response.writeHead(404).end('no such page'));
  refused(await failed(address), /answered 404 Not Found/, /often ends with \/mcp\.\n$/);
});

test('a redirect, which is named and not followed', async () => {
  const address = await web((request, response) => {
    response.writeHead(308, { location: `http://other.example${request.url}` }).end();
  });
  refused(await failed(`${address}/mcp`), /http:\/\/other\.example\/mcp/, /\n {2}Redirects are not followed/);
});

test('nothing listens there', async () => {
  refused(
    await failed(`localhost:${await freePort()}`),
    /refused/,
    /\n {2}Check the port, and whether the server runs\.\n$/,
  );
});

test('a host name that does not exist', async () => {
  refused(await failed('https://no-such-host.invalid/mcp'), /no-such-host\.invalid/);
});

test('a server that never answers', async () => {
  const address = await web(() => {});
  refused(await failed(address, { timeoutMs: 50 }), /0\.05 s/, /\n {2}--timeout SECONDS waits longer\.\n$/);
});

test('JSON that is not MCP', async () => {
  const address = await web((_, response) => {
    response.setHeader('content-type', 'application/json').end('{"hello":"world"}');
  });
  refused(await failed(address), /\n {2}--show prints what the server sent\.\n$/);
});

test('a server that does not speak HTTP, and --show prints its bytes', async () => {
  const address = await at(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
  const { first, ...outcome } = await failed(address, { show: true });
  refused(outcome, /\n< SSH-2\.0-OpenSSH_9\.2/, /not HTTP/);
});

test('https:// for a server without TLS', async () => {
  const address = await web((_, response) => response.end());
  refused(await failed(`https://${address}`), /TLS/);
});

test('a token that is refused, depending on who gave it', async () => {
  const address = await web((_, response) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end());
  const tokens = { token: async () => 'given', answer: async () => undefined };
  refused(
    await failed(address, { tokens, givenToken: true }),
    /401 Unauthorized/,
    /\n {2}The token that you gave is not accepted here\./,
  );
  refused(await failed(address), /401 Unauthorized/, /\n {2}A token from elsewhere: BAREWIRE_TOKEN/);
});

test('a legacy error that names pages to open first', async () => {
  const elicitations = [
    { mode: 'url', elicitationId: 'e', url: 'https://pay.example/form', message: 'Pay first' },
  ];
  const error = new ClientError('rpc', 'a page comes first', { code: 1, data: { elicitations } });
  const { code, lines } = failureOf(error, { interrupted: false, givenToken: false, look });
  assert.is(code, 3);
  assert.equal(lines.slice(-2), [
    '  Open what the server names, then call again:',
    '    https://pay.example/form  Pay first',
  ]);
});

test('a result that does not match its own schema is printed all the same', async () => {
  const tool = {
    name: 't',
    inputSchema: { type: 'object' },
    outputSchema: { type: 'object', required: ['a'] },
  };
  const results: { [method: string]: object } = {
    'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
    'tools/list': { tools: [tool], ttlMs: 0, cacheScope: 'private' },
    'tools/call': { content: [{ type: 'text', text: 'hello' }], structuredContent: { b: 1 } },
  };
  const address = await web(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { id, method } = JSON.parse(body);
    const result = { resultType: 'complete', ...results[method] };
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  const { code, out, err } = await barewire(`call ${address} t`);
  assert.equal([code, out], [3, 'hello\n{"b":1}']);
  assert.match(err, /schema/);
});

test('the words of a server cannot move the cursor', async () => {
  const address = await web((_, response) => response.writeHead(500).end('red \u001b[31m\u202e'));
  const { err } = await failed(address);
  assert.match(err, /: red .*\[U\+202E\]/);
  assert.not.ok(err.includes('\u001b') || err.includes('\u202e'), JSON.stringify(err));
});

test('a program that cannot be started, and one that ends at once', async () => {
  refused(await barewire('list -- no-such-program-anywhere'), /no-such-program-anywhere/);
  const ended = await barewire([
    'list',
    '--',
    process.execPath,
    '-e',
    'console.error("no settings"); process.exit(7)',
  ]);
  refused(ended, /^stderr: no settings\n/);
});

test('an interrupt while nothing answers', async () => {
  const interrupt = new AbortController();
  const address = await web(() => interrupt.abort());
  const { code, err } = await barewire(`list ${address}`, {}, { signal: interrupt.signal });
  assert.equal([code, err], [130, 'cancelled\n']);
});

test.run();
