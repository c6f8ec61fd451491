/**
 * The refusal of a request at the door: without a good token, or while none can be checked. The second is mended by time, and a
 * legacy client would end its session over the status (see fault.ts): then a short body is read after all, for the id under
 * which the client waits for its answer. Nothing else of it is looked at.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../fault.js';
import { readAccept } from '../http/accept.js';
import { checkContentType, readBody, restOf } from '../http/body.js';
import { sendText } from '../http/reply.js';
import { type JsonBounds, readJson } from '../jsonrpc/json.js';
import { type Id, readMessage } from '../jsonrpc/message.js';
import { revisionOverHttp } from '../mcp/era.js';
import { refuse } from '../mcp/reply.js';
import { features } from '../revisions.js';
import { header, type Service } from './incoming.js';
import { refuseDrained, WORTH_DRAINING } from './refuse.js';

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

/** The id of a legacy request that is short and whole; undefined where the refusal has to be a status. */
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
  const spoken = revisionOverHttp(message, header(request, 'mcp-protocol-version'));
  return spoken.kind === 'spoken' && features(spoken.revision).era === 'legacy' ? message.id : undefined;
}
