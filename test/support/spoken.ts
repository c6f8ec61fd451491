/**
 * Finds in the bytes of a played transcript every JSON-RPC message that the server sent, with the method it answers
 * and the revision that its reader speaks. emitted.ts judges them.
 */

import type { Traffic } from '../../src/lesson/player/play.js';
import { readFrames, readHttp } from '../../src/lesson/transcripts/response.js';
import type { Emitted } from './emitted.js';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
/** `named` is the revision in the request's own `_meta`, `proposed` the one an initialize asks for. */
type Asked = { named: string | undefined; proposed: string | undefined; method: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const member = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The messages inside a text: one, those of a batch, or none when it is not JSON. */
function messagesIn(json: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(json);
    return (Array.isArray(value) ? value : [value]).filter(isObject);
  } catch {
    return [];
  }
}

export function emittedIn(traffic: Traffic[], transport: 'http' | 'stdio'): Emitted[] {
  // The agreed revision of a handshake holds for later requests that name none.
  let agreed: string | undefined;
  // A resumed stream answers the request of another connection.
  const before = new Map<string, Asked>();
  return traffic.flatMap(({ sent, received }) => {
    const asked = new Map<string, Asked>();
    const [head = '', ...rest] = sent.toString('utf8').split('\r\n\r\n');
    const questions = transport === 'http' ? [rest.join('\r\n\r\n')] : sent.toString('utf8').split('\n');
    const header = transport === 'http' ? /^mcp-protocol-version: *(\S+)/im.exec(head)?.[1] : undefined;
    let lastNamed: string | undefined;
    for (const { id, method, params } of questions.flatMap(messagesIn)) {
      const named = text(member(member(params, '_meta'), VERSION_KEY));
      lastNamed = named ?? lastNamed;
      const proposed = method === 'initialize' ? text(member(params, 'protocolVersion')) : undefined;
      if (typeof method !== 'string') continue;
      asked.set(JSON.stringify(id), { named, proposed, method });
      before.set(JSON.stringify(id), { named, proposed, method });
    }
    const resumed = /^GET [\s\S]*^last-event-id:/im.test(head);
    return answers(head, received, transport).flatMap((message) => {
      if (!('jsonrpc' in message)) return [];
      const known = resumed ? before : asked;
      const question = 'method' in message ? undefined : known.get(JSON.stringify(message.id));
      if (question?.method === 'initialize') {
        agreed = text(member(message.result, 'protocolVersion')) ?? agreed;
        return [{ revision: agreed ?? question.proposed, method: question.method, message }];
      }
      const named = question === undefined ? lastNamed : question.named;
      return [{ revision: named ?? header ?? agreed, method: question?.method, message }];
    });
  });
}

function answers(head: string, received: Buffer, transport: 'http' | 'stdio'): Record<string, unknown>[] {
  if (transport === 'stdio') return received.toString('utf8').split('\n').flatMap(messagesIn);
  const response = readHttp(received, true, head.split(' ')[0] ?? '');
  if (response === undefined) return [];
  const streams = response.headers.some(
    ([name, value]) => name === 'content-type' && /^text\/event/.test(value),
  );
  if (!streams) return messagesIn(response.body);
  return readFrames(response.body).flatMap(({ data = '' }) => messagesIn(data));
}
