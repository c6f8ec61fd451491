/** Refuses a request whose body nobody has read, after the refusal is recorded. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import { checkContentType, readBody, restOf, sendFault, sendText } from '../http/body.js';
import { readAccept } from '../http/head.js';
import { type JsonBounds, readJson } from '../jsonrpc/json.js';
import { type Id, readMessage } from '../jsonrpc/message.js';
import { revisionOverHttp } from '../mcp/era.js';
import { refuse } from '../mcp/reply.js';
import { features } from '../revisions.js';
import { header, type Service } from './incoming.js';

type Refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
  headers?: { [name: string]: string },
  /** Resolves when the refusal is recorded, which must happen first. */
  written?: Promise<void>,
) => Promise<void>;

/** The rest of the body is not read, so the connection cannot carry another request. */
export const refuseUnread: Refuse = (request, response, fault, headers, written) =>
  send(response, fault, restOf(request) > 0 ? { ...headers, connection: 'close' } : headers, written);

/** We read and discard a body of at most this many bytes. */
export const WORTH_DRAINING = 64 * 1024;

/**
 * The refusal that every client meets first, before it comes back with a token. node discards a short body once the answer is
 * out. Otherwise a client that is still sending might find the connection closed before it has read why.
 */
export const refuseDrained: Refuse = (request, response, fault, headers, written) => {
  const drained = restOf(request) <= WORTH_DRAINING && request.headers.expect === undefined;
  return drained
    ? send(response, fault, headers, written)
    : refuseUnread(request, response, fault, headers, written);
};

// The headers were chosen before the record was written, because more of the body may arrive meanwhile.
async function send(
  response: ServerResponse,
  fault: Fault,
  headers: { [name: string]: string } | undefined,
  written: Promise<void> | undefined,
): Promise<void> {
  if (written !== undefined) await written;
  sendFault(response, fault, headers);
}

export async function refuseAtDoor(
  { server, bounds }: Pick<Service, 'server' | 'bounds'>,
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
  cors: { [name: string]: string } | undefined,
): Promise<void> {
  const { headers } = request;
  const id = fault.inBand
    ? await legacyId(request, { depth: bounds.jsonDepth, members: bounds.jsonMembers })
    : undefined;
  if (id === undefined) {
    const written = server.audit?.rejected({ fault, status: fault.status('modern'), headers });
    return refuseDrained(request, response, fault, cors, written);
  }
  const { status, text, headers: own } = refuse(id, fault, 'legacy');
  await server.audit?.rejected({ fault, status, request: { id }, headers });
  sendText(response, status, text, { ...cors, ...own });
}

/** The id of a short and complete legacy request; undefined where the refusal must be a status. */
async function legacyId(request: IncomingMessage, bounds: JsonBounds): Promise<Id | undefined> {
  const { method, headers } = request;
  const readable = method === 'POST' && readAccept(headers.accept).json && headers.expect === undefined;
  if (!readable || restOf(request) > WORTH_DRAINING || checkContentType(request) !== undefined)
    return undefined;
  const body = await readBody(request, WORTH_DRAINING);
  const json = body instanceof Uint8Array ? readJson(body, bounds) : undefined;
  if (json === undefined || json.kind === 'refused') return undefined;
  const message = readMessage(json.value);
  if (message.kind !== 'request') return undefined;
  const revision = revisionOverHttp(message, header(request, 'mcp-protocol-version'));
  return !(revision instanceof Fault) && features(revision).era === 'legacy' ? message.id : undefined;
}
