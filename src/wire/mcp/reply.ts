/** What goes back for one request: the response and its one JSON text. */
import type { Fault } from '../fault.js';
import { quoted } from '../jsonrpc/json.js';
import { errorResponse, type Id, type Response } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import type { JsonObject } from '../value.js';

/** What goes back: the response (of a large one only what kind it is), its one JSON text, and over HTTP its status and what a refusal says in headers. */
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

/** Characters beyond which an answer is kept as text alone. */
const MAX_KEPT = 64 * 1024;

export function replyOf(status: number, response: Response): Reply {
  if (!('result' in response)) return { status, response, text: JSON.stringify(response) };
  const text = resultText(response);
  if (text.length <= MAX_KEPT) return { status, response, text };
  // Its value takes several times the memory of its text, and nobody reads so much of it before the text is out.
  const { resultType, isError } = response.result;
  return { status, response: { ...response, result: { resultType, isError } }, text };
}

/** The JSON text of a result's `structuredContent`, under which the result keeps it; not a member on the wire. */
export const STRUCTURED_TEXT = Symbol('the text of structuredContent');

/** The text that structured content was made into already is used again: it may be most of the answer. */
function resultText(response: Response & { result: JsonObject & { [STRUCTURED_TEXT]?: string } }): string {
  const { id, result } = response;
  const structured = result[STRUCTURED_TEXT];
  if (structured === undefined) return JSON.stringify(response);
  let members = '';
  for (const name of Object.keys(result)) {
    const text = name === 'structuredContent' ? structured : JSON.stringify(result[name]);
    if (text !== undefined) members += `${members === '' ? '' : ','}${quoted(name)}:${text}`;
  }
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members}}}`;
}
