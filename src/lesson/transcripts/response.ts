/**
 * Reads the bytes from a server as an HTTP response, and an event stream as its events. Call it again when more bytes have come;
 * it does not wait.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-message-body
 */
import { type Frame, FrameReader } from '../../client/frames.js';
import { isRecord } from '../../wire/value.js';
import { parseJson } from '../json.js';

export type Response = {
  status: string;
  /** As received, with names in lower case. */
  headers: [name: string, value: string][];
  body: string;
  /** Whether the whole body is there. */
  complete: boolean;
};

/** Undefined while the head is incomplete. @throws Error if the bytes are not HTTP. */
export function readHttp(raw: Buffer, hasEnded: boolean, method: string): Response | undefined {
  let rest = raw;
  let status = '';
  let lines: string[];
  // 100 Continue and the like come before the response.
  do {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    [status = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n');
    if (!/^HTTP\/1\.[01] \d{3}( |$)/.test(status)) throw new Error(`not a status line: ${status}`);
    rest = rest.subarray(end + 4);
  } while (/^\S+ 1/.test(status));
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`not a header line: ${line}`);
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const header = (name: string) => headers.find(([key]) => key === name)?.[1];
  const { body, complete } =
    method === 'HEAD' || /^\S+ (204|304)/.test(status)
      ? sized(rest, 0)
      : header('transfer-encoding')?.toLowerCase() === 'chunked'
        ? chunked(rest)
        : header('content-length') === undefined
          ? { body: rest, complete: hasEnded }
          : sized(rest, Number(header('content-length')));
  return { status, headers, body: body.toString('utf8'), complete };
}

function sized(rest: Buffer, length: number): { body: Buffer; complete: boolean } {
  if (rest.length > length) throw new Error(`${rest.length - length} bytes follow the end of the response`);
  return { body: rest, complete: rest.length === length };
}

function chunked(rest: Buffer): { body: Buffer; complete: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return { body: Buffer.concat(parts), complete: false };
    const size = rest.toString('latin1', at, lineEnd);
    if (!/^[\da-f]+(;|$)/i.test(size)) throw new Error(`not a chunk size: ${size}`);
    const length = Number.parseInt(size, 16);
    if (length === 0) return { body: Buffer.concat(parts), complete: rest.indexOf('\r\n\r\n', lineEnd) >= 0 };
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}

/** The complete events so far. */
export function readFrames(text: string): Frame[] {
  return new FrameReader().pushText(text);
}

/**
 * The expected `content-type` of an answer that may be one JSON object or an event stream: a server may stream a call that takes
 * long. Either way its one message is compared.
 */
export const JSON_OR_SSE = '{{json-or-sse}}';

const MEDIA_TYPE = /^(application\/json|text\/event-stream)(\s*;|$)/i;

export function isEitherForm(contentType: string): boolean {
  return MEDIA_TYPE.test(contentType);
}

/** The first message that is no notification and no request; until it has come, '' of a stream. */
export function answerOf({ headers, body }: Response): string {
  if (!isStream({ headers })) return body;
  const messages = readFrames(body).flatMap(({ data }) => (data === undefined || data === '' ? [] : [data]));
  return messages.find(isAnswer) ?? '';
}

/** Whether this JSON is a response, and no message that may come before it. */
export function isAnswer(text: string): boolean {
  const message = parseJson(text);
  return !isRecord(message) || !('method' in message);
}

/** Whether this line of stdio is a response to a request, and not to a line that could not be read. */
export function answersSomething(text: string): boolean {
  const message = parseJson(text);
  return isAnswer(text) && !(isRecord(message) && (message.id === undefined || message.id === null));
}

export function isStream({ headers }: Pick<Response, 'headers'>): boolean {
  return headers.some(([name, value]) => name === 'content-type' && /^text\/event-stream/i.test(value));
}

/** The JSON of the answer. If a stream has several messages, this is all of them, which matches no single one. */
export function messageOf({ headers, body }: Response): string {
  if (!isStream({ headers })) return body;
  return readFrames(body)
    .flatMap(({ data }) => (data === undefined || data === '' ? [] : [data]))
    .join('\n');
}
