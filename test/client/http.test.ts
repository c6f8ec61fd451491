/** HTTP from the client's side: answers of every form, streams that are lost, sessions that end, tokens, and what is not MCP at all. */
import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Challenge,
  type Client,
  type ClientErrorKind,
  connectHttp,
  type WireEvent,
} from '../../src/client/index.js';
import { FAULTS } from '../../src/wire/fault.js';
import { freePort } from '../support/free-port.js';
import { until, within } from '../support/until.js';
import {
  closeAll,
  closeLater,
  error,
  failure,
  frame,
  legacy,
  modern,
  OPTIONS,
  type Reply,
  result,
  type Served,
  serve,
  serveBytes,
  sse,
} from './servers.js';

const test = suite('client/http');
test.after(closeAll);

async function connect(url: URL, options = {}): Promise<Client> {
  const client = await connectHttp(url, { ...OPTIONS, ...options });
  closeLater(() => client.close());
  return client;
}

/** The error of one request that a modern server answers so. */
async function answered(reply: (message: { [key: string]: unknown }) => Reply) {
  const server = await modern(({ message }) => reply(message));
  return failure((await connect(server.url)).request('tools/list'));
}

const head = (type: string, length: number): string =>
  `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

test('an answer that is not MCP is named', async () => {
  const rows: [kind: ClientErrorKind, text: string, answer: (socket: Socket) => void][] = [
    ['protocol', 'the answer is not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    ['closed', 'closed the connection before it answered', (socket) => socket.end()],
    ['closed', 'was cut off', (socket) => socket.end(`${head('application/json', 100)}{"jsonrpc"`)],
    ['protocol', 'is no message', (socket) => socket.end(`${head('application/json', 5)}hello`)],
    [
      'protocol',
      'nothing; expected application/json',
      (socket) => socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'),
    ],
    [
      'protocol',
      'text/plain; expected application/json',
      (socket) => socket.end(`${head('text/plain', 5)}hello`),
    ],
    ['html', 'a page for browsers', (socket) => socket.end(`${head('text/html', 6)}<html>`)],
    ['html', 'a page for browsers', (socket) => socket.end(`${head('x/y', 15)}<!DOCTYPE html>`)],
    [
      'http',
      '503 Service Unavailable',
      (socket) => socket.end('HTTP/1.1 503 No\r\nConnection: close\r\n\r\n'),
    ],
    ['proxy', 'a proxy on the way', (socket) => socket.end('HTTP/1.1 407 No\r\n\r\n')],
    [
      'too-large',
      'the header of the answer',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
    ],
    [
      'protocol',
      'Content-Encoding "gzip"',
      (socket) =>
        socket.end(
          'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n',
        ),
    ],
  ];
  for (const [kind, text, answer] of rows) {
    const refused = await failure(connect(await serveBytes(answer)));
    assert.match(refused.message, text);
    assert.is(refused.kind, kind, refused.message);
  }
});

test('a redirect is not followed, and its target is named', async () => {
  const server = await serve(() => ({ status: 308, headers: { location: '/other?x#y' } }));
  const refused = await failure(connect(server.url));
  const target = `${server.url.origin}/other?x#y`;
  assert.equal([refused.kind, refused.status, refused.location], ['redirect', 308, target]);
  assert.match(refused.message, `leads to ${target}`);
  assert.is(server.received.length, 1);
  const nowhere = await serve(() => ({ status: 302 }));
  assert.match((await failure(connect(nowhere.url))).message, 'without saying where to go');
});

test('the text of a server in an error does not control the terminal', async () => {
  const server = await serve(() => ({ status: 418, body: '\u001b[2J\u0007 no' }));
  const refused = await failure(connect(server.url));
  assert.match(refused.message, '418');
  assert.ok([...refused.message].every((character) => character >= ' '));
});

test('an address where nothing listens, and an invalid one', async () => {
  const refused = await failure(
    connect(new URL(`http://127.0.0.1:${await freePort()}/`), { proxy: 'http://p:1' }),
  );
  assert.is(refused.kind, 'unreachable');
  assert.match(
    refused.message,
    'nothing listens there (connection refused); this machine uses the proxy http://p:1',
  );
  assert.is((await failure(connect(new URL('http://no-such-host.invalid/')))).kind, 'dns');
  assert.is((await failure(connect(new URL('ftp://localhost/')))).kind, 'usage');
});

test('a plain server behind https:// is named', async () => {
  const server = await modern(() => undefined);
  const secure = new URL(server.url.href.replace('http:', 'https:'));
  const refused = await failure(connect(secure));
  assert.is(refused.kind, 'tls');
  assert.match(refused.message, 'try http:// instead');
});

test('a server that switches to another protocol is left', async () => {
  const server = await serveBytes(
    (socket) =>
      void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  const refused = await within(failure(connect(server)), 'a refusal');
  assert.is(refused.kind, 'closed');
  assert.match(refused.message, 'switches to another protocol');
});

test('a server that is silent, before its answer or in it, is left after the timeout', async () => {
  const silent = await serveBytes(() => undefined);
  const refused = await failure(connect(silent, { timeoutMs: 30 }));
  assert.is(refused.kind, 'timeout');
  assert.match(refused.message, 'nothing came for 0.03 s');
  const started = await serveBytes((socket) => void socket.write(`${head('application/json', 10)}{`));
  assert.is((await failure(connect(started, { timeoutMs: 30 }))).kind, 'timeout');
  const streaming = await serveBytes(
    (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\n\n'),
  );
  assert.is((await failure(connect(streaming, { timeoutMs: 30 }))).kind, 'timeout');
});

test('an answer has the id of its request, and is the only one', async () => {
  assert.match(
    (await answered(() => result({ id: 99 }, {}))).message,
    'expected the answer to 2, received the one to 99',
  );
  assert.match((await answered(() => result({ id: '2' }, {}))).message, 'received the one to "2"');
  assert.match((await answered(() => sse(frame({ jsonrpc: '2.0', id: 7, result: {} })))).message, 'one to 7');
  assert.is((await answered(() => ({ body: '{"jsonrpc":"1.0","id":2,"result":{}}' }))).kind, 'protocol');
  assert.is((await answered(() => ({ body: '[]' }))).kind, 'protocol');
  assert.is((await answered(() => sse(''))).kind, 'closed');
});

test('an error in JSON-RPC keeps its code, with and without an id, whatever the status', async () => {
  const found = await answered((message) => error(message, -32_602, { field: 'x' }));
  assert.equal(
    [found.kind, found.code, found.data, found.message],
    ['rpc', -32_602, { field: 'x' }, 'refused'],
  );
  const refused = await answered((message) => error(message, 4711, undefined, 429));
  assert.equal([refused.kind, refused.code, refused.status], ['rpc', 4711, 429]);
  for (const id of [null, undefined]) {
    const anonymous = await answered(() => error({ id }, -32_700, undefined, 400));
    assert.equal([anonymous.kind, anonymous.code], ['rpc', -32_700]);
  }
  const malformed = await answered(({ id }) => ({
    body: `{"jsonrpc":"2.0","id":${id},"error":{"code":"x"}}`,
  }));
  assert.is(malformed.kind, 'protocol');
});

test('a stream may be cut anywhere, with any line ends', async () => {
  const message = (id: unknown) =>
    JSON.stringify({ jsonrpc: '2.0', id, result: { text: 'Grüße', tools: [] } });
  const text = (id: unknown): string => {
    const [start, end] = [message(id).slice(0, 17), message(id).slice(17)];
    return `\ufeff: hello\r\nid: 1\r\ndata\r\n\r\nevent: other\rdata: {\r\r${`data: ${start}\r\ndata:${end}`}\r\n\r\n`;
  };
  const server = await modern(({ message: { id } }, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const byte of Buffer.from(text(id))) response.write(Buffer.of(byte));
    response.end();
    return undefined;
  });
  const client = await connect(server.url);
  assert.equal(await client.request('tools/list'), { text: 'Grüße', tools: [] });
});

test('a message has a bound', async () => {
  const endless = (type: string) =>
    modern((_, response) => {
      response.writeHead(200, { 'content-type': type });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1024 * 1024)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
      return undefined;
    });
  for (const type of ['application/json', 'text/event-stream']) {
    const client = await connect((await endless(type)).url);
    assert.is((await failure(client.request('tools/list'))).kind, 'too-large');
  }
});

test('a legacy stream that was lost is resumed where it ended, after the time that the server names', async () => {
  let posted: unknown;
  const server = await legacy(({ method, headers, message }, response) => {
    if (method === 'GET') {
      assert.is(headers['last-event-id'], 'b');
      return sse(frame({ jsonrpc: '2.0', id: posted, result: { done: true } }, 'c'));
    }
    posted = message.id;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('id: a\nretry: 1\ndata: \n\n');
    const note = { jsonrpc: '2.0', method: 'notifications/message', params: { data: 1 } };
    response.write(frame(note, 'b'), () => response.destroy());
    return undefined;
  });
  const client = await connect(server.url);
  assert.equal(await client.request('tools/call', { name: 'x' }), { done: true });
});

test('a modern stream that was lost is not resumed', async () => {
  const lost = await answered(() => sse('id: a\nretry: 1\ndata: \n\n'));
  assert.is(lost.kind, 'closed');
});

test('a session goes with each request, is replaced when it ends, and is deleted at the end', async () => {
  let alive = true;
  const server = await legacy(({ method, headers, message }) => {
    if (method === 'DELETE') return { status: 200 };
    if (headers['mcp-session-id'] === 'session-1' && !alive) return { status: 404 };
    return result(message, { session: headers['mcp-session-id'] });
  });
  const client = await connectHttp(server.url, OPTIONS);
  assert.equal(await client.request('tools/list'), { session: 'session-1' });
  alive = false;
  const both = await Promise.all([client.request('tools/list'), client.request('prompts/list')]);
  assert.equal(both, [{ session: 'session-2' }, { session: 'session-2' }]);
  await client.close();
  const last = server.received.at(-1);
  assert.equal([last?.method, last?.headers['mcp-session-id']], ['DELETE', 'session-2']);
  const openings = server.received.filter(({ message }) => message.method === 'initialize');
  assert.is(openings.length, 2);
});

test('a legacy server asks on the stream of a GET, and gets the answer by POST', async () => {
  let answer: unknown;
  const server = await legacy(({ method, message }, response) => {
    if (method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame({ jsonrpc: '2.0', id: 'q', method: 'roots/list' }));
      response.write(frame({ jsonrpc: '2.0', id: 'p', method: 'ping' }));
      response.write(frame({ jsonrpc: '2.0', id: 'n', method: 'sampling/createMessage', params: {} }));
      return undefined;
    }
    if (message.id === 'q') answer = message.result;
    return { status: 202 };
  });
  await connect(server.url, { handlers: { 'roots/list': async () => ({ roots: [] }) } });
  const posted = (id: string) => server.received.find(({ message }) => message.id === id)?.message;
  await until(() => answer !== undefined && posted('p') && posted('n'), 'all requests are answered');
  assert.equal(answer, { roots: [] });
  assert.equal(posted('p')?.result, {});
  assert.match(JSON.stringify(posted('n')), `"code":${FAULTS.methodNotFound.code}`);
});

test('a question that the server may not ask is invalid, and a mistake of its handler is not', async () => {
  const form = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
  const questions: [id: string, method: string, params: object, code: number][] = [
    ['tools', 'sampling/createMessage', { messages: [], tools: [] }, FAULTS.invalidParams.code],
    ['wrong', 'elicitation/create', form, FAULTS.internalError.code],
  ];
  const server = await legacy(({ method }, response) => {
    if (method !== 'GET') return { status: 202 };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const [id, asked, params] of questions)
      response.write(frame({ jsonrpc: '2.0', id, method: asked, params }));
    return undefined;
  });
  const none = async () => ({});
  await connect(server.url, { handlers: { 'sampling/createMessage': none, 'elicitation/create': none } });
  const answers = () =>
    questions.map(([id]) => server.received.find(({ message }) => message.id === id)?.message.error);
  await until(() => answers().every((error) => error !== undefined), 'both are answered');
  assert.equal(
    answers().map((error) => (error as { code: number }).code),
    questions.map(([, , , code]) => code),
  );
});

test('a modern server that sends a request gets no answer', async () => {
  const warnings: string[] = [];
  const server = await modern(({ message }) =>
    sse(
      frame({ jsonrpc: '2.0', id: 'q', method: 'roots/list' }) +
        frame({ jsonrpc: '2.0', id: message.id, result: {} }),
    ),
  );
  const client = await connect(server.url, { onWarning: (warning: string) => warnings.push(warning) });
  await client.request('tools/list');
  assert.equal(warnings, ['the server sent the request roots/list, which 2026-07-28 forbids']);
  assert.is(server.received.length, 2);
});

test('each challenge is answered with a token, up to a bound', async () => {
  const asked: Challenge[] = [];
  const tokens = {
    token: async () => 'first',
    answer: async (challenge: Challenge) => {
      asked.push(challenge);
      return `better-${asked.length}`;
    },
  };
  const server = await serve(({ headers, message }) => {
    if (headers.authorization === 'Bearer better-2')
      return result(message, { supportedVersions: ['2026-07-28'], capabilities: {} });
    const status = headers.authorization === 'Bearer first' ? 401 : 403;
    return { status, headers: { 'www-authenticate': 'Bearer scope="a", Basic' } };
  });
  await connect(server.url, { tokens });
  assert.equal(
    asked.map(({ url, status, challenges, sent }) => [url.href, status, challenges, sent]),
    [
      [server.url.href, 401, ['Bearer scope="a", Basic'], 'first'],
      [server.url.href, 403, ['Bearer scope="a", Basic'], 'better-1'],
    ],
  );

  const never = await serve(() => ({ status: 403, headers: { 'www-authenticate': 'Bearer' } }));
  const refused = await failure(connect(never.url, { tokens }));
  assert.equal([refused.kind, refused.status, refused.challenges], ['unauthorized', 403, ['Bearer']]);
  assert.is(never.received.length, 4, 'three more attempts');
  const plain = await serve(() => ({ status: 403, body: 'no' }));
  assert.is((await failure(connect(plain.url, { tokens }))).kind, 'http');
  const none = { token: async () => undefined, answer: async () => undefined };
  const stands = await failure(connect(never.url, { tokens: none }));
  assert.match(stands.message, 'the access token does not allow this');
  const flow = new Error('the sign-in failed');
  const fails = { ...none, answer: () => Promise.reject(flow) };
  const reason = await connect(never.url, { tokens: fails }).catch((cause: unknown) => cause);
  assert.is(reason, flow);
});

test('giving up closes the stream of a modern request, and cancels a legacy one by name', async () => {
  const stop = new AbortController();
  let closed = false;
  const server = await modern((_, response) => {
    response.once('close', () => {
      closed = true;
    });
    stop.abort();
    return undefined;
  });
  const gone = await failure((await connect(server.url)).request('tools/list', {}, { signal: stop.signal }));
  assert.equal([gone.kind, gone.message], ['cancelled', 'tools/list was cancelled']);
  await until(() => closed);
  assert.is(server.received.length, 2);

  const again = new AbortController();
  const old = await legacy(({ message }) => {
    if (message.method === 'notifications/cancelled') return { status: 202 };
    again.abort();
    return undefined;
  });
  const client = await connect(old.url);
  assert.is((await failure(client.request('tools/list', {}, { signal: again.signal }))).kind, 'cancelled');
  const cancelled = await until(() => find(old, 'notifications/cancelled'));
  assert.is((cancelled.message.params as { requestId: unknown }).requestId, 3);
});

const find = ({ received }: Served, method: string) =>
  received.find(({ message }) => message.method === method);

test('a watcher sees every byte, and its own mistakes do not affect the client', async () => {
  const seen = { sent: '', received: '', ended: 0 };
  const server = await modern(({ message }) => result(message, { ok: true }));
  const client = await connectHttp(server.url, {
    ...OPTIONS,
    headers: [['x-test', 'yes']],
    watch: (event: WireEvent) => {
      if (event.kind === 'ended') seen.ended += 1;
      else seen[event.kind] += event.bytes.toString();
      throw new Error('a mistake');
    },
  });
  await client.request('tools/list');
  await client.close();
  await until(() => seen.ended > 0);
  assert.match(seen.sent, /^POST \/mcp HTTP\/1\.1\r\n/);
  assert.match(seen.sent, '"method":"server/discover"');
  assert.match(seen.sent, 'x-test: yes');
  assert.match(seen.received, '"result":{"ok":true}');
  assert.is(seen.ended, 1, 'both requests used one connection');
});

test('a header that cannot be sent is named', async () => {
  const server = await modern(() => undefined);
  const refused = await failure(connect(server.url, { headers: [['x', 'a\nb']] }));
  assert.is(refused.kind, 'usage');
  assert.is(server.received.length, 0);
});

test.run();
