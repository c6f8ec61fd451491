/**
 * The request line, where node's parser is more lenient than RFC 9112: it passes over several spaces, and takes versions that
 * are not those of HTTP/1. Gateways differ in what they make of such a line, so it is refused.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3
 */
import type { IncomingMessage } from 'node:http';
import { Fault } from '../fault.js';

const VERSIONS = ['1.1', '1.0'];

export function checkRequestLine(request: IncomingMessage): Fault | undefined {
  const { httpVersion, method, url } = request;
  if (!VERSIONS.includes(httpVersion)) return versionNotSupported(httpVersion);
  const received = receivedNow(request);
  if (received === undefined || received.includes(`${method} ${url} HTTP/`, 0, 'latin1')) return undefined;
  // It is not in this chunk as it should be: it stands there with more spaces, or came in two pieces.
  const text = received.toString('latin1');
  const spaced =
    text.startsWith(`${method}  `) || text.includes(`\n${method}  `) || text.includes(` ${url}  HTTP/`);
  return spaced
    ? new Fault('badHttp', 'the parts of the request line have one space between them')
    : undefined;
}

export function versionNotSupported(received?: string): Fault {
  const came = received === undefined ? '' : `, received HTTP/${received}`;
  return new Fault('versionNotSupported', `this server speaks HTTP/1.1${came}`);
}

/**
 * The bytes that are being parsed while the handler is called. node documents no way to the request line, and its parser shows
 * them where it reports an error; a parser that does not is not asked. A line in two pieces is not seen whole.
 */
function receivedNow({ socket }: IncomingMessage): Buffer | undefined {
  const { parser } = socket as typeof socket & { parser?: { getCurrentBuffer?: () => unknown } | null };
  const received = parser?.getCurrentBuffer?.();
  return Buffer.isBuffer(received) ? received : undefined;
}
