/** The reply to one request. Refusals are made here, results in dispatch.ts. */
import { Fault } from '../fault.js';
import { errorResponse, type Id, type Response } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { Stopped } from './request-context.js';

/**
 * `response` is what the method returned (of a large result only its type), `text` the JSON that is sent, and `status` and `headers` are
 * for HTTP.
 */
export type Reply = {
  status: number;
  response: Response;
  text: string;
  headers?: { [name: string]: string } | undefined;
};

export function refuse(id: Id | undefined, fault: Fault, era: Era): Reply {
  const response = errorResponse(id, fault);
  return { status: fault.status(era), response, text: JSON.stringify(response), headers: fault.headers };
}

/** The refusal that answers a stopped request, if it gets an answer at all. */
export function stoppedFault({ why, message, fault }: Stopped): Fault {
  if (fault !== undefined) return fault;
  if (why === 'stopping') return new Fault('stopping', message);
  if (why === 'expired') return new Fault('unauthorized', message);
  return new Fault(why === 'cancelled' ? 'cancelled' : 'internalError', message);
}

/** The key under which a result keeps the JSON text of its `structuredContent`; not a member on the wire. */
export const STRUCTURED_TEXT = Symbol('the text of structuredContent');
export type Result = JsonObject & { [STRUCTURED_TEXT]?: string };
