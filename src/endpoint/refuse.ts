/** The refusal of a request whose body nobody has read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../fault.js';
import { sendFault } from '../http/reply.js';

/** The rest of the body is not read, so the connection cannot carry another request. */
export function refuseUnread(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
  headers?: { [name: string]: string },
): void {
  const unread = !request.complete && (request.headers['content-length'] ?? '0') !== '0';
  const chunked = !request.complete && request.headers['transfer-encoding'] !== undefined;
  sendFault(response, fault, unread || chunked ? { ...headers, connection: 'close' } : headers);
}
