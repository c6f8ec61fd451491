/** The refusal of a request whose body nobody has read, once it is written down. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../fault.js';
import { restOf } from '../http/body.js';
import { sendFault } from '../http/reply.js';

type Refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
  headers?: { [name: string]: string },
  /** The record of it, which has to be there first. */
  written?: Promise<void>,
) => Promise<void>;

/** The rest of the body is not read, so the connection cannot carry another request. */
export const refuseUnread: Refuse = (request, response, fault, headers, written) =>
  send(response, fault, restOf(request) > 0 ? { ...headers, connection: 'close' } : headers, written);

/** As much is taken off the wire for nothing. */
export const WORTH_DRAINING = 64 * 1024;

/**
 * The refusal that every client meets first, and goes on from with a token: a short body is thrown away by node once the
 * answer is out, lest a client that is still sending find the connection gone before it has read why.
 */
export const refuseDrained: Refuse = (request, response, fault, headers, written) => {
  const drained = restOf(request) <= WORTH_DRAINING && request.headers.expect === undefined;
  return drained
    ? send(response, fault, headers, written)
    : refuseUnread(request, response, fault, headers, written);
};

// Which headers it has was decided when the refusal was: more of the body may come while the record is written.
async function send(
  response: ServerResponse,
  fault: Fault,
  headers: { [name: string]: string } | undefined,
  written: Promise<void> | undefined,
): Promise<void> {
  if (written !== undefined) await written;
  sendFault(response, fault, headers);
}
