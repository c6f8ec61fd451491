/**
 * The official TypeScript clients, versions 1 and 2, behind one interface, so that each test says once what every client must see. Over
 * HTTP they get a URL, over stdio the arguments of a server process that they start themselves.
 */

import { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
  type Transport as TransportV2,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { bearing, type Guarded } from '../support/governed.js';
import { scriptArguments } from '../support/script.js';
import { recordingFetch, Traffic } from './traffic.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INFO = { name: 'interop', version: '1.0.0' };

export type Progress = { progress: number; total?: number | undefined; message?: string | undefined };
export type CallOptions = {
  signal?: AbortSignal;
  /** Milliseconds until the client gives up. */
  timeout?: number;
  onprogress?: (progress: Progress) => void;
};
export type Called = JsonObject;
export type Listed = {
  name: string;
  title?: string | undefined;
  outputSchema?: unknown;
  inputSchema: object;
};

export type Session = {
  /** The agreed revision. */
  revision(): string | undefined;
  serverName(): string | undefined;
  /** All pages. */
  tools(): Promise<Listed[]>;
  call(name: string, args: JsonObject, options?: CallOptions): Promise<Called>;
  ping(): Promise<unknown>;
  /** Errors that the client reported outside of its calls. */
  errors: Error[];
  traffic: Traffic;
  /** The server process, over stdio, and what it has written to its log. */
  child(): ChildProcess | undefined;
  log(): string;
  close(): Promise<void>;
};

/** A URL, alone or with a token for it, or the arguments of `server.ts --stdio`. */
export type Target = URL | Guarded | string[];
export type Open = (target: Target, env?: Environment) => Promise<Session>;
/** For a server process, on top of the few variables that the clients hand on by themselves. */
export type Environment = { [name: string]: string };

/** Version 1, which proposes its newest revision by default. */
export function v1(propose?: string): Open {
  return async (target, env = {}) => {
    const traffic = new Traffic();
    const client = new ClientV1(INFO);
    const transport: TransportV1 = Array.isArray(target)
      ? new StdioV1(command(target, env))
      : httpV1(bearing(target), traffic);
    const watched = watch(transport, traffic, propose);
    client.onerror = (error) => watched.errors.push(error);
    await client.connect(transport);
    return {
      ...watched,
      revision: () => String(traffic.results('initialize')[0]?.protocolVersion),
      serverName: () => client.getServerVersion()?.name,
      async tools() {
        const tools: Listed[] = [];
        let cursor: string | undefined;
        do {
          const page = await client.listTools(cursor === undefined ? {} : { cursor });
          tools.push(...page.tools);
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        return tools;
      },
      call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
      ping: () => client.ping(),
      close: () => client.close(),
    };
  };
}

/** Version 2 in one of its modes; `offered` narrows the legacy revisions that it proposes. */
export function v2(mode: VersionNegotiationMode, offered?: string[]): Open {
  return async (target, env = {}) => {
    const traffic = new Traffic();
    const versions = offered === undefined ? {} : { supportedProtocolVersions: offered };
    const client = new ClientV2(INFO, { versionNegotiation: { mode }, ...versions });
    const transport: TransportV2 = Array.isArray(target)
      ? new StdioV2(command(target, env))
      : httpV2(bearing(target), traffic);
    const watched = watch(transport, traffic);
    client.onerror = (error) => watched.errors.push(error);
    await client.connect(transport);
    return {
      ...watched,
      revision: () => client.getNegotiatedProtocolVersion(),
      serverName: () => client.getServerVersion()?.name,
      tools: async () => (await client.listTools()).tools,
      call: (name, args, options) => client.callTool({ name, arguments: args }, options),
      ping: () => client.ping(),
      close: () => client.close(),
    };
  };
}

type Bearing = ReturnType<typeof bearing>;

const httpV1 = ({ url, options }: Bearing, traffic: Traffic) =>
  new HttpV1(url, { ...options, fetch: recordingFetch(traffic) });
const httpV2 = ({ url, options }: Bearing, traffic: Traffic) =>
  new HttpV2(url, { ...options, fetch: recordingFetch(traffic) });

function command(args: string[], env: Environment) {
  return {
    command: process.execPath,
    args: [...scriptArguments('src/server.ts'), '--stdio', ...args],
    cwd: ROOT,
    env: { ...getDefaultEnvironment(), ...env },
    stderr: 'pipe' as const,
  };
}

type Sends<Sent extends unknown[]> = { start(): Promise<void>; send(...sent: Sent): Promise<void> };
type Watched = Pick<Session, 'errors' | 'traffic' | 'child' | 'log'>;

// Over stdio the transport has no place for a fetch of ours: its process is looked at from the side.
function watch<Sent extends unknown[]>(transport: Sends<Sent>, traffic: Traffic, propose?: string): Watched {
  let child: ChildProcess | undefined;
  let log = '';
  const start = transport.start.bind(transport);
  const send = transport.send.bind(transport);
  transport.start = async () => {
    await start();
    const started: unknown = Reflect.get(transport, '_process');
    if (!(started instanceof ChildProcess)) return;
    child = started;
    const decoder = new TextDecoder();
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk;
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (text + decoder.decode(chunk, { stream: true })).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) traffic.receive(line);
    });
  };
  transport.send = (...sent) => {
    if (propose !== undefined) rewriteProposal(sent[0], propose);
    if (child !== undefined) traffic.send(sent[0]);
    return send(...sent);
  };
  return { errors: [], traffic, child: () => child, log: () => log };
}

// Version 1 has no setting for it.
function rewriteProposal(message: unknown, revision: string): void {
  if (isRecord(message) && message.method === 'initialize' && isRecord(message.params))
    message.params.protocolVersion = revision;
}
