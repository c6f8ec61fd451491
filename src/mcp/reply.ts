/** What goes back for one request, and the refusal as such a reply. */
import { Fault } from '../fault.js';
import { errorResponse, type Id, type Response } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import type { Stopped } from './exchange.js';

/** What goes back: the response, its one JSON text, and over HTTP its status and what a refusal says in headers. */
export type Reply = {
  status: number;
  response: Response;
  text: string;
  headers?: { [name: string]: string } | undefined;
};

export function refuse(id: Id | undefined, fault: Fault, era: Era): Reply {
  const response = errorResponse(id, fault, fault.dataFor(era));
  return { ...replyOf(fault.status(era), response), headers: fault.headers };
}

export function replyOf(status: number, response: Response): Reply {
  return { status, response, text: JSON.stringify(response) };
}

/** The refusal that a stopped exchange is answered with, where it has to be answered at all. */
export function stoppedFault({ why, message }: Stopped): Fault {
  if (why === 'stopping') return new Fault('stopping', message);
  if (why === 'expired') return new Fault('unauthorized', message);
  return new Fault(why === 'cancelled' ? 'cancelled' : 'internalError', message);
}
