/** Passes one request on, and its answer back, as they come: neither is collected, and neither is sent faster than it is read. */
import { type ClientRequest, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { pipeline } from 'node:stream';
import { whyUnreachable } from '../../unreachable.js';
import { type RawHeaders, responseHeaders } from './head.js';

export type Forwarding = {
  to: URL;
  /** Milliseconds in which the head of the answer must come. */
  timeoutMs: number;
  /** The head of the answer as the client gets it. */
  head?: ((status: number, headers: string[]) => string[]) | undefined;
  /** Something that the person at the tap can do something about. */
  problem(text: string): void;
};

export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  outgoing: ClientRequest,
  { to, timeoutMs, head, problem }: Forwarding,
): void {
  const late = setTimeout(
    () => outgoing.destroy(new Late(`${to.origin} did not answer within ${timeoutMs / 1_000} s`)),
    timeoutMs,
  );
  // The client has gone, or has its answer.
  response.once('close', () => {
    clearTimeout(late);
    if (!response.writableFinished) outgoing.destroy();
  });
  outgoing.on('continue', () => response.writeContinue());
  const fail = (error: NodeJS.ErrnoException): void => {
    clearTimeout(late);
    request.unpipe(outgoing).resume();
    if (response.headersSent || response.destroyed) return;
    // The server has closed an idle connection while the request was on its way. The client must see that, and may try again.
    if (outgoing.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? '')) {
      request.socket.destroy();
      return;
    }
    const text = error instanceof Late ? error.message : whyUnreachable(error, to);
    problem(text);
    sendOwn(response, error instanceof Late ? 504 : 502, text);
  };
  outgoing.on('error', fail);
  outgoing.on('response', (incoming) => {
    clearTimeout(late);
    if (response.destroyed) return;
    try {
      passOn(incoming, response, head);
    } catch (error) {
      // node reads heads that it does not write, such as one with an escape sequence in its status line.
      outgoing.destroy();
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
  request.pipe(outgoing);
}

class Late extends Error {}

function passOn(incoming: IncomingMessage, response: ServerResponse, head: Forwarding['head']): void {
  const { statusCode = 502, statusMessage, rawHeaders } = incoming;
  const headers = responseHeaders(rawHeaders);
  writeHead(response, statusCode, statusMessage, head?.(statusCode, headers) ?? headers);
  // The head of a stream must not wait for its first event.
  response.flushHeaders();
  // Where the answer breaks off, the client's connection does as well.
  pipeline(incoming, response, () => {});
}

export function writeHead(
  response: ServerResponse,
  status: number,
  statusText: string | undefined,
  headers: RawHeaders,
): void {
  response.sendDate = false;
  response.writeHead(status, statusText ?? '', [...headers]);
}

/** An answer of the tap itself. */
export function sendOwn(response: ServerResponse, status: number, text: string): void {
  const body = `barewire tap: ${text}\n`;
  // Otherwise node would take the status text of a head that could not be written.
  response.writeHead(status, STATUS_CODES[status], {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
