/** Who is asked to stay with TLS, and which connection belongs to which handshake. `tls.test.ts` has the same over real connections. */
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onHandshake, takesHsts } from '../../src/wire/http/certificate.js';

const test = suite('http/certificate');

test('a browser is asked to stay with TLS for a name, but not for localhost, what is below it, or an address', () => {
  const isAsked = (servername?: string | false) => takesHsts({ servername } as unknown as Socket);
  for (const name of ['tools.example.com', 'localhost.example.com', 'notlocalhost', 'localhost2'])
    assert.is(isAsked(name), true, name);
  for (const name of ['localhost', 'LocalHost', 'app.localhost', false, undefined] as const)
    assert.is(isAsked(name), false, String(name));
});

type Peer = EventEmitter & Socket;

function handshakes() {
  const server = new EventEmitter() as Server;
  const secured: Peer[] = [];
  const plain: Peer[] = [];
  onHandshake(server, {
    onSecured: (raw) => secured.push(raw as Peer),
    onPlainHttp: (raw) => plain.push(raw as Peer),
  });
  const peer = (remotePort = 1): Peer =>
    Object.assign(new EventEmitter(), { remoteAddress: '::1', remotePort }) as Peer;
  const connect = (remotePort?: number): Peer => {
    const raw = peer(remotePort);
    server.emit('connection', raw);
    return raw;
  };
  return { server, secured, plain, peer, connect };
}

test('a handshake belongs to the connection of its own address and port, once', () => {
  const { server, secured, plain, peer, connect } = handshakes();
  const [first, second] = [connect(1), connect(2)];
  server.emit('secureConnection', peer(2));
  server.emit('tlsClientError', { code: 'ERR_SSL_HTTP_REQUEST' }, peer(1));
  assert.is(secured[0], second);
  assert.is(plain[0], first);
  server.emit('secureConnection', peer(1));
  server.emit('tlsClientError', { code: 'ERR_SSL_HTTP_REQUEST' }, peer(2));
  assert.equal([secured.length, plain.length], [1, 1]);
});

test('a connection that has closed is forgotten, and not the next one from the same port', () => {
  const { server, secured, peer, connect } = handshakes();
  const left = connect();
  left.emit('close');
  server.emit('secureConnection', peer());
  assert.equal(secured, []);
  const earlier = connect();
  const later = connect();
  earlier.emit('close');
  server.emit('secureConnection', peer());
  assert.is(secured[0], later);
});

test('a handshake that fails for another reason is not plain HTTP', () => {
  const { server, plain, peer, connect } = handshakes();
  for (const code of ['ERR_SSL_NO_SHARED_CIPHER', 'ECONNRESET', undefined]) {
    connect();
    server.emit('tlsClientError', { code }, peer());
  }
  assert.equal(plain, []);
});

test.run();
