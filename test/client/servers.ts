/** Servers for the client: one of the wire, one that follows a script, and one that answers with any bytes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Socket } from 'node:net';
import { ClientError, type ClientOptions } from '../../src/client/index.js';
import { listen } from '../../src/wire/http/listener.js';
import { SERVER_INFO } from '../../src/wire/mcp/meta.js';
import type { JsonObject } from '../../src/wire/value.js';

const open: (() => Promise<unknown>)[] = [];

/** For test.after: closes everything at the end of the file. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

export function closeLater(close: () => Promise<unknown>): void {
  open.push(close);
}

export const OPTIONS: ClientOptions = { clientInfo: { name: 'test', version: '1.0.0' }, timeoutMs: 10_000 };

export type Received = {
  method: string;
  headers: IncomingMessage['headers'];
  /** The message that was posted; empty for GET and DELETE. */
  message: JsonObject;
};
/** Undefined leaves the response to the script. */
export type Reply = { status?: number; headers?: { [name: string]: string }; body?: string } | undefined;
export type Script = (received: Received, response: ServerResponse) => Reply;

export type Served = { url: URL; received: Received[] };

/** A server whose answers are written by the test. */
export async function serve(script: Script): Promise<Served> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const one = {
        method: request.method ?? '',
        headers: request.headers,
        message: body === '' ? {} : JSON.parse(body),
      };
      received.push(one);
      const reply = script(one, response);
      if (reply === undefined) return;
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(reply.body);
    });
  });
  const port = await listen(server, 0, '127.0.0.1');
  closeLater(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: new URL(`http://127.0.0.1:${port}/mcp`), received };
}

/** A server that writes these bytes to each connection once a request has come. */
export async function serveBytes(answer: (socket: Socket, request: string) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    let request = '';
    socket.on('data', (chunk) => {
      request += chunk;
      if (!request.includes('\r\n\r\n')) return;
      answer(socket, request);
      request = '';
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  closeLater(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${port}/mcp`);
}

export const result = (message: JsonObject, value: object): Reply => ({
  body: JSON.stringify({ jsonrpc: '2.0', id: message.id, result: value }),
});

export const error = (message: JsonObject, code: number, data?: unknown, status = 200): Reply => ({
  status,
  body: JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code, message: 'refused', data } }),
});

export const sse = (text: string): Reply => ({
  headers: { 'content-type': 'text/event-stream' },
  body: text,
});

export const frame = (value: object, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(value)}\n\n`;

const DISCOVERED = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  _meta: { [SERVER_INFO]: { name: 'scripted', version: '1' } },
};

/** A modern server; `script` answers what is not `server/discover`. */
export function modern(script: Script): Promise<Served> {
  return serve((received, response) =>
    received.message.method === 'server/discover'
      ? result(received.message, DISCOVERED)
      : script(received, response),
  );
}

export const INITIALIZED = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'old', version: '1' },
};

/** A legacy server with sessions, each with the next number; `script` answers what comes after the handshake. */
export function legacy(script: Script): Promise<Served> {
  let sessions = 0;
  return serve((received, response) => {
    const { message } = received;
    if (message.method === 'server/discover') return { status: 400, headers: {}, body: 'what?' };
    if (message.method === 'initialize') {
      sessions += 1;
      return { ...result(message, INITIALIZED), headers: { 'mcp-session-id': `session-${sessions}` } };
    }
    if (message.method === 'notifications/initialized') return { status: 202 };
    return script(received, response);
  });
}

/** The error that the work must end with. */
export async function failure(work: Promise<unknown>): Promise<ClientError> {
  const outcome = await work.then(
    (value) => new Error(`it succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (outcome instanceof ClientError) return outcome;
  throw outcome;
}
