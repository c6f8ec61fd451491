/**
 * The node:http server: bounds on head, time and idle connections, the refusals that node:http itself raises, and a
 * close that lets answers finish and loses nothing that is on its way. What a request means is the handler's business.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sendFault } from './body.js';
import { checkRequestLine, closeTwin, listenOnBoth, refuseRaw } from './sockets.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type ListenerBounds = {
  /** Bytes of request line and headers together. */
  headerBytes: number;
  /** Milliseconds within which a whole request has to arrive. */
  requestMs: number;
};

/** What is known of a connection: the answers that are not out yet (several, when requests are pipelined), and its use. */
type Connection = {
  /** An array and no Set: see in-flight.ts. */
  open: ServerResponse[];
  /** False until its first request: browsers open some in advance. */
  heard: boolean;
  /** When it was opened, or last gave an answer. */
  usedAt: number;
};

const known = new WeakMap<Socket, Connection>();
/** The connections of a server that are open. */
const connections = new WeakMap<Server, Map<Socket, Connection>>();
const closing = new WeakSet<Server>();
const MAX_TRIES = 10;

export function createListener(handler: Handler, { headerBytes, requestMs }: ListenerBounds): Server {
  const server = createServer(
    {
      maxHeaderSize: headerBytes,
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: Math.min(requestMs, 1_000),
      keepAliveTimeout: 65_000, // longer than the usual proxy's, so that it is the proxy who closes
      requireHostHeader: false, // head.ts says what is missing, in JSON
    },
    (request, response) => take(request, response),
  );
  const all = new Map<Socket, Connection>();
  connections.set(server, all);
  server.on('connection', (socket) => {
    const connection = { open: [], heard: false, usedAt: performance.now() };
    known.set(socket, connection);
    all.set(socket, connection);
    socket.once('close', () => all.delete(socket));
  });
  const take: Handler = (request, response) => {
    const connection = known.get(request.socket);
    if (connection !== undefined) {
      connection.heard = true;
      connection.open.push(response);
      response.on('close', forget);
    }
    if (closing.has(server)) isLast(response);
    const fault = checkRequestLine(request);
    if (fault === undefined) handler(request, response);
    // Whoever writes such a line may mean another end of it than we do: nothing more is read from this connection.
    else sendFault(response, fault, { connection: 'close' });
  };
  // The handler decides by the head whether the body is wanted at all, and what an expectation is worth.
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('clientError', (error, socket: Socket) =>
    refuseRaw(error, socket, known.get(socket)?.open ?? []),
  );
  return server;
}

/** One function for all answers: a quiet connection keeps nothing of the requests before. */
function forget(this: ServerResponse): void {
  const connection = known.get(this.req.socket);
  if (connection === undefined) return;
  connection.open.splice(connection.open.indexOf(this), 1);
  connection.usedAt = performance.now();
}

/**
 * Resolves with the port that was taken; rejects with node's own error when it is in use. What goes by `localhost` takes it
 * on both loopback addresses.
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const taken = await listenAt(server, port, host);
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

function listenAt(server: Server, port: number, host: string): Promise<number> {
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

/**
 * Takes no new connections and lets answers finish, also those to requests that still come over open connections; cuts off
 * what is still open after `graceMs`. A connection stays open for `lingerMs` after its last use: whoever ends an idle
 * connection may cross a request that is on its way, and a proxy must not send a POST twice. So the proxy has to be the
 * one who ends it, earlier than that.
 */
export async function close(server: Server, graceMs: number, lingerMs = 0): Promise<void> {
  if (!server.listening) return;
  closing.add(server);
  for (const { open } of connectionsOf(server).values()) for (const response of open) isLast(response);
  // What the system has taken for us is ours: it would be reset.
  await nextTurn();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A kept-alive connection turns idle only once its answer is out, so look again and again.
  const sweep = setInterval(() => {
    if (!usedWithin(server, lingerMs)) endIdle(server);
  }, 20);
  const twin = closeTwin(server);
  await new Promise<void>((resolve) => {
    // That of net: the one of http also ends what is idle.
    NetServer.prototype.close.call(server, () => resolve(twin));
    if (!usedWithin(server, lingerMs)) endIdle(server);
  });
  clearInterval(sweep);
  clearTimeout(cut);
  // And now that of http, which has a timer to clear.
  server.close();
}

function endIdle(server: Server): void {
  server.closeIdleConnections();
  // node counts such a connection as busy.
  for (const [socket, { heard }] of connectionsOf(server)) if (!heard) socket.destroy();
}

function connectionsOf(server: Server): ReadonlyMap<Socket, Connection> {
  return connections.get(server) ?? new Map();
}

/** Whether a connection that has nothing to answer was used so short a time ago that its other side may use it again. */
function usedWithin(server: Server, ms: number): boolean {
  const since = performance.now() - ms;
  return [...connectionsOf(server).values()].some(({ open, usedAt }) => usedAt > since && open.length === 0);
}

/** Tells the other side to send nothing more over this connection. */
function isLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
