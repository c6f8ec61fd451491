/** Refuses requests, after it has recorded the refusal. */
import { Fault } from '../fault.js';
import { checkContentType, readBody, refuseUnread, restOf, sendFault, sendText } from '../http/body.js';
import { readAccept } from '../http/head.js';
import { readJson } from '../jsonrpc/json.js';
import { type Id, type Message, readMessage } from '../jsonrpc/message.js';
import { revisionOverHttp } from '../mcp/era.js';
import { type Reply, refuse } from '../mcp/reply.js';
import type { Principal } from '../principal.js';
import { type Era, REVISIONS } from '../revisions.js';
import type { Incoming, Post } from './incoming.js';

/** A request whose caller may be unknown. */
type Unverified = Omit<Incoming, 'principal'> & { principal?: Principal };

/** Refuses a request whose body nobody has read. */
export function rejectUnread(
  { route, request, response, cors, principal }: Unverified,
  fault: Fault,
): Promise<void> {
  const { headers } = request;
  const recording = route.server.audit?.rejected({
    fault,
    status: fault.status('modern'),
    principal,
    headers,
  });
  return refuseUnread(response, fault, cors, recording);
}

/** A body of at most this many bytes is read and discarded. */
const MAX_DISCARDED_BYTES = 64 * 1024;

/**
 * Refuses a request because of its token. Every client meets this refusal first and comes back with a token. Node discards a short body
 * once the answer is sent; with a long one, a client that is still sending might find the connection closed before it reads the answer.
 */
export async function rejectCaller(incoming: Unverified, fault: Fault): Promise<void> {
  const { route, request, response, cors } = incoming;
  const { headers } = request;
  const { audit } = route.server;
  const isShort = headers.expect === undefined && restOf(request) <= MAX_DISCARDED_BYTES;
  if (!isShort) return rejectUnread(incoming, fault);
  const id = fault.inBand ? await legacyId(incoming) : undefined;
  if (id === undefined) {
    await audit?.rejected({ fault, status: fault.status('modern'), headers });
    return sendFault(response, fault, cors);
  }
  const { status, text, headers: faultHeaders } = refuse(id, fault, 'legacy');
  await audit?.rejected({ fault, status, request: { id }, headers });
  sendText(response, status, text, { ...cors, ...faultHeaders });
}

/** The id of a short and valid legacy request; undefined if the refusal must be an HTTP status. */
async function legacyId({ route, request }: Unverified): Promise<Id | undefined> {
  const { method, headers } = request;
  if (method !== 'POST' || !readAccept(headers.accept).json || checkContentType(request) !== undefined)
    return undefined;
  const body = await readBody(request, MAX_DISCARDED_BYTES);
  if (body instanceof Fault) return undefined;
  const { jsonDepth: depth, jsonMembers: members } = route.bounds;
  const json = readJson(body, { depth, members });
  if (json.kind === 'refused') return undefined;
  const message = readMessage(json.value);
  if (message.kind !== 'request') return undefined;
  const revision = revisionOverHttp(message, request.headers);
  return !(revision instanceof Fault) && REVISIONS[revision].era === 'legacy' ? message.id : undefined;
}

/** Refuses a message that never reaches a method, and records it like one that does. */
export async function rejectMessage(
  { route, request, answer, principal, began }: Post,
  message: Message | { kind: 'refused'; id: Id | undefined },
  fault: Fault,
  era: Era,
): Promise<Reply> {
  // Only a request, or a message meant as one, gets an answer under its id.
  const id = message.kind === 'request' || message.kind === 'refused' ? message.id : undefined;
  const reply = refuse(id, fault, era);
  answer.cancelOpening();
  const identifiedMessage = message.kind === 'request' || message.kind === 'notification' ? message : { id };
  const { headers } = request;
  await route.server.audit?.rejected({
    fault,
    status: reply.status,
    principal,
    request: identifiedMessage,
    headers,
  });
  if (message.kind === 'request') {
    const { name } = message.params;
    const target = typeof name === 'string' ? name : undefined;
    route.count?.(message.method, target, undefined, reply, (performance.now() - began) / 1_000);
  }
  return reply;
}
