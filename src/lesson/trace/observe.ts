/**
 * Watching one exchange without touching it: the bytes of a request as they come off the socket and those of its answer
 * as they are handed to it. Only requests that somebody watches pay for it; what is made of them is the observer's
 * business.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../../wire/fault.js';
import type { AuditContext, Decision } from '../../wire/mcp/audit-context.js';
import type { Principal } from '../../wire/principal.js';

/** What a watched exchange is told by, in about this order. Nothing of it may throw. */
export type Observer = {
  /** Part of the body, as it came. */
  received(bytes: Uint8Array): void;
  receivedAll(): void;
  authenticated(principal: Principal): void;
  decided(decision: Decision): void;
  /** A request that a method answered; a batch has several. */
  handled(outcome: Handled): void;
  /** A request that came to no method. */
  refused(outcome: ObservedRejection): void;
  /** What is to be known of it is in the audit log, where there is one. */
  recorded(): void;
  /** Status line and headers, as they leave. */
  headed(head: string): void;
  sent(chunk: string | Uint8Array): void;
  /** Nothing more comes; `whole` unless the connection was lost first. */
  ended(whole: boolean): void;
};

export type Handled = {
  method: string;
  revision: string;
  account: AuditContext;
  principal: Principal;
  /** As the client calls itself. */
  client: string | undefined;
};

export type ObservedRejection = {
  fault: Fault;
  method?: string | undefined;
  principal?: Principal | undefined;
};

/** Asked once for each exchange; undefined for one that is not worth watching. */
export type Observe = (exchange: {
  request: IncomingMessage;
  response: ServerResponse;
}) => Observer | undefined;

/** From now on the observer sees every byte. What is read and written stays the same. */
export function tap(request: IncomingMessage, response: ServerResponse, observer: Observer): void {
  tapRequest(request, observer);
  let headed = false;
  const head = (): void => {
    if (!headed) observer.headed(headOf(response));
    headed = true;
  };
  const write = response.write.bind(response) as (...given: unknown[]) => boolean;
  const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
  const flushHeaders = response.flushHeaders.bind(response);
  response.write = (...given: unknown[]): boolean => {
    const taken = write(...given);
    head();
    tell(observer, given[0]);
    return taken;
  };
  response.end = (...given: unknown[]): ServerResponse => {
    end(...given);
    head();
    tell(observer, given[0]);
    return response;
  };
  response.flushHeaders = () => {
    flushHeaders();
    head();
  };
  response.once('close', () => observer.ended(response.writableFinished));
}

// A listener for 'data' would set the body flowing before anybody reads it. node's parser hands each part to push.
function tapRequest(request: IncomingMessage, observer: Observer): void {
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null) observer.receivedAll();
    else if (chunk instanceof Uint8Array) observer.received(chunk);
    return push(chunk, encoding);
  };
}

function tell(observer: Observer, chunk: unknown): void {
  if (typeof chunk === 'string' ? chunk !== '' : chunk instanceof Uint8Array) {
    observer.sent(chunk as string | Uint8Array);
  }
}

/** As it went out. node keeps that text, and of what writeHead was given nothing else. */
function headOf(response: ServerResponse): string {
  const { _header: sent } = response as ServerResponse & { _header?: unknown };
  if (typeof sent === 'string') return sent;
  const headers = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${response.statusCode} ${response.statusMessage}`, ...headers, '', ''].join('\r\n');
}
