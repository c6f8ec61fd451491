/**
 * Bodies: of a POST, within its bound and of the one type that is read, and of a whole answer. A text/plain body is what a foreign
 * page may send without asking, so the content type is checked before a byte of it counts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import { errorResponse } from '../jsonrpc/message.js';
import { readMediaType } from './head.js';

/** JSON is UTF-8 (RFC 8259, section 8.1), and every text in US-ASCII is the same text in UTF-8. */
const CHARSETS = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

export function checkContentType({ headers }: Pick<IncomingMessage, 'headers'>): Fault | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return new Fault(
      'unsupportedMediaType',
      `Content-Encoding ${JSON.stringify(encoding)} is not read; send plain JSON`,
      // So that the sender does not take the type for the reason (RFC 9110, section 15.5.16).
      { headers: { 'accept-encoding': 'identity' } },
    );
  }
  const type = headers['content-type'] ?? '';
  const { essence, charsets } = readMediaType(type);
  if (essence !== 'application/json') {
    return new Fault(
      'unsupportedMediaType',
      `expected Content-Type application/json, received ${JSON.stringify(type)}`,
    );
  }
  // Whoever says another one has probably sent another one, and its text must not be read as something else.
  const foreign = charsets.find((charset) => !CHARSETS.includes(charset));
  if (foreign === undefined) return undefined;
  return new Fault(
    'unsupportedMediaType',
    `expected JSON in UTF-8, received charset ${JSON.stringify(foreign)}`,
  );
}

export function checkExpectation(expect: string | undefined): Fault | undefined {
  if (expect === undefined || expect.toLowerCase() === '100-continue') return undefined;
  return new Fault('expectationFailed', `Expect is ${JSON.stringify(expect)}; only 100-continue is met`);
}

/** The declared length alone may already be too much. */
export function checkContentLength({ headers }: IncomingMessage, maxBytes: number): Fault | undefined {
  return Number(headers['content-length'] ?? 0) > maxBytes ? tooLarge(maxBytes) : undefined;
}

/** How many bytes the body may have: as many as it says, or as many as are read where it does not say. */
export function expectedBytes({ headers }: IncomingMessage, maxBytes: number): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : maxBytes;
}

/** Resolves with the bytes, or with the refusal once there are too many; rejects when the sender goes away. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | Fault> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        request.removeAllListeners('data');
        resolve(tooLarge(maxBytes));
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => {
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
      // The request lives as long as its answer takes, and its bytes need not.
      chunks.length = 0;
    });
    request.on('error', reject);
    request.on('close', () => {
      // It comes after a whole body, too, and then an error would be made for nobody.
      if (!request.complete) reject(new Error('the connection closed before the body was complete'));
    });
  });
}

function tooLarge(maxBytes: number): Fault {
  return new Fault('bodyTooLarge', `the body may have at most ${maxBytes} bytes`);
}

/** Bytes of the body that may still come: while there are any, the connection cannot carry another request. */
export function restOf({ complete, headers }: IncomingMessage): number {
  if (complete) return 0;
  return headers['transfer-encoding'] === undefined
    ? Number(headers['content-length'] ?? 0)
    : Number.POSITIVE_INFINITY;
}

type OutgoingHeaders = { [name: string]: string };

/** On every answer: a browser takes it for what its type says, and guesses nothing else out of its text. */
export const NOSNIFF = { 'x-content-type-options': 'nosniff' } as const;

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers?: OutgoingHeaders | undefined,
): void {
  sendText(response, status, JSON.stringify(body), headers);
}

/** The same of an object that is JSON text already. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers?: OutgoingHeaders | undefined,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...NOSNIFF,
    ...headers,
  });
  // A text leaves in one write with its head, bytes would take two.
  endWithin(response, text);
}

/** How long a client may take nothing of an answer before it is given up, milliseconds. */
const STUCK_MS = 30_000;
/** Fewer bytes than this fit into the system's own buffers. */
const WORTH_WATCHING = 64 * 1024;

/** The end of a response. A client that stops reading it does not hold its bytes in memory for ever. */
export function endWithin(response: ServerResponse, last: string): void {
  response.end(last);
  if (response.writableLength < WORTH_WATCHING) return;
  const { socket } = response;
  let taken = -1;
  const watch = setInterval(() => {
    if (socket?.bytesWritten === taken) response.destroy();
    taken = socket?.bytesWritten ?? taken;
  }, STUCK_MS).unref();
  response.once('close', () => clearInterval(watch));
}

/** 202: a notification was taken, and there is nothing to say about it (2026-07-28/streamable-http/013). */
export function sendAccepted(response: ServerResponse, headers?: OutgoingHeaders | undefined): void {
  response.writeHead(202, { 'content-length': '0', ...NOSNIFF, ...headers });
  response.end();
}

/** A refusal before any message was read: a JSON-RPC error without an id (2026-07-28/streamable-http/004, /015). */
export function sendFault(
  response: ServerResponse,
  fault: Fault,
  headers?: OutgoingHeaders | undefined,
): void {
  sendJson(response, fault.status('modern'), errorResponse(undefined, fault), {
    ...headers,
    ...fault.headers,
  });
}
