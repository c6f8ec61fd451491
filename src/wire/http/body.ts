/**
 * Bodies of requests and answers. A request body has one accepted type and a bound. A foreign page may send text/plain without asking,
 * so the content type is checked before any of the body counts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../fault.js';
import { errorResponse } from '../jsonrpc/message.js';

/** JSON is UTF-8 (RFC 8259, section 8.1), and every US-ASCII text is the same text in UTF-8. */
const CHARSETS = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

export function checkContentType({ headers }: Pick<IncomingMessage, 'headers'>): Fault | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return new Fault(
      'unsupportedMediaType',
      `Content-Encoding ${JSON.stringify(encoding)} is not read; send plain JSON`,
      // So that the sender does not blame the type (RFC 9110, section 15.5.16).
      { headers: { 'accept-encoding': 'identity' } },
    );
  }
  const type = headers['content-type'] ?? '';
  if (type === 'application/json') return undefined;
  const [essence, ...parameters] = splitUnquoted(type);
  if (essence.trim().toLowerCase() !== 'application/json') {
    return new Fault(
      'unsupportedMediaType',
      `expected Content-Type application/json, received ${JSON.stringify(type)}`,
    );
  }
  // A sender that names another charset has probably sent it, and its text must not be read as something else.
  for (const parameter of parameters) {
    const at = parameter.indexOf('=');
    const value = parameter
      .slice(at + 1)
      .trim()
      .toLowerCase();
    const charset = /^"(.*)"$/s.exec(value)?.[1] ?? value;
    if (parameter.slice(0, at).trim().toLowerCase() === 'charset' && !CHARSETS.includes(charset))
      return new Fault(
        'unsupportedMediaType',
        `expected JSON in UTF-8, received charset ${JSON.stringify(charset)}`,
      );
  }
  return undefined;
}

/** Splits at each semicolon outside quoted strings. Goes character by character, so that the time grows only with the length. */
function splitUnquoted(header: string): [...string[], string] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < header.length; at += 1) {
    const character = header[at];
    if (character === '"') quoted = !quoted;
    else if (character === '\\' && quoted) at += 1;
    else if (character === ';' && !quoted) {
      parts.push(header.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, header.slice(start)];
}

export function checkExpectation(expect: string): Fault | undefined {
  if (expect.toLowerCase() === '100-continue') return undefined;
  return new Fault('expectationFailed', `Expect is ${JSON.stringify(expect)}; only 100-continue is met`);
}

/** The declared length alone may already be too much. */
export function checkContentLength(request: IncomingMessage, maxBytes: number): Fault | undefined {
  return bodyLength(request, maxBytes) > maxBytes ? bodyTooLarge(maxBytes) : undefined;
}

/** The declared length of the body; `undeclared` where it comes in chunks. */
export function bodyLength({ headers }: IncomingMessage, undeclared: number): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undeclared;
}

/** Resolves with the bytes, or with the refusal once there are too many. Rejects when the sender leaves. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | Fault> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) resolve(bodyTooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
      // The request lives until its answer is out, and its bytes need not.
      chunks.length = 0;
    });
    // Also comes when the connection closes before the body is complete.
    request.on('error', reject);
  });
}

export function bodyTooLarge(maxBytes: number): Fault {
  return new Fault('bodyTooLarge', `the body may have at most ${maxBytes} bytes`);
}

/** How many bytes of the body may still come. Until they have, the connection cannot carry another request. */
export function restOf(request: IncomingMessage): number {
  return request.complete ? 0 : bodyLength(request, Number.POSITIVE_INFINITY);
}

export type OutgoingHeaders = { [name: string]: string };

/** On every answer: a browser believes its type and does not guess another from its text. */
export const NOSNIFF = { 'x-content-type-options': 'nosniff' } as const;

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers?: OutgoingHeaders,
): void {
  sendText(response, status, JSON.stringify(body), headers);
}

/** The same for an object that is JSON text already. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers?: OutgoingHeaders,
): void {
  const own = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, Object.assign(own, NOSNIFF, headers));
  // A text leaves in one write with its head; bytes would need two.
  endWithin(response, text);
}

/** How long a client may read nothing of an answer before its connection is cut, milliseconds. */
const STUCK_MS = 30_000;
/** Fewer bytes than this fit into the system's own buffers. */
const WORTH_WATCHING = 64 * 1024;

/** Ends a response. A client that stops reading does not keep its bytes in memory for ever; one that reads slowly gets all of them. */
export function endWithin(response: ServerResponse, last: string, stuckMs = STUCK_MS): void {
  response.end(last);
  if (response.writableLength < WORTH_WATCHING) return;
  // A socket's timeout starts again whenever the system takes bytes of a write that is under way. Its bytesWritten would not tell: it
  // counts the bytes that wait, too.
  response.setTimeout(stuckMs, () => response.destroy());
  // Before node sets the time for which the connection is kept, and before a pipelined answer that may be silent for longer.
  response.prependOnceListener('finish', () => response.setTimeout(0));
}

/** 202: a notification was accepted, and there is nothing to say about it (2026-07-28/streamable-http/013). */
export function sendAccepted(response: ServerResponse, headers?: OutgoingHeaders): void {
  response.writeHead(202, { 'content-length': '0', ...NOSNIFF, ...headers });
  response.end();
}

/** A refusal before any message was read: a JSON-RPC error without an id (2026-07-28/streamable-http/004, /015). */
export function sendFault(response: ServerResponse, fault: Fault, headers?: OutgoingHeaders): void {
  sendJson(response, fault.status('modern'), errorResponse(undefined, fault), {
    ...headers,
    ...fault.headers,
  });
}

/**
 * The same, after `recorded`, for a request whose body nobody has read: the connection cannot carry another request, because the rest
 * of the body is not read.
 */
export async function refuseUnread(
  response: ServerResponse,
  fault: Fault,
  headers?: OutgoingHeaders,
  recorded?: Promise<void>,
): Promise<void> {
  // Chosen before the refusal is recorded, because more of the body may arrive meanwhile.
  const last = restOf(response.req) > 0 ? { connection: 'close' } : {};
  await recorded;
  sendFault(response, fault, { ...headers, ...last });
}
