/** Made-up conversations of the legacy revisions, over HTTP and stdio, and modern ones over stdio. */
import { createWitness, type Side, type Violation } from '../../../src/cli/rules/witness.js';
import type { JsonObject } from '../../../src/wire/value.js';
import { type Answer, exchange } from './exchanges.js';

/** One clause, who violates it, and traffic that violates it and nothing else. */
export type Case = [clause: string, side: Side, traffic: () => Violation[]];

export const SERVER_CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  logging: {},
  completions: {},
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
};
export const LEGACY_CAPABILITIES = {
  roots: { listChanged: true },
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
};
export type Setup = {
  revision?: string;
  client?: JsonObject;
  server?: JsonObject;
  /** The session id that the server issues. */
  session?: string;
  /** Does not send `notifications/initialized`. */
  hasty?: boolean;
};

export const request = (method: string, params: JsonObject = {}, id: unknown = 7): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
export const notification = (method: string, params: JsonObject = {}): JsonObject => ({
  jsonrpc: '2.0',
  method,
  params,
});
export const result = (value: unknown, id: unknown = 7): JsonObject => ({
  jsonrpc: '2.0',
  id,
  result: value,
});
export const failure = (code: unknown, data?: unknown, id: unknown = 7): JsonObject => ({
  jsonrpc: '2.0',
  id,
  error: { code, message: 'no', ...(data === undefined ? {} : { data }) },
});

const opening = ({ revision = '2025-11-25', client = LEGACY_CAPABILITIES }: Setup): JsonObject =>
  request(
    'initialize',
    { protocolVersion: revision, capabilities: client, clientInfo: { name: 'client', version: '1' } },
    0,
  );
const opened = ({ revision = '2025-11-25', server = SERVER_CAPABILITIES }: Setup): JsonObject =>
  result(
    { protocolVersion: revision, capabilities: server, serverInfo: { name: 'server', version: '1' } },
    0,
  );

/** A legacy session over HTTP after its handshake. `found` has what was violated on the way. */
export function session(setup: Setup = {}) {
  const { revision = '2025-11-25', session: id } = setup;
  const witness = createWitness({ transport: 'http' });
  const found = exchange(witness, opening(setup), opened(setup), {
    headers: id === undefined ? {} : { 'mcp-session-id': id },
  });
  const headers = {
    ...(revision >= '2025-06-18' ? { 'MCP-Protocol-Version': revision } : {}),
    ...(id === undefined ? {} : { 'Mcp-Session-Id': id }),
  };
  const send = (
    message: unknown,
    answer?: JsonObject | readonly unknown[],
    options: Answer = {},
  ): Violation[] =>
    exchange(witness, message, answer, {
      ...options,
      requestHeaders: { ...headers, ...options.requestHeaders },
    });
  if (setup.hasty !== true)
    found.push(
      ...send(notification('notifications/initialized'), [], {
        status: 202,
        headers: { 'content-type': '' },
      }),
    );
  return { witness, found, send, headers };
}

/** One call of a legacy session, and what it violates. */
export function call(
  message: unknown,
  answer?: JsonObject | readonly unknown[],
  setup: Setup = {},
  options: Answer = {},
): Violation[] {
  const { found, send } = session(setup);
  return [...found, ...send(message, answer, options)];
}

/** Lines of stdio: those of the client begin with `>`, those of the server with `<`. */
export type Line = ['>' | '<', unknown];
export function lines(...given: Line[]): Violation[] {
  const witness = createWitness({ transport: 'stdio' });
  return given.flatMap(([from, message]) =>
    witness.line(
      from === '>' ? 'client' : 'server',
      typeof message === 'string' ? message : JSON.stringify(message),
    ),
  );
}

/** Lines after a legacy handshake. */
export function pipe(setup: Setup, ...given: Line[]): Violation[] {
  const initialized: Line[] = setup.hasty === true ? [] : [['>', notification('notifications/initialized')]];
  return lines(['>', opening(setup)], ['<', opened(setup)], ...initialized, ...given);
}
