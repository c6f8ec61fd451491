/** One client: one connection to nginx that is kept open, one request at a time, over node's own HTTP client. */
import { Agent, request } from 'node:http';

export type Reply = {
  status: number;
  text: string;
  session: string | undefined;
  /** The addresses that nginx tried; the last one answered. */
  servedBy: string[];
};

/** What is sent, besides the token and the content type. */
export type Message = { headers?: { [name: string]: string }; body: object };

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
export const LEGACY = '2025-11-25';

export function modern(
  id: string,
  method: string,
  params: { name?: string; [member: string]: unknown },
): Message {
  const headers = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(params.name === undefined ? {} : { 'mcp-name': params.name }),
  };
  return { headers, body: { jsonrpc: '2.0', id, method, params: { ...params, _meta: META } } };
}

export function legacy(id: string, method: string, params: object, session?: string): Message {
  const headers = {
    'mcp-protocol-version': LEGACY,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  };
  return { headers, body: { jsonrpc: '2.0', id, method, params } };
}

export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  constructor(
    readonly port: number,
    readonly token: string,
  ) {}

  /** Rejects where the connection broke before the answer was whole. `soFar` gets the text so far while more may follow. */
  post({ headers, body }: Message, soFar?: (text: string) => void): Promise<Reply> {
    const text = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.port,
          path: '/mcp',
          method: 'POST',
          agent: this.#agent,
          timeout: 20_000,
          headers: {
            host: `localhost:${this.port}`,
            authorization: `Bearer ${this.token}`,
            accept: 'application/json, text/event-stream',
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
            ...headers,
          },
        },
        (response) => {
          let came = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            came += part;
            soFar?.(came);
          });
          response.once('error', reject);
          response.once('aborted', () => reject(new Error('the answer broke off')));
          response.once('end', () => {
            const served = String(response.headers['x-served-by'] ?? '');
            const session = response.headers['mcp-session-id'];
            resolve({
              status: response.statusCode ?? 0,
              text: came,
              session: typeof session === 'string' ? session : undefined,
              servedBy: served.split(', ').filter((address) => address !== ''),
            });
          });
        },
      );
      asked.once('timeout', () => asked.destroy(new Error('no answer within 20 s')));
      asked.once('error', reject);
      asked.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The message in an answer, whether it came as JSON or as the last event of a stream. */
export function messageIn({ text }: Reply): { [member: string]: unknown } | undefined {
  const events = [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => data);
  try {
    return JSON.parse(events.at(-1) ?? text) as { [member: string]: unknown };
  } catch {
    return undefined;
  }
}
