/** TLS for a server: the certificate that it shows, which may be replaced while it runs. */
import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { http } from './node-http.js';

/** Both in PEM; `cert` is the chain, the server's own certificate first. */
export type KeyPair = { cert: string; key: string };

export type Certificate = {
  readonly pair: KeyPair;
  /** Calls `use` with each pair that replaces it. @returns a function that ends this */
  onReplaced(use: (pair: KeyPair) => void): () => void;
  /** Called for each client that speaks plain HTTP to a port with this certificate. */
  onPlainHttp?(remoteAddress: string | undefined): void;
};

/** Connections that are open keep the certificate that they began with. */
export function createServer(
  options: ServerOptions & { requestTimeout: number },
  handler: RequestListener,
  certificate: Certificate | undefined,
): Server {
  if (certificate === undefined) return http.createServer(options, handler);
  const server = createTlsServer(
    { ...options, ...certificate.pair, handshakeTimeout: options.requestTimeout },
    handler,
  );
  server.once(
    'close',
    certificate.onReplaced((pair) => server.setSecureContext(pair)),
  );
  return server;
}

type Handshakes = {
  /** Called with each connection and the one that replaces it after the handshake. */
  onSecured(raw: Socket, secured: Socket): void;
  /** Called with each connection on which plain HTTP came. It can still be written to. */
  onPlainHttp(raw: Socket): void;
};

/** OpenSSL knows some methods of HTTP. Other bytes that are no TLS, such as `OPTIONS` or `DELETE`, have an impossible version for it. */
const PLAIN_HTTP: ReadonlySet<string | undefined> = new Set([
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** node does not say which connections belong together. */
export function onHandshake(server: Server, { onSecured, onPlainHttp }: Handshakes): void {
  const waiting = new Map<string, Socket>();
  const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  const take = (secured: Socket): Socket | undefined => {
    const peer = peerOf(secured);
    const raw = waiting.get(peer);
    waiting.delete(peer);
    return raw;
  };
  server.on('connection', (raw) => {
    const peer = peerOf(raw);
    waiting.set(peer, raw);
    raw.once('close', () => {
      if (waiting.get(peer) === raw) waiting.delete(peer);
    });
  });
  server.on('secureConnection', (secured: Socket) => {
    const raw = take(secured);
    if (raw !== undefined) onSecured(raw, secured);
  });
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, secured: Socket) => {
    const raw = take(secured);
    if (raw !== undefined && PLAIN_HTTP.has(code)) onPlainHttp(raw);
  });
}

const YEAR_S = 31_536_000;
export const HSTS = `max-age=${YEAR_S}`;

/**
 * Whether a browser may be asked to use TLS only. Not for `localhost`: browsers apply that to all ports of a name, so one server would make
 * every other development server on the machine unreachable. An address has no such rule (RFC 6797, 8.1.1), and no name in the handshake.
 */
export function takesHsts(socket: Socket): boolean {
  const { servername } = socket as Partial<Pick<TLSSocket, 'servername'>>;
  return typeof servername === 'string' && !/(^|\.)localhost$/i.test(servername);
}
