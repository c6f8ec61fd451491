/** One request to a server of given tools, dispatched as a transport would, with a clock that the test controls. */

import type { After } from '../../src/wire/clock.js';
import type { Id, Response } from '../../src/wire/jsonrpc/message.js';
import { AnswerSizes } from '../../src/wire/mcp/budget.js';
import { Catalog } from '../../src/wire/mcp/catalog.js';
import { Changes } from '../../src/wire/mcp/connection.js';
import { defineTool, type Tool } from '../../src/wire/mcp/definitions.js';
import { dispatch } from '../../src/wire/mcp/dispatch.js';
import type { McpServer, Settings } from '../../src/wire/mcp/mcp-server.js';
import type { Reply } from '../../src/wire/mcp/reply.js';
import { type Caller, RequestContext } from '../../src/wire/mcp/request-context.js';
import type { NotificationMessage, Transport } from '../../src/wire/mcp/transport.js';
import type { Principal, Reader } from '../../src/wire/principal.js';
import type { Revision } from '../../src/wire/revisions.js';
import { createSealer, readSealingKeys } from '../../src/wire/server/sealer.js';
import type { JsonObject } from '../../src/wire/value.js';

export type Bench = McpServer & { errors: unknown[] };

export function serverOf(tools: readonly Tool[], settings: Partial<Settings> = {}): Bench {
  const errors: unknown[] = [];
  return {
    info: { name: 'bench', title: 'Bench', version: '1.2.3' },
    instructions: 'Ask.',
    catalog: new Catalog(tools),
    prompts: undefined,
    resources: undefined,
    tasks: undefined,
    logging: false,
    changes: new Changes(),
    answerSizes: new AnswerSizes(),
    sealer: createSealer(readSealingKeys([]), () => new Date()),
    settings: {
      pageSize: 100,
      listTtlMs: 60_000,
      toolDeadlineMs: 1_000,
      strictArguments: false,
      ...settings,
    },
    onError: (error) => errors.push(error),
    errors,
  };
}

export function toolOf(name: string, given: Partial<Tool> = {}): Tool {
  return defineTool({
    name,
    title: name,
    description: `The tool ${name}.`,
    scope: 'bench:read',
    destructive: false,
    inputSchema: { type: 'object' },
    handler: () => ({ content: [{ type: 'text', text: 'done' }] }),
    ...given,
  });
}

export function principalOf(given: Partial<Principal> = {}): Principal {
  return {
    issuer: 'https://issuer.example',
    user: 'ada',
    tenant: 'default',
    clientId: 'bench',
    scopes: [],
    approvedAt: undefined,
    expiresAt: undefined,
    ...given,
  };
}

/** A caller with that principal, whatever its token may read. */
export function anyReader(principal: string): Reader {
  return { principal, check: () => {} };
}

/** Timers that run when the test says so. */
export class Clock {
  readonly timers = new Set<{ ms: number; run: () => void }>();
  readonly after: After = (ms, run) => {
    const timer = { ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };
  strike(): void {
    for (const timer of this.timers) {
      this.timers.delete(timer);
      timer.run();
    }
  }
}

export function exchangeOf(
  revision: Revision,
  given: Partial<Transport> & { token?: Id; capabilities?: JsonObject; principal?: Principal } = {},
): { exchange: RequestContext; sent: NotificationMessage[]; clock: Clock } {
  const sent: NotificationMessage[] = [];
  const clock = new Clock();
  const { token, capabilities, principal = principalOf(), ...carrier } = given;
  const caller: Caller = { principal, progressToken: token, capabilities };
  const lent: Transport = { after: clock.after, notify: (message) => sent.push(message), ...carrier };
  return { exchange: new RequestContext(1, revision, caller, lent), sent, clock };
}

export async function ask(
  server: McpServer,
  revision: Revision,
  method: string,
  params: JsonObject = {},
  exchange = exchangeOf(revision).exchange,
): Promise<Reply> {
  return dispatch({ server, request: { kind: 'request', id: 1, method, params }, context: exchange });
}

/** The result as it is sent. */
export function resultOf({ text }: { text: string }): JsonObject {
  const { result, error } = JSON.parse(text);
  if (error === undefined) return result;
  throw new Error(`refused: ${error.message}`);
}

export function errorOf({ response }: { response: Response }): {
  code: number;
  message: string;
  data?: unknown;
} {
  if ('error' in response) return response.error;
  throw new Error(`not refused: ${JSON.stringify(response.result)}`);
}
