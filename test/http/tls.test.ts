/** An endpoint over TLS: equal answers, a certificate that changes, and a close that does not wait for unused connections. */
import { once } from 'node:events';
import { request } from 'node:https';
import { connect as dialPlain } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTrace } from '../../src/lesson/trace/trace.js';
import type { KeyPair } from '../../src/wire/http/certificate.js';
import { Authority } from '../support/certificates.js';
import { needPrograms } from '../support/programs.js';
import { until, within } from '../support/until.js';
import { closeAll, held, legacy, raw, refuses, requestText, stand, Wire } from './wire.js';

needPrograms('http/tls', 'openssl');
const test = suite('http/tls');
test.after(closeAll);

const authority = new Authority();
const first = authority.issue(['localhost', 'tools.example.com']);

/** A certificate that the test replaces. */
function replaceable(pair: KeyPair) {
  const unused = (_pair: KeyPair): void => {};
  let use = unused;
  const certificate = {
    pair,
    onReplaced: (given: (pair: KeyPair) => void) => {
      use = given;
      return () => {
        use = unused;
      };
    },
  };
  return { certificate, replace: (next: KeyPair) => use(next), isUsed: () => use !== unused };
}

async function dial(port: number, servername = 'localhost'): Promise<Wire & { socket: TLSSocket }> {
  const socket = connect({ port, host: '127.0.0.1', servername, ca: authority.cert });
  await once(socket, 'secureConnect');
  return new Wire(socket) as Wire & { socket: TLSSocket };
}

const ping = requestText({ headers: { connection: 'close' }, body: legacy('ping') });

test('a request over TLS gets the same answer as one without', async () => {
  const { url, port } = await stand(replaceable(first));
  assert.is(url, `https://localhost:${port}/mcp`);
  const answer = await (await dial(port)).send(ping).toEnd();
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answer, /\{"jsonrpc":"2\.0","id":1,"result":\{\}\}$/);
  const absolute = ping.replace('POST /mcp', `POST https://localhost:${port}/mcp`);
  assert.match(await (await dial(port)).send(absolute).toEnd(), / 200 OK/);
  assert.match(await (await dial(port)).send(ping.replace('POST ', 'POST  ')).toEnd(), / 400 /);
  assert.match(await (await dial(port)).send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n').toEnd(), / 505 /);
});

test('a client that speaks plain HTTP reads that the port takes HTTPS, whatever it sent, and is reported', async () => {
  const heard: (string | undefined)[] = [];
  const { certificate } = replaceable(first);
  const onPlainHttp = (from: string | undefined): void => void heard.push(from);
  const { port } = await stand({ certificate: { ...certificate, onPlainHttp } });
  const long = requestText({ body: legacy('ping', { _meta: { x: 'x'.repeat(500_000) } }) });
  const methods = ['GET', 'DELETE', 'OPTIONS', 'CONNECT'].map((method) => requestText({ method }));
  const texts = [ping, long, 'nonsense\r\n', ...methods];
  for (const text of texts) {
    const answer = await raw(port, text);
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(
      answer,
      /"error":\{"code":-32600,"message":"Bad request: this port takes HTTPS only; [^"]*"\}\}$/,
    );
  }
  assert.equal(heard, Array(texts.length).fill('127.0.0.1'));
  // A client that goes on sending is cut off, and others are served meanwhile.
  const endless = new Wire(dialPlain({ port, host: '127.0.0.1', allowHalfOpen: true }));
  const more = setInterval(() => endless.send('x'.repeat(1_000)), 50);
  endless.send(ping);
  assert.match(await (await dial(port)).send(ping).toEnd(), / 200 OK/);
  await until(() => endless.socket.closed, 'the connection is cut');
  clearInterval(more);
});

test('browsers are asked to stay with TLS, but not for the name localhost', async () => {
  const { port } = await stand({ ...replaceable(first), allowHosts: ['tools.example.com'] });
  assert.match(
    await (await dial(port, 'tools.example.com')).send(ping).toEnd(),
    /strict-transport-security: max-age=31536000\r\n/,
  );
  assert.not.match(await (await dial(port)).send(ping).toEnd(), /strict-transport/);
  const plain = await stand();
  const answer = await fetch(plain.url, { method: 'POST', body: '{}' });
  assert.is(answer.headers.get('strict-transport-security'), null);
});

test('a new certificate is presented to new connections, and open ones go on', async () => {
  const { certificate, replace } = replaceable(first);
  const { port } = await stand({ certificate });
  const early = await dial(port);
  const second = authority.issue();
  replace(second);
  const serial = ({ socket }: { socket: TLSSocket }): string => socket.getPeerCertificate().serialNumber;
  const late = await dial(port);
  assert.is.not(serial(late), serial(early));
  assert.match(await early.send(ping).toEnd(), / 200 OK/);
  assert.match(await late.send(ping).toEnd(), / 200 OK/);
});

test('a client that does not finish its handshake has no longer for it than for a request', async () => {
  const { port } = await stand({ ...replaceable(first), bounds: { requestMs: 200 } });
  const silent = new Wire(dialPlain(port, '127.0.0.1'));
  assert.is(await silent.toEnd(5_000), '');
});

test('a server that stops lets the answers finish that are under way over TLS, as the last of their connections', async () => {
  const { tool, started, letGo } = held();
  const { certificate, isUsed } = replaceable(first);
  const { port, close } = await stand({ certificate, tools: [tool], bounds: { drainMs: 5_000 } });
  const wire = await dial(port);
  wire.send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  await started;
  assert.ok(isUsed());
  const closed = close();
  await refuses(port);
  letGo();
  const answer = await wire.toEnd();
  assert.match(answer, /^connection: close\r$/im);
  assert.match(answer, 'let go');
  await within(closed, 'the close');
  assert.not.ok(isUsed(), 'it is no longer told of new certificates');
});

test('what does not speak TLS stops nothing', async () => {
  const { port, errors, close } = await stand(replaceable(first));
  const plain = new Wire(dialPlain(port, '127.0.0.1'));
  assert.match(await plain.send(ping).toEnd(), / 400 /);
  const silent = new Wire(dialPlain(port, '127.0.0.1'));
  await once(silent.socket, 'connect');
  const used = await dial(port);
  used.send(ping.replace('connection: close\r\n', ''));
  await used.until((seen) => seen.includes('result'));
  await within(close(), 'the close');
  await until(() => silent.ended && used.ended);
  assert.equal(errors, []);
});

test('the trace shows the exchange inside TLS', async () => {
  const trace = createTrace({ clock: () => new Date(), ticks: process.hrtime.bigint, onError: () => {} });
  trace.begin();
  const { url } = await stand({ ...replaceable(first), observe: trace.observe('bench') });
  const asked = request(url, {
    method: 'POST',
    ca: authority.cert,
    headers: { 'content-type': 'application/json' },
  });
  asked.end(legacy('ping'));
  const [response] = await once(asked, 'response');
  await text(response);
  const [exchange] = await until(() => trace.store.all.length > 0 && trace.store.all);
  assert.match(exchange?.line ?? '', /^POST \/mcp HTTP\/1\.1/);
  assert.match(exchange?.body.text ?? '', /"ping"/);
  assert.match(exchange?.answer?.body.text ?? '', /"result"/);
});

test.run();
