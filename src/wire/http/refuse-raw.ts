/** The refusals that node:http itself raises, written to the socket: what came was not HTTP, or too much of it, or too slow. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Fault } from '../fault.js';
import { errorResponse } from '../jsonrpc/message.js';
import { versionNotSupported } from './request-line.js';

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
