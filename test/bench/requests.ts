/** What is sent: one HTTP request for each wire and tool, and how to tell a right answer from a wrong one. */

import { isRecord } from '../../src/wire/value.js';

export type Wire = 'modern' | 'legacy';
export type Call = {
  wire: Wire;
  tool: string;
  args: { [name: string]: unknown };
  /** What the text of its answer is. */
  answer: string;
  /** Asks for progress, so that the answer is a stream. */
  progress?: boolean;
};
export type Sent = { headers: { [name: string]: string }; body: string };

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';

export function callOf(wire: Wire, tool: string, args: Call['args'], answer: string): Call {
  return { wire, tool, args, answer };
}

export const add = (wire: Wire, tool = 'add'): Call => callOf(wire, tool, { a: 19, b: 23 }, '{"sum":42}');
export const count = (wire: Wire): Call => ({ ...callOf(wire, 'count', {}, 'counted to 5'), progress: true });
export const measure = (wire: Wire, size: number): Call =>
  callOf(wire, 'measure', { text: 'x'.repeat(size) }, String(size));
export const fill = (wire: Wire, size: number): Call => callOf(wire, 'fill', { size }, 'x'.repeat(size));

export function sendCall({ wire, tool, args, progress = false }: Call, token?: string): Sent {
  const params: { [name: string]: unknown } = { name: tool, arguments: args };
  return send(wire, 'tools/call', params, { token, progress, name: tool });
}

type More = { token?: string | undefined; progress?: boolean; name?: string; id?: number };

/** A whole request of a method, as a client of that revision writes it. */
export function send(
  wire: Wire,
  method: string,
  params: { [name: string]: unknown },
  { token, progress = false, name, id = 1 }: More = {},
): Sent {
  const meta = {
    ...(wire === 'modern'
      ? {
          'io.modelcontextprotocol/protocolVersion': MODERN,
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
        }
      : {}),
    ...(progress ? { progressToken: 1 } : {}),
  };
  const headers: Sent['headers'] = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': wire === 'modern' ? MODERN : LEGACY,
  };
  if (wire === 'modern') headers['mcp-method'] = method;
  if (wire === 'modern' && name !== undefined) headers['mcp-name'] = name;
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const filled = Object.keys(meta).length === 0 ? params : { ...params, _meta: meta };
  return { headers, body: JSON.stringify({ jsonrpc: '2.0', id, method, params: filled }) };
}

/** The messages of an answer, whether it is JSON or a stream. */
export function messagesOf(contentType: string | null, text: string): unknown[] {
  if (!contentType?.startsWith('text/event-stream')) return [JSON.parse(text)];
  return [...text.matchAll(/^data: *(\S.*)$/gm)].map(([, data = '']) => JSON.parse(data));
}

type Answered = {
  method?: string;
  result?: { content?: { text?: string }[]; isError?: boolean; structuredContent?: { sum?: number } };
};

/** What is wrong with the answer to a call, or undefined. */
export function wrongIn(call: Call, status: number, messages: unknown[]): string | undefined {
  if (status !== 200) return `status ${status}: ${preview(messages)}`;
  const all = messages as Answered[];
  const told = all.filter(({ method }) => method === 'notifications/progress').length;
  if (call.progress === true && told !== 5) return `${told} progress notifications instead of 5`;
  const { result } = all.at(-1) ?? {};
  const text = result?.content?.[0]?.text;
  const sum = call.answer.startsWith('{"sum"');
  // Other languages write the same JSON with blanks, or with a fraction.
  if (result?.isError === true || (sum ? sumIn(text) !== 42 : text !== call.answer))
    return `expected ${call.answer.slice(0, 40)}, received ${preview(messages)}`;
  if (sum && result?.structuredContent?.sum !== 42) return `the sum is not structured: ${preview(messages)}`;
  return undefined;
}

function sumIn(text = 'null'): unknown {
  const value: unknown = JSON.parse(text);
  return isRecord(value) && value.sum;
}

/** Sends a call once and reads all of its answer. */
export async function ask(url: string, call: Call, { headers, body }: Sent): Promise<string | undefined> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  try {
    return wrongIn(call, response.status, messagesOf(response.headers.get('content-type'), text));
  } catch {
    return `status ${response.status}: ${text.slice(0, 200)}`;
  }
}

function preview(messages: unknown[]): string {
  return JSON.stringify(messages.at(-1))?.slice(0, 200) ?? 'nothing';
}
