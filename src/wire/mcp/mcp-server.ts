/** What one MCP server is, independent of any transport: the methods read it and the transports hold it. */
import type { Request } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { AnswerSizes } from './answer-sizes.js';
import type { ApprovalPort } from './approval-port.js';
import type { AuditPort } from './audit-port.js';
import type { Catalog } from './catalog.js';
import type { Changes } from './changes.js';
import type { Sealer } from './input-rounds.js';
import type { Policy } from './policy-port.js';
import type { PromptCatalog } from './prompts.js';
import type { RequestContext } from './request-context.js';
import type { ResourceCatalog } from './resources.js';
import type { TaskStore } from './task-store.js';

export type Implementation = { name: string; title?: string; version: string; description?: string };

export type McpServer = {
  info: Implementation;
  /** For a model: how to use this server. */
  instructions?: string;
  catalog: Catalog;
  /** Decides before anything runs; absent on a server that is open to whoever reaches it. */
  policy?: Policy | undefined;
  /** Asks a person about calls that policy leaves to one; absent where only tokens bring approvals. */
  approvals?: ApprovalPort | undefined;
  /** Writes down what was asked and what came of it; absent where nobody wants to know. */
  audit?: AuditPort | undefined;
  /** Absent where the server offers none, and with it the capability and its methods (2026-07-28/schema/003). */
  prompts: PromptCatalog | undefined;
  resources: ResourceCatalog | undefined;
  tasks: TaskStore | undefined;
  /** Whether log messages of handlers are sent to clients that ask for them. */
  logging: boolean;
  changes: Changes;
  sealer: Sealer;
  settings: Settings;
  /** How large the answers of its tools are; absent where nobody bounds them. */
  answerSizes?: AnswerSizes;
  /** Told of everything unexpected, with its cause; the wire only says that it happened. */
  onError: (error: unknown, request: Request) => void;
};

export type Settings = {
  /** Items on one page of a list. */
  pageSize: number;
  /** Milliseconds that a client may keep a list (`ttlMs`). */
  listTtlMs: number;
  /** Milliseconds that a tool may take. */
  toolDeadlineMs: number;
  /** Takes null as null everywhere, and not as an optional argument that was left out. */
  strictArguments: boolean;
};

/** One protocol method: the eras that have it, and its answer. A refusal is thrown as a Fault. */
export type Method = {
  name: string;
  eras: readonly Era[];
  /** Whether this server, for this caller, has the method at all; true unless given. */
  offered?: (server: McpServer, exchange: RequestContext) => boolean;
  handle(request: Request, exchange: RequestContext, server: McpServer): JsonObject | Promise<JsonObject>;
};
