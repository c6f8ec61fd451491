/** What a server answers to one JSON-RPC request over HTTP: one JSON object, or a stream of events with it. */

import { MAX_MEMBERS, readJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';
import type { HttpResult } from '../../outbound/guarded-fetch.js';

const BOUNDS = { depth: 128, members: MAX_MEMBERS };

/** `problem` says why there is no result. */
export type RpcAnswer = { status: number; result?: JsonObject; problem: string };

export function readRpcAnswer({ status, headers, body }: HttpResult, id: number): RpcAnswer {
  const type = headers['content-type'] ?? '';
  const texts = /^text\/event-stream\b/i.test(type) ? eventData(body.toString('utf8')) : [body];
  for (const text of texts) {
    const read = readJson(typeof text === 'string' ? Buffer.from(text) : text, BOUNDS);
    if (read.kind === 'refused' && read.tooMany === true) return { status, problem: read.fault.message };
    if (!isRecord(read.value) || read.value.id !== id) continue;
    if (read.kind === 'refused') return { status, problem: read.fault.message };
    const { result, error } = read.value;
    if (isRecord(result)) return { status, result, problem: '' };
    if (isRecord(error)) return { status, problem: `error ${String(error.code)} ${preview(error.message)}` };
  }
  return {
    status,
    problem: `status ${status} and no JSON-RPC response to the request (Content-Type ${preview(type)})`,
  };
}

/** The data of each event of a whole stream. */
function eventData(text: string): string[] {
  return text.split(/\r?\n\r?\n|\r\r/).map((event) =>
    event
      .split(/\r\n|\r|\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(line[5] === ' ' ? 6 : 5))
      .join('\n'),
  );
}
