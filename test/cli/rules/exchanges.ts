/** Made-up exchanges for the tests of the rules: good ones, which tests break in one place. */
import { createWitness, type Violation, type Witness } from '../../../src/cli/rules/witness.js';
import { isRecord, type JsonObject } from '../../../src/wire/value.js';

export const REVISION = '2026-07-28';
export const SERVER_META = { 'io.modelcontextprotocol/serverInfo': { name: 'server', version: '1' } };
export const CAPABILITIES = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {}, context: {} },
  roots: {},
  extensions: { 'io.modelcontextprotocol/tasks': {} },
};
export const CLIENT_META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  'io.modelcontextprotocol/clientInfo': { name: 'client', version: '1' },
};

/** A modern request. Members of `_meta` are added to what every request has. */
export function modern(method: string, params: JsonObject = {}, rest: JsonObject = {}): JsonObject {
  const meta = isRecord(params._meta) ? params._meta : {};
  return {
    jsonrpc: '2.0',
    id: 1,
    method,
    ...rest,
    params: { ...params, _meta: { ...CLIENT_META, ...meta } },
  };
}

const NAMES: { [method: string]: string } = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};
/** The headers that a request needs; `undefined` takes one away. */
export function headersOf(
  message: JsonObject,
  changes: { [name: string]: string | undefined } = {},
): [string, string][] {
  const params = isRecord(message.params) ? message.params : {};
  const name = params[NAMES[String(message.method)] ?? ''];
  const meta = isRecord(params._meta) ? params._meta : {};
  const version = meta['io.modelcontextprotocol/protocolVersion'];
  const headers = {
    Accept: 'application/json, text/event-stream',
    'Content-Type': 'application/json',
    ...(typeof version === 'string'
      ? { 'MCP-Protocol-Version': version, 'Mcp-Method': String(message.method) }
      : {}),
    ...(typeof name === 'string' && typeof version === 'string' ? { 'Mcp-Name': name } : {}),
    ...changes,
  };
  return Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
}

export type Answer = {
  status?: number;
  headers?: { [name: string]: string };
  requestHeaders?: { [name: string]: string | undefined } | undefined;
  complete?: boolean;
};
let exchanges = 0;

/** One exchange: a request, and its answer as JSON, or as a stream if `answer` is an array. Without `answer` the request alone. */
export function exchange(
  witness: Witness,
  message: unknown,
  answer?: JsonObject | readonly unknown[],
  { status = 200, headers = {}, requestHeaders = {}, complete = false }: Answer = {},
): Violation[] {
  exchanges += 1;
  const id = exchanges;
  const sent = isRecord(message) ? message : {};
  const found = witness.request({
    id,
    method: 'POST',
    target: '/mcp',
    headers: headersOf(sent, requestHeaders),
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });
  if (answer === undefined) return found;
  const streams = Array.isArray(answer);
  const type = streams ? 'text/event-stream' : 'application/json';
  found.push(
    ...witness.response(id, {
      status,
      headers: Object.entries({
        'content-type': type,
        ...(streams ? { 'x-accel-buffering': 'no' } : {}),
        ...headers,
      }),
    }),
  );
  const messages = streams ? answer : [{ jsonrpc: '2.0', id: sent.id, ...answer }];
  for (const one of messages)
    found.push(...witness.message(id, typeof one === 'string' ? one : JSON.stringify(one)));
  found.push(...witness.end(id, complete));
  return found;
}

/** One exchange with a server of which only is known that it speaks the modern revision. */
export function ask(
  message: unknown,
  answer?: JsonObject | readonly unknown[],
  options: Answer = {},
): Violation[] {
  const witness = createWitness({ transport: 'http' });
  const done = { resultType: 'complete', content: [], _meta: SERVER_META };
  const known = exchange(witness, modern('tools/call', { name: 'known' }, { id: 'known' }), { result: done });
  return [...known, ...exchange(witness, message, answer, options)];
}
