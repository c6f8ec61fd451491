/** Answers a batch of messages, which only 2025-03-26 has. */
import { Fault } from '../fault.js';
import { type Message, readMessage } from '../jsonrpc/message.js';
import { isModern, revisionInHeader } from '../mcp/era.js';
import { claimsModern, metaOf } from '../mcp/meta.js';
import { REVISIONS, type Revision } from '../revisions.js';
import { isRecord } from '../value.js';
import type { Post } from './incoming.js';
import { peekSession } from './legacy.js';
import { answerMessage } from './message.js';
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
        const alone = new Fault('invalidRequest', '"initialize" cannot be part of a batch');
        return rejectMessage(post, message, alone, 'legacy');
      }
      return answerMessage(post, message);
    }),
  );
  // If the batch has no request, its refusal must be an HTTP status (2025-03-26/transports/005).
  const hasRequest = messages.some(
    (one) => one.kind === 'request' || (one.kind === 'refused' && !one.notifies),
  );
  const [first] = outcomes.filter((outcome) => typeof outcome === 'object');
  if (!hasRequest && first !== undefined) return post.answer.finish(first);
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
    // The state that replicas share is out of reach.
    if (error instanceof Fault) return error;
    throw error;
  }
  const modern = items.some(
    (item) => isRecord(item) && isRecord(item.params) && claimsModern(metaOf(item.params)),
  );
  const allowed = revision === undefined || REVISIONS[revision].batches;
  if (modern || !allowed)
    return new Fault('invalidRequest', 'a batch is accepted only under revision 2025-03-26');
  if (items.length === 0) return new Fault('invalidRequest', 'a batch has at least one message');
  if (items.length <= batchMessages) return undefined;
  return new Fault(
    'invalidRequest',
    `a batch has at most ${batchMessages} messages, received ${items.length}`,
  );
}
