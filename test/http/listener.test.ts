import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close as closeListener, createListener, listen, originOf } from '../../src/wire/http/listener.js';
import { toolOf } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { until } from '../support/until.js';
import {
  closeAll,
  dial,
  hasRead,
  headerOf,
  held,
  legacy,
  modernCall,
  raw,
  requestText,
  stand,
  statusOf,
} from './wire.js';

const test = suite('http/listener');
test.after(closeAll);
const close = { connection: 'close' };

test('another version of HTTP is refused with 505, and a request line with more than one space with 400', async () => {
  const { port, errors } = await stand();
  const rest = '\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n';
  for (const [line, status, why] of [
    ['POST /mcp HTTP/2.0', 505, 'this server speaks HTTP/1.1'],
    ['POST /mcp HTTP/3.0', 505, 'this server speaks HTTP/1.1'],
    ['POST /mcp HTTP/0.9', 505, 'this server speaks HTTP/1.1'],
    ['POST /mcp', 505, 'this server speaks HTTP/1.1'],
    ['POST /mcp HTTP/1.2', 505, 'this server speaks HTTP/1.1'],
    ['GET /mcp HTTP/9.9', 505, 'this server speaks HTTP/1.1'],
    ['PRI * HTTP/2.0', 400, 'this is not HTTP/1.1 (HPE_'],
    ['POST /mcp HTTP/1.x', 400, 'this is not HTTP/1.1 (HPE_'],
    ['POST  /mcp HTTP/1.1', 400, 'the parts of the request line have one space between them'],
    ['POST /mcp  HTTP/1.1', 400, 'the parts of the request line have one space between them'],
    ['GET   /healthz HTTP/1.1', 400, 'the parts of the request line have one space between them'],
    ['GET   /healthz   HTTP/1.1', 400, 'the parts of the request line have one space between them'],
    [
      'GET  http://localhost/healthz?a=%20 HTTP/1.1',
      400,
      'the parts of the request line have one space between them',
    ],
  ] as const) {
    const text = await raw(port, `${line}${rest}`);
    assert.equal([statusOf(text), headerOf(text, 'connection')], [status, 'close'], line);
    assert.is(headerOf(text, 'x-content-type-options'), 'nosniff');
    assert.match(text, why);
    assert.is(text.match(/^HTTP\/1\.1 /gm)?.length, 1, 'nothing after it is read');
  }
  const preface = await raw(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.is(statusOf(preface), 505);
  assert.equal(errors, []);
});
test('a request line that arrives in pieces, or behind another one, is read as usual', async () => {
  const { port } = await stand();
  const line = 'GET /healthz?q=a HTTP/1.1';
  // Without a space, the head has another length than usual.
  const rest = '\r\nhost:localhost\r\n\r\n';
  for (let at = 1; at < line.length; at += 3) {
    const wire = dial(port).send(line.slice(0, at));
    await hasRead(port);
    wire.send(`${line.slice(at)}${rest}`);
    assert.is(statusOf(await wire.until((text) => text.includes('\r\n\r\n'))), 200, `${at}`);
    wire.socket.destroy();
  }
  const two = dial(port).send(`${line}${rest}GET  /readyz HTTP/1.1${rest}`);
  const text = await two.until((received) => received.includes('400 Bad Request'));
  assert.match(text, /^HTTP\/1\.1 200 OK/);
  two.socket.destroy();
  const old = await raw(port, `GET /healthz HTTP/1.0${rest}`);
  assert.is(statusOf(old), 200);
});
test('a body may hold what looks like a request line with more than one space', async () => {
  const { port } = await stand();
  const head = requestText({ headers: { ...close, 'content-length': '', 'transfer-encoding': 'chunked' } });
  const line = 'POST  /mcp  HTTP/1.1';
  const [before = '', after = ''] = legacy('ping', { _meta: { line } }).split(line);
  const chunks = [before, `${line}${after}`].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  assert.is(statusOf(await raw(port, `${head}${chunks.join('')}0\r\n\r\n`)), 200);
});
test('every answer forbids browsers to guess another type from its text', async () => {
  const { port } = await stand();
  const headers = { connection: 'close' };
  const sse = { ...headers, accept: 'text/event-stream' };
  const page = { ...headers, origin: 'http://localhost:1' };
  for (const [status, request, path] of [
    [200, { headers, body: legacy('ping') }],
    [200, { headers: sse, body: legacy('ping') }],
    [202, { headers, body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/x' }) }],
    [400, { headers, body: '{' }],
    [204, { method: 'OPTIONS', headers: page }],
    [204, { method: 'OPTIONS', headers }],
    [405, { method: 'PUT', headers }],
    [406, { headers: { ...headers, accept: 'text/html' }, body: legacy('ping') }],
    [403, { headers: { ...headers, origin: 'http://evil.test' }, body: legacy('ping') }],
    [200, { method: 'GET', headers }, '/healthz'],
    [200, { method: 'GET', headers }, '/readyz'],
    [404, { method: 'GET', headers }, '/nowhere'],
  ] as const) {
    const text = await raw(port, requestText(request, path));
    assert.equal([statusOf(text), headerOf(text, 'x-content-type-options')], [status, 'nosniff'], path);
  }
});

test('GET, DELETE, PUT and HEAD are told what the endpoint accepts', async () => {
  const { port } = await stand();
  for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'TRACE']) {
    const text = await raw(port, requestText({ method, headers: { ...close, 'content-length': '' } }));
    assert.equal([statusOf(text), headerOf(text, 'allow')], [405, 'POST, OPTIONS'], method);
    assert.is(text.endsWith('}'), method !== 'HEAD', method);
  }
});
test('only the endpoint and the probes exist, case and slashes included', async () => {
  const { port } = await stand();
  for (const target of ['/', '/MCP', '/mcp/', '//mcp', '/mcp%2f', '/mcp/../mcp', '/other', '/mcp;x', '*']) {
    const text = await raw(port, requestText({ headers: close, body: legacy('ping') }, target));
    assert.is(statusOf(text), 404, target);
    assert.match(text, 'the MCP endpoint is /mcp');
  }
  assert.is(
    statusOf(await raw(port, requestText({ headers: close, body: legacy('ping') }, '/mcp?a=b'))),
    200,
  );
  const healthy = await raw(port, requestText({ method: 'GET', headers: close }, '/healthz'));
  assert.equal([statusOf(healthy), healthy.split('\r\n\r\n')[1]], [200, '{"status":"ok"}']);
});
test('an absolute URL as the target is served, and its host replaces the header', async () => {
  const { port } = await stand();
  const ask = async (target: string, host = 'localhost'): Promise<number> =>
    statusOf(await raw(port, requestText({ headers: { ...close, host }, body: legacy('ping') }, target)));
  assert.is(await ask(`http://localhost:${port}/mcp`), 200);
  assert.is(await ask('HTTP://127.0.0.1/mcp?a=b', 'evil.test'), 200);
  assert.is(await ask('http://evil.test/mcp'), 403);
  assert.is(await ask('http://localhost@evil.test/mcp'), 403);
  for (const target of [
    'http://localhost',
    'http://localhost/',
    'http://localhost/other',
    'https://localhost/mcp',
  ])
    assert.is(await ask(target), 404, target);
});
test('readyz follows the readiness of the endpoint', async () => {
  let reason: string | undefined = 'no database';
  const { port } = await stand({
    ready: async () => {
      if (reason !== undefined) throw new Error(reason);
    },
  });
  const ask = (): Promise<string> => raw(port, requestText({ method: 'GET', headers: close }, '/readyz'));
  assert.is(statusOf(await ask()), 503);
  reason = undefined;
  assert.is(statusOf(await ask()), 200);
});
test('a head over its bound gets 431', async () => {
  const { port } = await stand({ bounds: { headerBytes: 2_000 } });
  const text = await raw(
    port,
    requestText({ headers: { ...close, 'x-long': 'x'.repeat(2_000) }, body: legacy('ping') }),
  );
  assert.is(statusOf(text), 431);
  assert.match(text, 'request line and headers are too long');
  assert.is(
    statusOf(
      await raw(
        port,
        requestText({ headers: { ...close, 'x-long': 'x'.repeat(1_000) }, body: legacy('ping') }),
      ),
    ),
    200,
  );
});
test('a request that is not HTTP/1.1 gets 400 as a JSON-RPC error, and the connection ends', async () => {
  const { port } = await stand();
  const wrong = [
    'nonsense\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    requestText({ headers: { 'content-length': 'x' } }),
    requestText({ headers: { 'content-length': '-1' } }),
    requestText({ headers: { 'content-length': '5', 'transfer-encoding': 'chunked' } }),
    requestText({ headers: { 'x-a': 'b\0c' } }),
    requestText({ headers: { 'transfer-encoding': 'chunked', 'content-length': '' }, body: 'zz\r\n' }),
  ];
  for (const text of wrong) {
    const answer = await raw(port, text);
    assert.equal([statusOf(answer), headerOf(answer, 'connection')], [400, 'close'], JSON.stringify(text));
    assert.is(headerOf(answer, 'content-type'), 'application/json');
    const body = answer.split('\r\n\r\n')[1] ?? '';
    assert.is(headerOf(answer, 'content-length'), String(body.length));
    assert.match(body, /^\{"jsonrpc":"2.0","error":\{"code":-32600,"message":"Bad request: [^"]*"\}\}$/);
  }
});
test('nonsense behind a call whose answer has begun ends the connection, and writes nothing into the answer', async () => {
  const { tool, started } = held();
  const { port } = await stand({ tools: [tool] });
  const { headers, body } = modernCall('held');
  const wire = dial(port).send(requestText({ headers: { ...headers, accept: 'text/event-stream' }, body }));
  const signal = await started;
  await wire.until((text) => text.includes('\r\n\r\n'));
  const text = await wire.send('nonsense\r\n\r\n').toEnd();
  assert.is(text.split('\r\n\r\n')[1], '');
  await until(() => signal.aborted);
  wire.socket.destroy();
});
test('a client that sends nonsense and never closes is not waited for', async () => {
  const { port } = await stand();
  const wire = dial(port).send('nonsense\r\n\r\n');
  let code: string | undefined;
  wire.socket.once('error', (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  assert.is(statusOf(await wire.toEnd()), 400);
  await until(() => {
    if (code === undefined) wire.send('more');
    return code !== undefined;
  }, 'its connection is cut');
  assert.match(code ?? 'still open', /ECONNRESET|EPIPE/);
  wire.socket.destroy();
});
test('a client that sends nonsense, and then nothing, has a second to close its connection', () =>
  inHeldTime(async (time) => {
    const server = createListener(() => {}, { headerBytes: 16_384, requestMs: 60_000 });
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const wire = dial(await listen(server, 0, '127.0.0.1')).send('nonsense\r\n\r\n');
    assert.is(statusOf(await wire.toEnd()), 400);
    await time.pass(999);
    assert.is(sockets[0]?.destroyed, false);
    await time.pass(1);
    assert.is(sockets[0]?.destroyed, true);
    wire.socket.destroy();
    await closeListener(server, 0);
  }));
test('a connection is used again after a refusal whose body was read', async () => {
  const { port } = await stand();
  const wire = dial(port);
  const sent = [
    requestText({ body: '{' }),
    requestText({ body: '[]' }),
    requestText({ method: 'GET', headers: { 'content-length': '' } }),
    requestText({ body: '' }, '/other'),
    requestText({ body: legacy('nope') }),
    requestText({ body: legacy('ping') }),
  ];
  for (const [index, text] of sent.entries())
    await wire.send(text).until((all) => all.split('HTTP/1.1 ').length === index + 2 && all.endsWith('}'));
  const statuses = [...wire.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
  assert.equal(statuses, [400, 400, 405, 404, 200, 200]);
  assert.not.match(wire.text.toLowerCase(), 'connection: close');
  wire.socket.destroy();
});
test('pipelined requests are answered in their order', async () => {
  const { port } = await stand();
  const ids = [1, 2, 3, 4, 5];
  const wire = dial(port).send(ids.map((id) => requestText({ body: legacy('ping', {}, id) })).join(''));
  const text = await wire.until((all) => all.includes('"id":5'));
  assert.equal(
    [...text.matchAll(/"id":(\d)/g)].map(([, id]) => Number(id)),
    ids,
  );
  wire.socket.destroy();
});
test('a request that hides behind an unread body is never answered', async () => {
  const { port } = await stand();
  const hidden = requestText({ body: legacy('ping', {}, 'hidden') });
  for (const headers of [
    { 'content-type': 'text/plain' },
    { origin: 'http://evil.test' },
    { accept: 'text/html' },
  ]) {
    const request = requestText({ headers, body: hidden });
    const wire = dial(port).send(request.slice(0, -1));
    await wire.until((text) => text.includes('\r\n\r\n{'));
    const text = await wire.send(request.slice(-1) + hidden).toEnd();
    assert.is(text.split('HTTP/1.1 ').length, 2, text);
    assert.match(text, /^connection: close/im);
    assert.not.match(text, 'hidden');
  }
});
test('the request behind a refused one is answered when all of the refused one has arrived', async () => {
  const { port } = await stand();
  const refused = requestText({
    headers: { accept: 'text/html', connection: 'keep-alive' },
    body: legacy('ping'),
  });
  const next = requestText({ headers: { connection: 'close' }, body: legacy('ping', {}, 'next') });
  const text = await raw(port, refused + next);
  assert.equal(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 406', 'HTTP/1.1 200']);
  assert.match(text, '"next"');
});
test('a request is not handled when nonsense that came with it has ended the connection', async () => {
  let calls = 0;
  const handler = () => {
    calls += 1;
    return { content: [] };
  };
  const { port } = await stand({ tools: [toolOf('counted', { handler })] });
  const { headers, body } = modernCall('counted');
  const request = requestText({ headers: { ...headers, ...close }, body });
  assert.is(await raw(port, `${request}NONSENSE\r\n\r\n`), '');
  assert.is(calls, 0);
  assert.match(await raw(port, request), /^HTTP\/1\.1 200 /);
  assert.is(calls, 1);
});
test('an upgrade is not taken, the request itself is', async () => {
  const { port } = await stand();
  const headers = { connection: 'close, upgrade', upgrade: 'h2c' };
  assert.is(statusOf(await raw(port, requestText({ headers, body: legacy('ping') }))), 200);
});
test('a port that is taken is refused with node’s own error', async () => {
  const { port } = await stand();
  const { createEndpoint } = await import('../../src/index.js');
  const second = createEndpoint({ name: 'b', version: '1', tools: [] });
  const error = await second.listen(port).catch((thrown: NodeJS.ErrnoException) => thrown);
  assert.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
});
test('nonsense behind several requests never lands within one of their answers', async () => {
  const [first, second] = [held('first'), held('second')];
  const { port } = await stand({ tools: [first.tool, second.tool] });
  const stream = { accept: 'text/event-stream' };
  const one = modernCall('first');
  const wire = dial(port).send(requestText({ ...one, headers: { ...one.headers, ...stream } }));
  await first.started;
  await wire.until((text) => text.includes('text/event-stream'));
  wire.send(requestText(modernCall('second')));
  await second.started;
  wire.send('GARBAGE\r\n\r\n');
  const text = await wire.toEnd();
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.not.match(text, 'Bad request');
});
test('the origin of a server has the name that its clients use', () => {
  const certificate = { pair: { cert: '', key: '' }, onReplaced: () => () => {} };
  assert.equal(
    [
      originOf('127.0.0.1', 1),
      originOf('127.0.0.2', 1),
      originOf('::1', 1),
      originOf('tools.example.com', 443, certificate),
    ],
    ['http://localhost:1', 'http://127.0.0.2:1', 'http://[::1]:1', 'https://tools.example.com:443'],
  );
});

test.run();
