/**
 * The node:http server: bounds on head, time and idle connections, the refusals of what is no valid HTTP/1.1 (RFC 9112), and a close that
 * lets answers finish and loses nothing on its way. The handler knows what a request means.
 *
 * Over 200 lines because opening and closing share the connections.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Fault } from '../fault.js';
import { errorResponse } from '../jsonrpc/message.js';
import { bodyLength, sendFault } from './body.js';
import { type Certificate, createServer, HSTS, onHandshake, takesHsts } from './certificate.js';
import { closeTwin, listenOnBoth } from './loopback.js';
import { http } from './node-http.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

type ListenerBounds = {
  /** Bytes of request line and headers together. */
  headerBytes: number;
  /** Milliseconds within which a whole request must arrive. */
  requestMs: number;
};

type Connection = {
  /** The answers that are not out yet; several, when requests are pipelined. An array and not a Set: see in-flight.ts. */
  open: ServerResponse[];
  /** False until its first request: browsers open some connections in advance. */
  heard: boolean;
  /** When it was opened, or last gave an answer, and how many bytes had come by then. */
  usedAt: number;
  bytesRead: number;
};

/** The open connections of a server. */
const connectionsOf = new WeakMap<Server, Map<Socket, Connection>>();
const closing = new WeakSet<Server>();
const MAX_TRIES = 10;

/** @param certificate with it, the server speaks TLS and nothing else */
export function createListener(
  handler: Handler,
  { headerBytes, requestMs }: ListenerBounds,
  certificate?: Certificate,
): Server {
  const connections = new Map<Socket, Connection>();
  const handle: Handler = (request, response) => {
    const connection = connections.get(request.socket);
    if (connection !== undefined) {
      connection.heard = true;
      connection.open.push(response);
      response.on('close', forget);
    }
    if (closing.has(server)) endAfter(response);
    if (certificate !== undefined && takesHsts(request.socket))
      response.setHeader('strict-transport-security', HSTS);
    const fault = checkRequestLine(request, connection?.bytesRead ?? 0);
    if (fault === undefined) handler(request, response);
    // The sender of such a line may see its end elsewhere, so we read nothing more from this connection.
    else sendFault(response, fault, { connection: 'close' });
  };
  // One function for all answers, so that a quiet connection keeps nothing of earlier requests.
  function forget(this: ServerResponse): void {
    const connection = connections.get(this.req.socket);
    if (connection === undefined) return;
    connection.open.splice(connection.open.indexOf(this), 1);
    connection.usedAt = performance.now();
    connection.bytesRead = this.req.socket.bytesRead;
  }
  const server = createServer(
    {
      maxHeaderSize: headerBytes,
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: Math.min(requestMs, 1_000),
      keepAliveTimeout: 65_000, // longer than that of most proxies, so that the proxy closes first
      requireHostHeader: false, // head.ts says in JSON what is missing
    },
    handle,
    certificate,
  );
  connectionsOf.set(server, connections);
  const keep = (socket: Socket): void => {
    connections.set(socket, { open: [], heard: false, usedAt: performance.now(), bytesRead: 0 });
    socket.once('close', () => connections.delete(socket));
  };
  server.on('connection', keep);
  // Until its handshake is over, a connection counts as one that nobody has used.
  if (certificate !== undefined)
    onHandshake(server, {
      onSecured(raw, secured) {
        connections.delete(raw);
        keep(secured);
      },
      onPlainHttp(raw) {
        certificate.onPlainHttp?.(raw.remoteAddress);
        // What is left unread would reset the connection, and the client might lose the answer.
        raw.resume();
        // No redirect: a client would follow it, and never learn that it sends its token in the clear.
        refuseConnection(
          raw,
          new Fault('badHttp', 'this port takes HTTPS only; the URL has to begin with https:'),
        );
      },
    });
  // The handler decides from the head whether it wants the body, and whether it meets an expectation.
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('clientError', (error, socket: Socket) =>
    refuseRaw(error, socket, connections.get(socket)?.open ?? []),
  );
  return server;
}

/** node's parser accepts more than one space between the parts of the line. `before`: the bytes that came before this request. */
function checkRequestLine(request: IncomingMessage, before: number): Fault | undefined {
  const { httpVersion, method, url, socket } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return new Fault('versionNotSupported', `this server speaks HTTP/1.1, received HTTP/${httpVersion}`);
  // Copying the bytes would be 8 % of a call. Of nearly every request, exactly the bytes of its parts have come, with or without its body.
  // A colon and a space after each name, a line break after each value.
  let headLength = `${method} ${url} HTTP/1.1\r\n\r\n`.length;
  for (const text of request.rawHeaders) headLength += text.length + 2;
  const more = socket.bytesRead - before - headLength;
  if (more === 0 || more === bodyLength(request, Number.NaN)) return undefined;
  // node documents no way to the line. Its parser shows the bytes that it parses while the handler runs; if not, we skip this check.
  const { parser } = socket as typeof socket & { parser?: { getCurrentBuffer?: () => unknown } | null };
  const received = parser?.getCurrentBuffer?.();
  if (!Buffer.isBuffer(received) || received.includes(`${method} ${url} HTTP/`, 0, 'latin1'))
    return undefined;
  // This chunk has the line with more spaces, or only a part of it, and then we cannot judge.
  const text = received.toString('latin1');
  const spaced =
    text.startsWith(`${method}  `) || text.includes(`\n${method}  `) || text.includes(` ${url}  HTTP/`);
  return spaced
    ? new Fault('badHttp', 'the parts of the request line have one space between them')
    : undefined;
}

/** Refuses what node:http could not parse. `open` are the answers of this connection that are not out yet. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket, open: readonly ServerResponse[]): void {
  // We may write only where the answer to this very request belongs: not within another answer, nor before it.
  const other = open.some(({ headersSent, req }) => headersSent || req.complete);
  if (!socket.writable || other) return void socket.destroy();
  refuseConnection(socket, faultOf(error));
}

/** Answers with the refusal, and closes the connection. */
function refuseConnection(socket: Socket, fault: Fault): void {
  const body = JSON.stringify(errorResponse(undefined, fault));
  const status = fault.status('modern');
  const head = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Do not wait for a client that does not close its side, or goes on sending.
  setTimeout(() => socket.destroy(), 1_000).unref();
}

function faultOf({ code, reason }: NodeJS.ErrnoException & { reason?: string }): Fault {
  // Another version, or the first bytes of HTTP/2. Anything that looks like no version at all is no HTTP.
  if (reason === 'Invalid HTTP version' || code === 'HPE_PAUSED_H2_UPGRADE')
    return new Fault('versionNotSupported', 'this server speaks HTTP/1.1');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Fault('headersTooLarge', 'request line and headers are too long');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Fault('requestTimeout', 'the request did not arrive in time');
  return new Fault('badHttp', `this is not HTTP/1.1 (${code})`);
}

/**
 * Resolves with the port. Rejects with node's own error when the port is taken. On `localhost` or `127.0.0.1` it takes the port on both
 * loopback addresses.
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const { port: taken } = server.address() as AddressInfo;
    if (host !== '127.0.0.1' && host !== 'localhost') return taken;
    try {
      await listenOnBoth(server);
      return taken;
    } catch (error) {
      await new Promise((resolve) => server.close(resolve));
      // A port that the system chose is free on one address, and may be taken on the other.
      if (port !== 0 || tries === MAX_TRIES) throw error;
    }
  }
}

/** The origin of a server on that address; `127.0.0.1` is called `localhost`. */
export function originOf(host: string, port: number, certificate?: Certificate): string {
  const name = host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${certificate === undefined ? 'http' : 'https'}://${name}:${port}`;
}

/**
 * Accepts no new connections and lets answers finish, also to requests that still arrive on open connections. Cuts off what is still open
 * after `graceMs`. A connection stays open for `lingerMs` after its last use: if we ended an idle one, a request might be on its way, and
 * a proxy must not send a POST twice. So the proxy has to end it, before `lingerMs` is over.
 */
export async function close(server: Server, graceMs: number, lingerMs = 0): Promise<void> {
  closing.add(server);
  const connections = connectionsOf.get(server) ?? new Map<Socket, Connection>();
  for (const { open } of connections.values()) for (const response of open) endAfter(response);
  // The system may have accepted connections for us that it would reset otherwise.
  await nextTurn();
  const endIdle = (): void => {
    // Somebody used an idle connection so recently that they may use it again.
    const since = performance.now() - lingerMs;
    const all = [...connections.values()];
    if (all.some(({ open, usedAt }) => usedAt > since && open.length === 0)) return;
    server.closeIdleConnections();
    // node counts a connection without any request as busy.
    for (const [socket, { heard }] of connections) if (!heard) socket.destroy();
  };
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A kept-alive connection turns idle only once its answer is out, so look again and again.
  const sweep = setInterval(endIdle, 20);
  const twin = closeTwin(server);
  await new Promise<void>((resolve) => {
    // The close of net, because that of http also ends idle connections.
    NetServer.prototype.close.call(server, () => resolve(twin));
    endIdle();
  });
  clearInterval(sweep);
  clearTimeout(cut);
  // Now the close of http, which has a timer to clear.
  server.close();
}

/** Asks the client to send nothing more over this connection. */
function endAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
