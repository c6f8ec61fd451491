/**
 * What happens on the socket, before node:http has a request or beside it: the refusals that node:http itself raises, the request line
 * where its parser is too lenient (RFC 9112), and the other loopback address.
 */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { Fault } from '../fault.js';
import { errorResponse } from '../jsonrpc/message.js';

const VERSIONS = ['1.1', '1.0'];

export function checkRequestLine(request: IncomingMessage): Fault | undefined {
  const { httpVersion, method, url } = request;
  if (!VERSIONS.includes(httpVersion)) return versionNotSupported(httpVersion);
  const received = receivedNow(request);
  if (received === undefined || received.includes(`${method} ${url} HTTP/`, 0, 'latin1')) return undefined;
  // It is not in this chunk as it should be: it stands there with more spaces, or came in two pieces.
  const text = received.toString('latin1');
  const spaced =
    text.startsWith(`${method}  `) || text.includes(`\n${method}  `) || text.includes(` ${url}  HTTP/`);
  return spaced
    ? new Fault('badHttp', 'the parts of the request line have one space between them')
    : undefined;
}

export function versionNotSupported(received?: string): Fault {
  const came = received === undefined ? '' : `, received HTTP/${received}`;
  return new Fault('versionNotSupported', `this server speaks HTTP/1.1${came}`);
}

/**
 * The bytes that are being parsed while the handler is called. node documents no way to the request line, and its parser shows
 * them where it reports an error; a parser that does not is not asked. A line in two pieces is not seen whole.
 */
function receivedNow({ socket }: IncomingMessage): Buffer | undefined {
  const { parser } = socket as typeof socket & { parser?: { getCurrentBuffer?: () => unknown } | null };
  const received = parser?.getCurrentBuffer?.();
  return Buffer.isBuffer(received) ? received : undefined;
}

export function refuseRaw(
  error: NodeJS.ErrnoException,
  socket: Socket,
  /** The answers of this connection that are not out yet. */
  open: readonly ServerResponse[],
): void {
  // Words of ours may stand only where the answer to this very request would: not within one, nor before another's.
  const other = open.some(({ headersSent, req }) => headersSent || req.complete);
  if (error.code === 'ECONNRESET' || !socket.writable || other) return void socket.destroy();
  const fault = faultOf(error);
  const body = JSON.stringify(errorResponse(undefined, fault));
  const status = fault.status('modern');
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Who does not close on its side is not waited for.
  socket.setTimeout(1_000, () => socket.destroy());
}

function faultOf({ code, reason }: NodeJS.ErrnoException & { reason?: string }): Fault {
  // Another version, or the first bytes of HTTP/2; what looks like no version at all is no HTTP.
  if (reason === 'Invalid HTTP version' || code === 'HPE_PAUSED_H2_UPGRADE') return versionNotSupported();
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Fault('headersTooLarge', 'request line and headers are too long');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Fault('requestTimeout', 'the request did not arrive in time');
  return new Fault('badHttp', `this is not HTTP/1.1 (${code ?? 'unreadable'})`);
}

const twins = new WeakMap<Server, NetServer>();
/** A machine without IPv6, or without IPv4, has no second address for anybody. */
const NO_SUCH_ADDRESS: readonly (string | undefined)[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/** Hands what connects to the other loopback address to `server`, which listens. Rejects when its port is taken there. */
export function listenOnBoth(server: Server): Promise<void> {
  const { address, port } = server.address() as AddressInfo;
  const twin = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    server.emit('connection', socket),
  );
  twin.unref();
  return new Promise((resolve, reject) => {
    twin.once('error', (error: NodeJS.ErrnoException) => {
      if (NO_SUCH_ADDRESS.includes(error.code)) resolve();
      else reject(error);
    });
    twin.listen(port, address === '::1' ? '127.0.0.1' : '::1', () => {
      twins.set(server, twin);
      server.once('close', () => twin.close());
      resolve();
    });
  });
}

/** Takes no more connections there; resolves when those that are open have ended. */
export function closeTwin(server: Server): Promise<void> {
  const twin = twins.get(server);
  return new Promise((resolve) => {
    if (twin?.listening) twin.close(() => resolve());
    else resolve();
  });
}
