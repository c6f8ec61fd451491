/** What passes through the tap is what the two sides sent: heads, streams, ends, and pressure to stop. */
import { createServer } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import { dial, raw } from '../http/wire.js';
import { until } from '../support/until.js';
import { openTap, type Tap, type TapOptions } from './opened.js';
import { answer, type Raw, rawServer } from './upstream.js';

const test = suite('tap/proxy');

/** Runs with a server and a tap in front of it. */
async function between(
  onHead: Parameters<typeof rawServer>[0],
  use: (made: { tap: Tap; server: Raw; port: number }) => Promise<void>,
  options: TapOptions = {},
): Promise<void> {
  const server = await rawServer(onHead);
  const tap = await openTap(server.url, options);
  try {
    await use({ tap, server, port: Number(tap.url.port) });
  } finally {
    await tap.close();
    await server.close();
  }
}

const REQUEST = ['POST /mcp HTTP/1.1', 'hOSt: localhost', 'X-Second: 2', 'x-FIRST: 1', 'X-Second: 3'];

test('a request keeps the order and the spelling of its headers, and names the server as host', async () => {
  await between(
    (socket) => socket.write(answer('{}')),
    async ({ server, port }) => {
      const head = [
        ...REQUEST,
        'Connection: close, X-Mine',
        'X-Mine: gone',
        'TE: trailers',
        'Content-Length: 2',
      ];
      await raw(port, `${head.join('\r\n')}\r\n\r\n{}`);
      const [sent = '', body] = server.received().split('\r\n\r\n');
      assert.equal(sent.split('\r\n'), [
        'POST /mcp HTTP/1.1',
        `hOSt: ${server.url.host}`,
        'X-Second: 2',
        'x-FIRST: 1',
        'X-Second: 3',
        'Content-Length: 2',
        'Connection: keep-alive',
      ]);
      assert.is(body, '{}');
    },
  );
});

test('a response keeps its status, the order and the spelling of its headers, and its body', async () => {
  const headers = ['sERVER: odd', 'Set-Cookie: a=1', 'X-B: 1', 'Set-Cookie: b=2', 'Keep-Alive: timeout=1'];
  await between(
    (socket) => socket.write(answer('no \u00fc', headers, '418 Short and stout')),
    async ({ port }) => {
      const came = await raw(port, 'GET /x?y=%20 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      assert.is(
        Buffer.from(came, 'latin1').toString(),
        [
          'HTTP/1.1 418 Short and stout',
          ...headers.slice(0, -1),
          'Content-Length: 5',
          'Connection: close',
          '',
          'no \u00fc',
        ].join('\r\n'),
      );
    },
  );
});

test('an event leaves at once, and a stream ends for both sides when one of them leaves', async () => {
  await between(
    (socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
      ),
    async ({ server, port }) => {
      const client = dial(port).send('GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await client.until((text) => text.includes('\r\n\r\n'));
      const [socket] = server.sockets;
      socket?.write('9\r\ndata: 1\n\n\r\n');
      await client.until((text) => text.endsWith('9\r\ndata: 1\n\n\r\n'));
      client.socket.destroy();
      await until(() => socket?.destroyed === true, 'the server sees that the client has left');

      const second = dial(port).send('GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await second.until((text) => text.includes('\r\n\r\n'));
      server.sockets[1]?.destroy();
      // Without the chunk that ends a body.
      assert.not.match(await second.toEnd(), '0\r\n\r\n');
    },
  );
});

test('a client that does not read stops the server from sending', async () => {
  const total = 64 * 1024 * 1024;
  let sent = 0;
  const origin = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': total });
    const chunk = Buffer.alloc(64 * 1024);
    const more = (): void => {
      while (sent < total) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  const port = await listen(origin, 0, '127.0.0.1');
  const tap = await openTap(new URL(`http://localhost:${port}/mcp`));
  const client = dial(Number(tap.url.port));
  client.socket.pause();
  client.send('GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  let last = -1;
  await until(() => {
    const stands = sent > 0 && sent === last;
    last = sent;
    return stands;
  }, 'the server waits');
  assert.ok(sent < total, `${sent} bytes were sent`);
  client.socket.resume();
  const whole = await client.toEnd();
  assert.is(whole.length - whole.indexOf('\r\n\r\n') - 4, total);
  await tap.close();
  await close(origin, 0);
});

test('the query of the endpoint is added, and redirects within the server stay on the tap', async () => {
  const server = await rawServer((socket) =>
    socket.write(
      answer('', [`Location: http://${socket.localAddress}:${socket.localPort}/other`], '307 Elsewhere'),
    ),
  );
  const target = new URL(server.url);
  target.search = '?key=abc';
  const tap = await openTap(target);
  assert.is(tap.url.search, '');
  const came = await raw(
    Number(tap.url.port),
    `GET /mcp HTTP/1.1\r\nHost: ${tap.url.host}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(server.received(), /^GET \/mcp\?key=abc HTTP/);
  assert.match(came, `Location: ${tap.url.origin}/other`);
  await tap.close();
  await server.close();
});

test('headers of the tap replace those of the client, and then only this machine may use it', async () => {
  const extraHeaders = [['Authorization', 'Bearer secret']] as const;
  await between(
    (socket) => socket.write(answer('{}')),
    async ({ server, port }) => {
      const head =
        'GET /mcp HTTP/1.1\r\nHost: localhost\r\nauthorization: Bearer other\r\nConnection: close\r\n';
      await raw(port, `${head}Origin: http://localhost:6274\r\n\r\n`);
      assert.match(server.received(), /\r\nAuthorization: Bearer secret\r\n/);
      assert.not.match(server.received(), 'other');
      const refused = await raw(port, `${head}Origin: https://evil.example\r\n\r\n`);
      assert.match(refused, /^HTTP\/1\.1 403 .*expected an Origin of this machine/s);
      assert.is(server.sockets.length, 1);
    },
    { extraHeaders },
  );
});

test('a web page cannot reach the server by a name of its own', async () => {
  await between(
    (socket) => socket.write(answer('{}')),
    async ({ server, port }) => {
      const came = await raw(port, 'GET /mcp HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n');
      assert.match(came, /^HTTP\/1\.1 403 .*expected a Host of this machine.*rebound\.example/s);
      assert.equal(server.sockets, []);
    },
  );
});

test('a client that waits for 100 Continue gets it from the server', async () => {
  await between(
    (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
    async ({ server, port }) => {
      const client = dial(port).send(
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n',
      );
      await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
      client.send('{}');
      await until(() => server.received().endsWith('\r\n\r\n{}'));
      server.sockets[0]?.write(answer('done'));
      assert.match(await client.toEnd(), /HTTP\/1\.1 200 OK.*done$/s);
    },
  );
});

test.run();
