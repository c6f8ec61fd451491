/**
 * Reads the body of one POST: one message, or in 2025-03-26 a batch of them. message.ts answers each.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#sending-messages
 */
import { Fault } from '../fault.js';
import { readJson } from '../jsonrpc/json.js';
import { type Message, readMessage, refusedMessage } from '../jsonrpc/message.js';
import { claimsModern, metaOf } from '../mcp/meta.js';
import { type Reply, refuse } from '../mcp/reply.js';
import { features, isRevision } from '../revisions.js';
import { isRecord } from '../value.js';
import { header, type Incoming, peekSession } from './incoming.js';
import { answerMessage, reject } from './message.js';

/** A request that stays open stays in memory, and one of 1 MiB would take 3 MiB. */
const MAX_LISTENING_BYTES = 64 * 1024;

export function answerPost(incoming: Incoming, body: Uint8Array): Promise<void> {
  const { jsonDepth: depth, jsonMembers: members } = incoming.bounds;
  const json = readJson(body, { depth, members });
  if (json.kind === 'refused') return answerOne(incoming, refusedMessage(json.value, json.fault));
  if (Array.isArray(json.value)) return answerBatch(incoming, json.value);
  const message = readMessage(json.value);
  const listens = message.kind === 'request' && message.method === 'subscriptions/listen';
  if (listens && body.length > MAX_LISTENING_BYTES) {
    const detail = `subscriptions/listen has at most ${MAX_LISTENING_BYTES} bytes, received ${body.length}`;
    return refuseAll(incoming, message, new Fault('bodyTooLarge', detail));
  }
  return answerOne(incoming, message);
}

async function answerOne(incoming: Incoming, message: Message): Promise<void> {
  const reply = await answerMessage(incoming, message);
  if (reply === undefined) return incoming.answer.accept();
  if (reply === 'abandoned') return incoming.answer.abandon(abandoned(message));
  send(incoming, reply);
}

async function refuseAll(
  incoming: Incoming,
  message: Parameters<typeof reject>[1],
  fault: Fault,
): Promise<void> {
  send(incoming, await reject(incoming, message, fault, 'modern'));
}

async function answerBatch(incoming: Incoming, items: unknown[]): Promise<void> {
  const version = await batchRevision(incoming);
  const fault =
    version instanceof Fault ? version : checkBatch(items, version, incoming.bounds.batchMessages);
  if (fault !== undefined) return refuseAll(incoming, { kind: 'refused', id: undefined }, fault);
  const messages = items.map(readMessage);
  const outcomes = await Promise.all(
    messages.map((message) => {
      // `initialize` is never part of a batch (2025-03-26/lifecycle/001).
      if (message.kind === 'request' && message.method === 'initialize') {
        const alone = new Fault('invalidRequest', '"initialize" cannot be part of a batch');
        return reject(incoming, message, alone, 'legacy');
      }
      return answerMessage(incoming, message);
    }),
  );
  const replies = outcomes.filter((outcome) => typeof outcome === 'object');
  if (replies[0] === undefined) return incoming.answer.accept();
  // If the batch has no request, its refusal must be an HTTP status (2025-03-26/transports/005).
  const asked = messages.some(({ kind }) => kind === 'request' || kind === 'refused');
  if (!asked) return send(incoming, replies[0]);
  incoming.answer.finishBatch(replies.map(({ text }) => text));
}

// The revision of the session wins over the header; without either it is 2025-03-26.
async function batchRevision(incoming: Incoming): Promise<string | undefined | Fault> {
  try {
    const session = await peekSession(incoming);
    return session?.connection.revision ?? header(incoming, 'mcp-protocol-version');
  } catch (error) {
    // The state that replicas share is out of reach.
    if (error instanceof Fault) return error;
    throw error;
  }
}

function checkBatch(items: unknown[], version: string | undefined, most: number): Fault | undefined {
  const modern = items.some(
    (item) => isRecord(item) && isRecord(item.params) && claimsModern(metaOf(item.params)),
  );
  const allowed = version === undefined || (isRevision(version) && features(version).batches);
  if (modern || !allowed)
    return new Fault('invalidRequest', 'a batch is accepted only under revision 2025-03-26');
  if (items.length === 0) return new Fault('invalidRequest', 'a batch has at least one message');
  if (items.length <= most) return undefined;
  return new Fault('invalidRequest', `a batch has at most ${most} messages, received ${items.length}`);
}

function send({ answer }: Incoming, { status, text, headers }: Reply): void {
  if (headers !== undefined) answer.addHeaders(headers);
  answer.finish(status, text);
}

function abandoned(message: Message): string {
  const fault = new Fault('cancelled', 'the request was cancelled by its sender');
  return refuse(message.kind === 'request' ? message.id : undefined, fault, 'legacy').text;
}
