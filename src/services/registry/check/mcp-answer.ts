/** The answer to one request of the registry, in an HTTP response that is one JSON object or a stream of events. */
import { StringDecoder } from 'node:string_decoder';
import { FrameReader } from '../../../client/frames.js';
import { MAX_MEMBERS, readJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';
import type { FetchOptions, HttpResult } from '../../outbound/guarded-fetch.js';

/** `problem` says why there is no result. */
export type RpcAnswer = {
  status: number;
  result?: JsonObject;
  problem: string;
  headers: HttpResult['headers'];
};

const BOUNDS = { depth: 128, members: MAX_MEMBERS };

/** True once the answer to the request has come on an event stream: a server may leave the stream open after it. */
export function untilAnswer(id: number): NonNullable<FetchOptions['isEnough']> {
  const utf8 = new StringDecoder('utf8');
  const frames = new FrameReader();
  return (headers, chunk) =>
    chunk !== undefined &&
    isStream(headers) &&
    frames.pushText(utf8.write(chunk)).some(({ data = '' }) => {
      const json = readJson(Buffer.from(data), BOUNDS);
      const { value } = json;
      if (json.kind === 'refused' && json.tooMany === true) return true;
      return isRecord(value) && value.id === id && !('method' in value);
    });
}

function isStream(headers: HttpResult['headers']): boolean {
  return /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
}

/** The JSON-RPC response in an HTTP response, which is one JSON object or a stream of events. */
export function readAnswer({ status, headers, body }: HttpResult, id: number): RpcAnswer {
  const failed = (problem: string): RpcAnswer => ({ status, headers, problem });
  const type = headers['content-type'] ?? '';
  const parts = isStream(headers) ? eventData(body.toString('utf8')) : [body];
  for (const part of parts) {
    const json = readJson(part, BOUNDS);
    if (json.kind === 'refused' && json.tooMany === true) return failed(json.fault.message);
    const { value } = json;
    // A request of the server's own may have the same id.
    if (!isRecord(value) || value.id !== id || 'method' in value) continue;
    if (json.kind === 'refused') return failed(json.fault.message);
    const { result, error } = value;
    if (isRecord(result)) return { status, headers, result, problem: '' };
    if (isRecord(error)) return failed(`error ${preview(error.code)} ${preview(error.message)}`);
  }
  return failed(`status ${status} and no JSON-RPC response to the request (Content-Type ${preview(type)})`);
}

/** The data of each event of a whole stream. */
function eventData(stream: string): Buffer[] {
  return stream.split(/\r?\n\r?\n|\r\r/).map((event) => {
    const lines = event.split(/\r\n|\r|\n/).filter((line) => line.startsWith('data:'));
    return Buffer.from(lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n'));
  });
}
