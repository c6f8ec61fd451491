/** What goes back for one request: the response and its one JSON text. */
import type { Fault } from '../fault.js';
import { errorResponse, type Id, type Response } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import { isRecord, type JsonObject } from '../value.js';
import { SERVER_INFO } from './meta.js';

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

/** The JSON text of a result's `structuredContent`, under which the result keeps it; not a member on the wire. */
export const STRUCTURED_TEXT = Symbol('the text of structuredContent');
type Result = JsonObject & { [STRUCTURED_TEXT]?: string };

/** Characters beyond which an answer is kept as text alone. */
const MAX_KEPT = 64 * 1024;

/** `server` is set for a modern result, which says what kind it is and who gives it (2026-07-28/basic/008, /065). */
export function replyOf(id: Id, result: Result, server?: object): Reply {
  const given = isRecord(result._meta) ? result._meta : undefined;
  const own =
    server && (given === undefined ? { [SERVER_INFO]: server } : { ...given, [SERVER_INFO]: server });
  const _meta = own ?? result._meta;
  const structured = result[STRUCTURED_TEXT];
  let text: string;
  if (structured === undefined) {
    const whole = server === undefined ? result : { resultType: 'complete', ...result, _meta };
    text = JSON.stringify({ jsonrpc: '2.0', id, result: whole });
  } else {
    // shapeResult made this result, so its members are known. Written one by one, it takes half the time, and the text that structured
    // content was made into already is used again: it may be most of the answer.
    let members = `"content":${JSON.stringify(result.content)},"structuredContent":${structured}`;
    if (server !== undefined) members = `"resultType":"complete",${members}`;
    if (result.isError === true) members += ',"isError":true';
    if (_meta !== undefined) members += `,"_meta":${JSON.stringify(_meta)}`;
    text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members}}}`;
  }
  // The value takes several times the memory of its text, and nobody reads so much of it before the text is out.
  const { resultType, isError } = result;
  const kept = text.length <= MAX_KEPT ? result : { resultType, isError };
  return { status: 200, response: { jsonrpc: '2.0', id, result: kept }, text };
}
