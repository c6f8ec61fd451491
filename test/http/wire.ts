/** An endpoint on a free port, and a raw socket to it, because fetch corrects what a test wants to send. */
import { connect, type Socket } from 'node:net';
import { createEndpoint, type Endpoint, type EndpointOptions, type Tool } from '../../src/index.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';

export type Stand = {
  port: number;
  url: string;
  errors: string[];
  changed: Endpoint['changed'];
  disable: Endpoint['disable'];
  replaceTools: Endpoint['replaceTools'];
  close(): Promise<void>;
};

const open: { close(): Promise<void> }[] = [];

export async function stand(given: Partial<EndpointOptions> = {}): Promise<Stand> {
  const errors: string[] = [];
  const endpoint = createEndpoint({
    name: 'bench',
    version: '1.2.3',
    tools: [toolOf('t')],
    onError: (error, about) => errors.push(`${about}: ${error}`),
    ...given,
    bounds: { drainMs: 300, ...given.bounds },
  });
  const url = await endpoint.listen(0);
  const { changed, disable, replaceTools, close } = endpoint;
  const port = Number(new URL(url).port);
  const made = { port, url, errors, changed, disable, replaceTools, close: () => close() };
  open.push(made);
  return made;
}

/** For test.after: no listener outlives its file. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((each) => each.close()));
}

/** A tool that reports its start, and ends only when it is stopped or released. */
export function held(name = 'held'): { tool: Tool; started: Promise<AbortSignal>; letGo: () => void } {
  let start = (_signal: AbortSignal): void => {};
  let letGo = (): void => {};
  const started = new Promise<AbortSignal>((resolve) => {
    start = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const tool = toolOf(name, {
    handler: async (_args, { signal }) => {
      start(signal);
      await gone;
      return { content: [{ type: 'text', text: 'let go' }] };
    },
  });
  return { tool, started, letGo };
}

/** Stores the received bytes and waits for more. */
export class Wire {
  text = '';
  ended = false;
  constructor(readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ended = true;
    });
    socket.on('end', () => {
      this.ended = true;
    });
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  async until(done: (text: string) => boolean, ms?: number): Promise<string> {
    await until(
      () => done(this.text) || this.ended,
      () => `what came is:\n${this.text}`,
      ms,
    );
    if (!done(this.text)) throw new Error(`it ended before; what came is:\n${this.text}`);
    return this.text;
  }

  /** Everything up to the end of the connection by the server. */
  async toEnd(ms?: number): Promise<string> {
    await until(
      () => this.ended,
      () => `the server closes; what came is:\n${this.text}`,
      ms,
    );
    return this.text;
  }
}

export function dial(port: number): Wire {
  return new Wire(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
}

/** Sends one text, leaves the connection open, and reads until the server ends it. */
export async function raw(port: number, text: string, ms?: number): Promise<string> {
  const wire = dial(port).send(text);
  try {
    return await wire.toEnd(ms);
  } finally {
    wire.socket.destroy();
  }
}

/** Resolves when the server has answered a request on a new connection: by then it has read whatever was sent before. */
export async function hasRead(port: number): Promise<void> {
  for (let times = 0; times < 2; times += 1)
    await raw(port, requestText({ method: 'GET', headers: { connection: 'close' } }, '/healthz'));
}

/** Resolves when new connections are refused there: the server has begun to close. */
export async function refuses(port: number): Promise<void> {
  await until(async () => {
    const { socket } = dial(port);
    const refusal = await new Promise<NodeJS.ErrnoException | undefined>((resolve) =>
      socket.once('error', resolve).once('connect', () => resolve(undefined)),
    );
    socket.destroy();
    return refusal?.code === 'ECONNREFUSED';
  }, 'new connections are refused');
}

export type Sent = { method?: string; headers?: { [name: string]: string }; body?: string };

/** The text of one HTTP/1.1 request; an empty header value leaves that header out. */
export function requestText({ method = 'POST', headers = {}, body = '' }: Sent, target = '/mcp'): string {
  const all: { [name: string]: string } = {
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

export const legacy = (method: string, params?: object, id: unknown = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

export const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A modern call of a tool, with the headers that mirror it. */
export function modernCall(
  name: string,
  meta: object = {},
  id: unknown = 1,
  args?: object,
): { headers: Record<string, string>; body: string } {
  return {
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
    body: legacy('tools/call', { name, arguments: args, _meta: { ...MODERN, ...meta } }, id),
  };
}

export function statusOf(text: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
}
export function headerOf(text: string, name: string): string | undefined {
  const head = text.split('\r\n\r\n', 1)[0] ?? '';
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head.replaceAll('\r', ''))?.[1];
}
