/** Whole answers: one JSON object, or the refusal of something that never became a message. */
import type { ServerResponse } from 'node:http';
import type { Fault } from '../fault.js';
import { errorResponse } from '../jsonrpc/message.js';

type OutgoingHeaders = { [name: string]: string };

/** On every answer: a browser takes it for what its type says, and guesses nothing else out of its text. */
export const NOSNIFF = { 'x-content-type-options': 'nosniff' } as const;

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers?: OutgoingHeaders | undefined,
): void {
  sendText(response, status, JSON.stringify(body), headers);
}

/** The same of an object that is JSON text already. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers?: OutgoingHeaders | undefined,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...NOSNIFF,
    ...headers,
  });
  // A text leaves in one write with its head, bytes would take two.
  endWithin(response, text);
}

/** How long a client may take nothing of an answer before it is given up, milliseconds. */
const STUCK_MS = 30_000;
/** Fewer bytes than this fit into the system's own buffers. */
const WORTH_WATCHING = 64 * 1024;

/** The end of a response. A client that stops reading it does not hold its bytes in memory for ever. */
export function endWithin(response: ServerResponse, last: string): void {
  response.end(last);
  if (response.writableLength < WORTH_WATCHING) return;
  const { socket } = response;
  let taken = -1;
  const watch = setInterval(() => {
    if (socket?.bytesWritten === taken) response.destroy();
    taken = socket?.bytesWritten ?? taken;
  }, STUCK_MS).unref();
  response.once('close', () => clearInterval(watch));
}

/** 202: a notification was taken, and there is nothing to say about it (2026-07-28/streamable-http/013). */
export function sendAccepted(response: ServerResponse, headers?: OutgoingHeaders | undefined): void {
  response.writeHead(202, { 'content-length': '0', ...NOSNIFF, ...headers });
  response.end();
}

/** A refusal before any message was read: a JSON-RPC error without an id (2026-07-28/streamable-http/004, /015). */
export function sendFault(
  response: ServerResponse,
  fault: Fault,
  headers?: OutgoingHeaders | undefined,
): void {
  sendJson(response, fault.status('modern'), errorResponse(undefined, fault), {
    ...headers,
    ...fault.headers,
  });
}

const METHODS = 'POST, GET, DELETE, OPTIONS';
const ALLOWED = [
  'Accept',
  'Authorization',
  'Content-Type',
  'Last-Event-ID',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
  'Traceparent',
];
const EXPOSED = 'MCP-Protocol-Version, Mcp-Session-Id, Retry-After, WWW-Authenticate';

/** Headers for every answer to a request that named its (already checked) origin. */
export function corsHeaders(origin: string | undefined): OutgoingHeaders | undefined {
  if (origin === undefined) return undefined;
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' };
}

/** `requested` is Access-Control-Request-Headers: tools decide their `Mcp-Param-*` names, so those are taken from it. */
export function preflightHeaders(origin: string, requested: string | undefined): OutgoingHeaders {
  const params = (requested ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[\w-]+$/i.test(name));
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': [...ALLOWED, ...params].join(', '),
    'access-control-max-age': '600',
    vary: 'Origin, Access-Control-Request-Headers',
  };
}
