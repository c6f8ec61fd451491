import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../src/wire/fault.js';
import { checkContentLength, checkContentType, endWithin, readBody } from '../../src/wire/http/body.js';
import { cpuMs } from '../support/cpu.js';
import { until, within } from '../support/until.js';
import { closeAll, dial, hasRead, headerOf, legacy, raw, requestText, stand, statusOf } from './wire.js';

const test = suite('http/body');
test.after(closeAll);
const close = { connection: 'close' };

test('JSON in UTF-8 is read, whatever the spelling of its content type', async () => {
  const { port } = await stand();
  for (const type of [
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json ; charset = utf-8',
    'application/json; charset=utf8',
    'application/json; charset=us-ascii',
    'application/json; charset=ASCII; version=1',
    'application/json; version=1',
    'application/json;odata.metadata=minimal;streaming=true; charset=utf-8',
    'application/json; profile="https://example.org/a;charset=latin1"; v="\\";charset=x"',
    'application/json;',
    'application/json; ;',
    'application/json; nonsense',
    'application/json\t;\tcharset="utf-8"',
  ])
    assert.is(
      statusOf(
        await raw(port, requestText({ headers: { ...close, 'content-type': type }, body: legacy('ping') })),
      ),
      200,
      type,
    );
});
test('any other type is refused with 415 before the body counts', async () => {
  const { port } = await stand();
  for (const type of [
    '',
    'text/plain',
    'text/plain; application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    'application/jsonp',
    'application/json+x',
    'json',
  ]) {
    const text = await raw(
      port,
      requestText({ headers: { ...close, 'content-type': type }, body: legacy('ping') }),
    );
    assert.is(statusOf(text), 415, type);
    assert.match(
      text,
      `expected Content-Type application/json, received ${JSON.stringify(JSON.stringify(type)).slice(1, -1)}`,
    );
  }
});
test('JSON that claims another charset is refused with 415, because it would be read as something else', async () => {
  const { port } = await stand();
  for (const charset of [
    'latin1',
    'ISO-8859-1',
    'utf-16',
    '"utf-16le"',
    'latin1"utf-8"',
    '"utf-8"latin1',
    'utf-8; charset=latin1',
    'utf-8; a="b"; charset=latin1',
    'utf-8; a="\\\\"; charset=latin1',
    'utf-8x',
    '"',
  ]) {
    const type = `application/json; charset=${charset}`;
    const headers = { ...close, 'content-type': type };
    const text = await raw(port, requestText({ headers, body: legacy('ping') }));
    assert.is(statusOf(text), 415, type);
    assert.match(text, 'expected JSON in UTF-8, received charset ');
  }
});
test('a head full of spaces is read quickly', async () => {
  const { port } = await stand();
  for (const type of [
    `application/json${' '.repeat(14_500)}x`,
    `application/json; charset=${' '.repeat(14_500)}x`,
    `application/json;${' ;'.repeat(7_000)}x`,
    `application/json; a="${'\\'.repeat(14_000)}`,
  ]) {
    const ms = cpuMs(() => checkContentType({ headers: { 'content-type': type } }));
    assert.ok(ms < 50, `${ms} ms`);
  }
  const headers = { ...close, 'content-type': `application/json${' '.repeat(14_500)}x` };
  assert.is(statusOf(await raw(port, requestText({ headers, body: legacy('ping') }))), 415);
});
test('a compressed body is refused with 415 that names what is accepted, and an identity one is read', async () => {
  const { port } = await stand();
  for (const encoding of ['gzip', 'br', 'gzip, identity', 'nonsense']) {
    const headers = { ...close, 'content-encoding': encoding };
    const text = await raw(port, requestText({ headers, body: legacy('ping') }));
    assert.equal([statusOf(text), headerOf(text, 'accept-encoding')], [415, 'identity']);
    assert.match(text, `Content-Encoding \\"${encoding}\\" is not read; send plain JSON`);
  }
  assert.match(
    checkContentType({ headers: {} })?.message ?? '',
    'expected Content-Type application/json, received ""',
  );
  const typed = { ...close, 'content-type': 'text/plain' };
  const other = await raw(port, requestText({ headers: typed, body: legacy('ping') }));
  assert.equal([statusOf(other), headerOf(other, 'accept-encoding')], [415, undefined]);
  assert.is(
    statusOf(
      await raw(
        port,
        requestText({ headers: { ...close, 'content-encoding': 'Identity' }, body: legacy('ping') }),
      ),
    ),
    200,
  );
});
test('a body at the bound is read, and one byte more is refused by its length alone', async () => {
  const { port } = await stand({ bounds: { bodyBytes: 100 } });
  const padded = legacy('ping').padEnd(100, ' ');
  assert.is(statusOf(await raw(port, requestText({ headers: close, body: padded }))), 200);
  const text = await raw(port, requestText({ headers: { 'content-length': '101' } }));
  assert.equal([statusOf(text), headerOf(text, 'connection')], [413, 'close']);
  assert.match(text, 'the body may have at most 100 bytes');
});
test('a declared length over the bound is enough to refuse, and a body in chunks declares none', () => {
  const judge = (headers: IncomingHttpHeaders) => {
    const fault = checkContentLength({ headers } as IncomingMessage, 100);
    return fault === undefined ? 'read' : fault.name;
  };
  assert.equal(
    [judge({ 'content-length': '100' }), judge({ 'content-length': '101' })],
    ['read', 'bodyTooLarge'],
  );
  assert.equal([judge({}), judge({ 'transfer-encoding': 'chunked' })], ['read', 'read']);
});
test('reading a body ends with an error when the sender leaves, so that nobody waits for it', async () => {
  const bodies: Promise<Uint8Array | Fault>[] = [];
  const server = createServer((request) => bodies.push(readBody(request, 100)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const wire = dial((server.address() as AddressInfo).port);
  wire.send(requestText({ headers: { 'content-length': '50' }, body: 'begun' }));
  const body = (await until(() => bodies[0] && { read: bodies[0] }, 'the request')).read;
  wire.socket.destroy();
  const error = await within(
    body.catch((thrown: NodeJS.ErrnoException) => thrown),
    'the error',
  );
  server.close();
  assert.is((error as NodeJS.ErrnoException).code, 'ECONNRESET');
});
test('a chunked body is refused as soon as it is too long', async () => {
  const { port, errors } = await stand({ bounds: { bodyBytes: 100 } });
  const head = requestText({ headers: { 'content-length': '', 'transfer-encoding': 'chunked' } });
  const wire = dial(port).send(`${head}32\r\n${'x'.repeat(50)}\r\n`);
  await hasRead(port);
  assert.is(wire.text, '', 'not yet');
  const text = await wire.send(`33\r\n${'x'.repeat(51)}\r\n`).toEnd();
  assert.equal([statusOf(text), headerOf(text, 'connection')], [413, 'close']);
  wire.socket.destroy();
  const chunked = `${head.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')}5\r\n{"jso\r\n${(legacy('ping').length - 5).toString(16)}\r\n${legacy('ping').slice(5)}\r\n0\r\n\r\n`;
  assert.is(statusOf(await raw(port, chunked)), 200);
  assert.equal(errors, []);
});
test('the client of a refused upload gets the refusal although it is still sending', async () => {
  const { port } = await stand({ bounds: { bodyBytes: 1000 } });
  const response = await fetch(`http://localhost:${port}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: 'x'.repeat(300_000),
  });
  assert.is(response.status, 413);
  assert.is(((await response.json()) as { error: { code: number } }).error.code, -32600);
});
test('100 Continue is sent for a body that is wanted, and for no other', async () => {
  const { port } = await stand();
  const expect = { expect: '100-continue', 'content-length': String(legacy('ping').length) };
  const wire = dial(port).send(requestText({ headers: { ...close, ...expect } }));
  await wire.until((text) => text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
  const text = await wire.send(legacy('ping')).toEnd();
  assert.is(statusOf(text.slice('HTTP/1.1 100 Continue\r\n\r\n'.length)), 200);
  const unwanted: [number, Record<string, string>][] = [
    [413, { 'content-length': '99999999' }],
    [415, { 'content-type': 'text/plain' }],
    [406, { accept: 'text/html' }],
    [403, { origin: 'http://evil.test' }],
  ];
  for (const [status, headers] of unwanted) {
    const refused = await raw(port, requestText({ headers: { ...expect, ...headers } }));
    assert.equal([statusOf(refused), headerOf(refused, 'connection')], [status, 'close']);
  }
  assert.is(
    statusOf(
      await raw(port, requestText({ headers: { ...close, expect: 'a miracle' }, body: legacy('ping') })),
    ),
    417,
  );
});
test('a sender that is too slow gets 408, and its connection ends', async () => {
  const { port, errors } = await stand({ bounds: { requestMs: 200 } });
  const head = requestText({ headers: { 'content-length': '50' } });
  for (const sent of ['POST /mcp HTTP/1.1\r\nhost: local', `${head}{"jsonrpc"`]) {
    const text = await raw(port, sent);
    assert.equal([statusOf(text), headerOf(text, 'connection')], [408, 'close']);
    assert.match(text, 'the request did not arrive in time');
  }
  await hasRead(port);
  assert.equal(errors, []);
});
test('a client that disconnects within its body is not an error of ours', async () => {
  const { port, errors } = await stand();
  for (const leave of ['destroy', 'end', 'resetAndDestroy'] as const) {
    const wire = dial(port).send(`${requestText({ headers: { 'content-length': '50' } })}{"jsonrpc"`);
    await hasRead(port);
    wire.socket[leave]();
    await hasRead(port);
  }
  assert.equal(errors, []);
});
test('an expectation other than 100-continue is refused with a message', async () => {
  const { port } = await stand();
  const text = requestText({ body: legacy('ping'), headers: { expect: 'tea', connection: 'close' } });
  const answer = await raw(port, text);
  assert.is(statusOf(answer), 417);
  assert.match(answer, 'only 100-continue is met');
});

/** A server of its own for answers that are larger than what the system takes at once, and a client that reads on command. */
async function slowlyRead(handler: RequestListener, requests = 1) {
  const server = createServer({ keepAliveTimeout: 65_000 }, handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  client.pause().write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(requests));
  const close = () => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  };
  return { client, close };
}
const LARGE = 'x'.repeat(16 * 1024 * 1024);

test('a client that reads nothing of a large answer is cut off, and its bytes leave memory', async () => {
  let isCut = false;
  const { close } = await slowlyRead(({ socket }, response) => {
    socket.once('close', () => {
      isCut = true;
    });
    endWithin(response, LARGE, 50);
  });
  await until(() => isCut, 'the cut').finally(close);
});
test('a client that reads a large answer slowly gets all of it, however long that takes', async () => {
  const began = performance.now();
  let answeredFor = 0;
  const { client, close } = await slowlyRead((_request, response) => {
    response.once('finish', () => {
      answeredFor = performance.now() - began;
    });
    endWithin(response, LARGE, 400);
  });
  let received = 0;
  const reading = setInterval(() => {
    received += (client.read(Math.min(96 * 1024, client.readableLength)) as Buffer | null)?.length ?? 0;
  }, 10);
  await until(() => received > LARGE.length || client.destroyed, 'the whole answer').finally(() => {
    clearInterval(reading);
    close();
  });
  assert.ok(received > LARGE.length, `${received} bytes`);
  assert.ok(answeredFor > 800, `${answeredFor} ms: too quick to show anything`);
});
test('an answer behind a large one may be silent for as long as it needs, and the connection is kept', async () => {
  const timeouts: (number | undefined)[] = [];
  const responses: Parameters<RequestListener>[1][] = [];
  const { client, close } = await slowlyRead((_request, response) => {
    responses.push(response);
    const [first, second] = responses;
    if (first === undefined || second === undefined) return;
    first.once('close', () => {
      timeouts.push(second.socket?.timeout);
      second.once('close', () => timeouts.push(client.destroyed ? undefined : second.req.socket.timeout));
      endWithin(second, LARGE, 30_000);
    });
    endWithin(first, LARGE, 30_000);
  }, 2);
  client.resume();
  await until(() => timeouts.length === 2, 'both answers').finally(close);
  const [silent, kept = 0] = timeouts;
  assert.is(silent, 0, 'it does not have the time limit of the first answer');
  assert.ok(kept >= 65_000, `the idle connection is kept for ${kept} ms`);
});

test.run();
