/**
 * Watches one exchange without changing it: the bytes of the request as they arrive, and those of the response as they are
 * written. Requests that nobody watches do not pay for it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../../wire/fault.js';
import type { Authorization, Decision, Subject } from '../../wire/mcp/decision.js';
import type { Principal } from '../../wire/principal.js';

/** Called at each stage of a watched exchange, in roughly this order. None of its methods may throw. */
export type Observer = {
  /** A part of the body, as it arrived. */
  received(bytes: Uint8Array): void;
  receivedAll(): void;
  authenticated(principal: Principal): void;
  decided(decision: Decision): void;
  /** A method has answered a request; in a batch there are several. */
  handled(outcome: ObservedOutcome): void;
  /** A request was refused before it reached a method. */
  refused(outcome: ObservedRejection): void;
  /** The exchange is in the audit log, if there is one. */
  recorded(): void;
  /** Status line and headers, as they are sent. */
  headed(head: string): void;
  sent(chunk: string | Uint8Array): void;
  /** The exchange is over; `whole` is false if the connection was lost. */
  ended(whole: boolean): void;
};

export type ObservedOutcome = {
  method: string;
  revision: string;
  subject: Subject;
  authorization: Authorization;
  /** Whether a handler has started. */
  ran: boolean;
  principal: Principal;
  /** The name the client gives itself. */
  client: string | undefined;
};

export type ObservedRejection = {
  fault: Fault;
  method?: string | undefined;
  principal?: Principal | undefined;
};

/** Called once for each exchange; returns undefined if nobody watches it. */
export type Observe = (exchange: {
  request: IncomingMessage;
  response: ServerResponse;
}) => Observer | undefined;

/** For a server of its own: called with each exchange before anything is read. */
export type Watch = (request: IncomingMessage, response: ServerResponse) => void;

/** Shows each exchange that is watched to its observer. */
export function watchWith(observe: Observe): Watch {
  return (request, response) => {
    const observer = observe({ request, response });
    if (observer !== undefined) tap(request, response, observer);
  };
}

/** Shows the observer every byte from now on. */
export function tap(request: IncomingMessage, response: ServerResponse, observer: Observer): void {
  tapRequest(request, observer);
  let headed = false;
  const head = (): void => {
    if (!headed) observer.headed(headOf(response));
    headed = true;
  };
  // What is written in answer to HEAD stays here (RFC 9110, section 9.3.2).
  const tell = (chunk: unknown): void => {
    if (request.method !== 'HEAD') tellBytes(observer, chunk);
  };
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  const flushHeaders = response.flushHeaders.bind(response);
  response.write = (...args: unknown[]): boolean => {
    const mayWriteMore = write(...args);
    head();
    tell(args[0]);
    return mayWriteMore;
  };
  response.end = (...args: unknown[]): ServerResponse => {
    end(...args);
    head();
    tell(args[0]);
    return response;
  };
  response.flushHeaders = () => {
    flushHeaders();
    head();
  };
  response.once('close', () => observer.ended(response.writableFinished));
}

// A listener for 'data' would start the flow before anybody reads the body. Node's parser passes each part to push.
function tapRequest(request: IncomingMessage, observer: Observer): void {
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null) observer.receivedAll();
    else if (chunk instanceof Uint8Array) observer.received(chunk);
    return push(chunk, encoding);
  };
}

function tellBytes(observer: Observer, chunk: unknown): void {
  if (typeof chunk === 'string' ? chunk !== '' : chunk instanceof Uint8Array) {
    observer.sent(chunk as string | Uint8Array);
  }
}

/** The head as it was sent. Node keeps this text, but not the arguments of writeHead. */
function headOf(response: ServerResponse): string {
  const { _header: headText } = response as ServerResponse & { _header?: unknown };
  if (typeof headText === 'string') return headText;
  const headers = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${response.statusCode} ${response.statusMessage}`, ...headers, '', ''].join('\r\n');
}
