/**
 * Two honest servers on plain node:http, as small as the clauses allow and with none of our own code: one of 2026-07-28 alone, one
 * of 2025-11-25. A test breaks them by answering some requests itself.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Message = { jsonrpc?: unknown; id?: unknown; method?: string; params?: { [name: string]: unknown } };
export type Request = {
  verb: string;
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  message: Message;
};
export type Answer = { status: number; headers?: { [name: string]: string }; body?: string };
/** Takes the response over itself by giving 'taken'. */
export type Handler = (request: Request, response: ServerResponse) => Answer | 'taken';

export async function startSmall(handle: Handler): Promise<{ url: URL; close(): Promise<void> }> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { method: verb = '', url: path = '', headers } = incoming;
      const answer = handle({ verb, path, headers, text, message: parse(text) }, response);
      if (answer !== 'taken') response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parse(text: string): Message {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

export const json = (status: number, value: unknown, headers = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
export const result = ({ id }: Message, value: object): Answer =>
  json(200, { jsonrpc: '2.0', id, result: value });
export const error = (status: number, code: number, id?: unknown, data?: object): Answer =>
  json(status, {
    jsonrpc: '2.0',
    ...(id === undefined ? {} : { id }),
    error: { code, message: `error ${code}`, ...(data === undefined ? {} : { data }) },
  });

const VERSION = '2026-07-28';
const PREFIX = 'io.modelcontextprotocol/';

/** Serves 2026-07-28 alone: server/discover, and nothing that could be discovered. */
export const modern: Handler = ({ verb, headers, text, message }) => {
  const { id, method, params } = message;
  if (headers.origin !== undefined) return { status: 403 };
  if (verb !== 'POST') return { status: 405, headers: { allow: 'POST' } };
  if (!isJson(text)) return error(400, -32700);
  if (message.jsonrpc !== '2.0' || typeof method !== 'string') return error(400, -32600);
  const meta = (params?._meta ?? {}) as { [name: string]: unknown };
  const version = meta[`${PREFIX}protocolVersion`];
  const named = headers['mcp-protocol-version'];
  const wrong = version !== undefined && version !== named;
  if (wrong || named === undefined || headers['mcp-method'] !== method)
    return error(400, -32020, id, { supported: [VERSION] });
  if (version === undefined || meta[`${PREFIX}clientCapabilities`] === undefined)
    return error(400, -32602, id);
  if (version !== VERSION) return error(400, -32022, id, { supported: [VERSION], requested: version });
  if (id === undefined) return { status: 202 };
  if (method !== 'server/discover') return error(404, -32601, id);
  return result(message, {
    resultType: 'complete',
    supportedVersions: [VERSION],
    capabilities: {},
    ttlMs: 0,
    cacheScope: 'public',
    _meta: { [`${PREFIX}serverInfo`]: { name: 'small', version: '1' } },
  });
};

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Serves 2025-11-25 without sessions: the handshake, ping, and log levels. */
export const legacy: Handler = ({ verb, headers, text, message }) => {
  const { id, method, params } = message;
  if (headers.origin !== undefined) return { status: 403 };
  if (verb !== 'POST') return { status: 405 };
  const version = headers['mcp-protocol-version'];
  if (!isJson(text) || (version !== undefined && version !== '2025-11-25' && version !== '2025-03-26'))
    return { status: 400 };
  if (id === undefined) return { status: 202 };
  if (method === 'initialize')
    return result(message, {
      protocolVersion: '2025-11-25',
      capabilities: { logging: {}, tools: {} },
      serverInfo: { name: 'small', version: '1' },
    });
  if (method === 'ping') return result(message, {});
  if (method === 'tools/list')
    return params?.cursor === undefined ? result(message, { tools: [] }) : error(200, -32602, id);
  if (method === 'tools/call') return error(200, -32602, id);
  if (method !== 'logging/setLevel') return error(200, -32601, id);
  return LEVELS.includes(String(params?.level)) ? result(message, {}) : error(200, -32602, id);
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
