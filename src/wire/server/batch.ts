/** Answers a batch of messages, which only exists in 2025-03-26. */
import { Fault } from '../fault.js';
import { type Message, readMessage } from '../jsonrpc/message.js';
import { isModern, revisionInHeader } from '../mcp/era.js';
import { claimsModern, metaOf } from '../mcp/meta.js';
import { REVISIONS, type Revision } from '../revisions.js';
import { isRecord } from '../value.js';
import type { Post } from './incoming.js';
import { peekSession } from './legacy.js';
import { answerMessage, refuseAfter } from './message.js';
import { rejectMessage } from './reject.js';

export async function answerBatch(post: Post, items: unknown[]): Promise<void> {
  const fault = await checkBatch(post, items);
  if (fault !== undefined) {
    const reply = await rejectMessage(post, { kind: 'refused', id: undefined }, fault, 'modern');
    return post.answer.finish(reply);
  }
  const messages = items.map(readMessage);
  const outcomes = await Promise.all(
    messages.map((message) => {
      // `initialize` is never part of a batch (2025-03-26/lifecycle/001).
      if (message.kind === 'request' && message.method === 'initialize') {
        const refusal = new Fault('invalidRequest', '"initialize" cannot be part of a batch');
        return refuseAfter(refusal, post, message, 'legacy');
      }
      return answerMessage(post, message);
    }),
  );
  // Without a request in the batch, the refusal must be an HTTP status (2025-03-26/transports/005).
  const hasRequest = messages.some(
    (one) => one.kind === 'request' || (one.kind === 'refused' && !one.notifies),
  );
  const [firstReply] = outcomes.filter((outcome) => typeof outcome === 'object');
  if (!hasRequest && firstReply !== undefined) return post.answer.finish(firstReply);
  const texts = messages.flatMap((message, at) => {
    const outcome = outcomes[at];
    return typeof outcome !== 'object' || isNotification(message) ? [] : [outcome.text];
  });
  if (texts.length === 0) return post.answer.accept();
  post.answer.finish({ status: 200, text: `[${texts.join(',')}]` }, texts);
}

function isNotification(message: Message): boolean {
  return message.kind === 'notification' || (message.kind === 'refused' && message.notifies === true);
}

async function checkBatch(post: Post, items: unknown[]): Promise<Fault | undefined> {
  const { request, route } = post;
  const { batchMessages } = route.bounds;
  const headerRevision = revisionInHeader(request.headers);
  if (headerRevision instanceof Fault) return headerRevision;
  let revision: Revision | undefined;
  try {
    // The revision of the session takes precedence over the header; without either it is 2025-03-26.
    const session = isModern(headerRevision) ? undefined : await peekSession(post);
    revision = session?.connection.revision ?? headerRevision;
  } catch (error) {
    // The state that replicas share cannot be reached.
    if (error instanceof Fault) return error;
    throw error;
  }
  const hasModernMessage = items.some(
    (item) => isRecord(item) && isRecord(item.params) && claimsModern(metaOf(item.params)),
  );
  const takesBatches = revision === undefined || REVISIONS[revision].batches;
  if (hasModernMessage || !takesBatches)
    return new Fault('invalidRequest', 'a batch is accepted only under revision 2025-03-26');
  if (items.length === 0) return new Fault('invalidRequest', 'a batch has at least one message');
  if (items.length <= batchMessages) return undefined;
  return new Fault(
    'invalidRequest',
    `a batch has at most ${batchMessages} messages, received ${items.length}`,
  );
}
