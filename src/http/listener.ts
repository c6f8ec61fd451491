/**
 * The node:http server: bounds on head, time and idle connections, the refusals that node:http itself raises, and a
 * close that lets answers finish. What a request means is the handler's business.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Fault } from '../fault.js';
import { errorResponse } from '../jsonrpc/message.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type ListenerBounds = {
  /** Bytes of request line and headers together. */
  headerBytes: number;
  /** Milliseconds within which a whole request has to arrive. */
  requestMs: number;
};

/** The answers on each connection that are not out yet; several, when requests are pipelined. */
const answers = new WeakMap<Socket, ServerResponse[]>();
/** Connections of a server that have not sent a request yet: browsers open some in advance. */
const silent = new WeakMap<Server, Set<Socket>>();

export function createListener(handler: Handler, { headerBytes, requestMs }: ListenerBounds): Server {
  const server = createServer(
    {
      maxHeaderSize: headerBytes,
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: Math.min(requestMs, 1_000),
      keepAliveTimeout: 65_000, // longer than the usual proxy's, so that it is the proxy who closes
      requireHostHeader: false, // guard.ts says what is missing, in JSON
    },
    (request, response) => take(request, response),
  );
  const unheard = new Set<Socket>();
  silent.set(server, unheard);
  server.on('connection', (socket) => {
    unheard.add(socket);
    socket.once('close', () => unheard.delete(socket));
  });
  const take: Handler = (request, response) => {
    unheard.delete(request.socket);
    // Not a Set: see in-flight.ts for what its tables cost.
    const open = answers.get(request.socket);
    if (open === undefined) answers.set(request.socket, [response]);
    else open.push(response);
    response.on('close', forget);
    handler(request, response);
  };
  // The handler decides by the head whether the body is wanted at all, and what an expectation is worth.
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('clientError', refuseRaw);
  return server;
}

/** One function for all answers: a quiet connection keeps nothing of the requests before. */
function forget(this: ServerResponse): void {
  const open = answers.get(this.req.socket);
  if (open !== undefined) open.splice(open.indexOf(this), 1);
}

/** Resolves with the port that was taken; rejects with node's own error when it is in use. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** How a server on that address is named; `127.0.0.1` goes by `localhost`. */
export function originOf(host: string, port: number): string {
  const name = host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** Takes no new connections, lets open answers finish, and cuts off what is still open after `graceMs`. */
export async function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  // A kept-alive connection turns idle only once its answer is out, so look again and again.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // node counts such a connection as busy.
  for (const socket of silent.get(server) ?? []) socket.destroy();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearInterval(sweep);
  clearTimeout(cut);
}

// Here there is no request object, only a socket: what came was not HTTP, or too much of it, or too slow.
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket): void {
  // Words of ours may stand only where the answer to this very request would: not within one, nor before another's.
  const open = answers.get(socket) ?? [];
  const other = open.some(({ headersSent, req }) => headersSent || req.complete);
  if (error.code === 'ECONNRESET' || !socket.writable || other) return void socket.destroy();
  const fault = faultOf(error);
  const body = JSON.stringify(errorResponse(undefined, fault));
  const status = fault.status('modern');
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Who does not close on its side is not waited for.
  socket.setTimeout(1_000, () => socket.destroy());
}

function faultOf({ code }: NodeJS.ErrnoException): Fault {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Fault('headersTooLarge', 'request line and headers are too long');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Fault('requestTimeout', 'the request did not arrive in time');
  return new Fault('badHttp', `this is not HTTP/1.1 (${code ?? 'unreadable'})`);
}
