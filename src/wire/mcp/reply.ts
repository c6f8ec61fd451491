/** What goes back for one request: the response and its one JSON text. Here are the refusals; dispatch.ts writes the results. */
import { Fault } from '../fault.js';
import { errorResponse, type Id, type Response } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { Stopped } from './request-context.js';

/**
 * What goes back: the response as its method gave it (of a large one only what kind it is), the one JSON text of all that is sent, and
 * over HTTP its status and what a refusal says in headers.
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

/** The refusal that answers a stopped request, where it has to be answered at all. */
export function stoppedFault({ why, message, fault }: Stopped): Fault {
  if (fault !== undefined) return fault;
  if (why === 'stopping') return new Fault('stopping', message);
  if (why === 'expired') return new Fault('unauthorized', message);
  return new Fault(why === 'cancelled' ? 'cancelled' : 'internalError', message);
}

/** The JSON text of a result's `structuredContent`, under which the result keeps it; not a member on the wire. */
export const STRUCTURED_TEXT = Symbol('the text of structuredContent');
export type Result = JsonObject & { [STRUCTURED_TEXT]?: string };
